check('the deep link is marked', document.querySelector('.target')?.id === 'w-file-load-auto-warm');
const top_px = document.querySelector('.target')?.getBoundingClientRect().top;
check('the deep link is in view: ' + top_px, top_px >= 0 && top_px < innerHeight);

check('all workloads are there', visible('.workload').length === 27);
type('search', 'slab 4');
check('search narrows', visible('.workload').length === 2);
check('search narrows tables', visible('#t-c-registry-lookup tbody tr').length === 2);
check('search narrows changes', visible('#t-changes tbody tr').length === 2);
check('search hides what has no hit', visible('#c-file-load').length === 0);
check('search counts', document.getElementById('hits').textContent === '2 of 27 workloads');
check('search is in the address: ' + location.hash, location.hash.includes('q=slab+4'));
type('search', 'nothing like this');
check('no hit says so', document.getElementById('hits').textContent === 'none of 27 workloads');
await back();
check('a step back undoes what was typed', document.getElementById('search').value === '');
check('and shows all again', visible('.workload').length === 27);

const table = document.getElementById('t-c-registry-lookup');
const column = column_of(table, 'time per');
const as_written = figures(table, column).join();
const button = table.tHead.rows[0].cells[column].querySelector('button');
button.click();
check('sorts ascending', sorted(figures(table, column), 1));
button.click();
check('sorts descending', sorted(figures(table, column), -1));
check('says so', table.querySelector('[aria-sort]').getAttribute('aria-sort') === 'descending');
check('order is in the address', location.hash.includes('sort.t-c-registry-lookup='));
await back();
check('a step back undoes one order', sorted(figures(table, column), 1));
await back();
check('and two the other', figures(table, column).join() === as_written);
check('and says so', table.querySelector('[aria-sort]') === null);

type('f-c-registry-lookup', 'dashmap');
check('a filter narrows its table', visible('#t-c-registry-lookup tbody tr').length === 6);
check('and no other', visible('#t-c-file-load tbody tr').length === 3);
type('f-c-registry-lookup', '');
type('f-changes', 'better');
check('changes can be filtered by verdict', visible('#t-changes tbody tr').length === 2);
type('f-changes', '');

document.querySelector('#t-changes tbody tr:not([hidden]) a').click();
await new Promise(done => setTimeout(done));
check('a change leads to its card', location.hash.startsWith('#w-registry-lookup-slab-4'));
