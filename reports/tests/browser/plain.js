const frame = document.getElementById('page');
if (frame.contentDocument.readyState !== 'complete' || !frame.contentDocument.querySelector('main')) {
  await new Promise(done => frame.addEventListener('load', done, { once: true }));
}
const inside = frame.contentDocument;
check('no script ran', !inside.documentElement.classList.contains('with-js'));
const tables = [...inside.querySelectorAll('table')];
const folded = table => table.closest('details');
check('all tables are shown: ' + tables.length,
  tables.length > 5 && tables.every(table => folded(table) || is_shown(table)));
const rows = [...inside.querySelectorAll('tbody tr')].filter(row => !folded(row));
check('all rows are: ' + rows.length, rows.length > 50 && rows.every(is_shown));
check('every plot is, wide or narrow', visible('.plot.wide', inside).length >= 4);
check('every workload is', visible('.workload', inside).length === 27);
check('what needs a script is not', visible('.js', inside).length === 0);
check('all tables have captions', tables.every(table => table.caption));
check('folds open without a script', inside.querySelectorAll('details > summary').length > 0);
