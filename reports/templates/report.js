// Search, sorting, filters and theme. The page says all it has to say without it. The state
// stands in the address: #anchor?q=words&sort.table=column.direction&filter.table=words
'use strict';
(() => {
  const root = document.documentElement;
  root.classList.add('with-js');
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  const words = text => text.toLowerCase().split(/\s+/).filter(word => word);
  const has = (text, wanted) => wanted.every(word => text.includes(word));

  // The address.
  const read = () => {
    const [anchor, query] = location.hash.slice(1).split(/\?(.*)/s);
    let id = anchor;
    try { id = decodeURIComponent(anchor); } catch { /* as it stands */ }
    return { anchor: id, state: new URLSearchParams(query || '') };
  };
  let { anchor, state } = read();
  // A step back undoes an order, or all of what was typed into a field in one go.
  let typing_into = '';
  const remember = (key, value, is_typed) => {
    if (value) state.set(key, value); else state.delete(key);
    const query = state.toString();
    const hash = '#' + encodeURIComponent(anchor) + (query ? '?' + query : '');
    const goes_on = is_typed && typing_into === key;
    typing_into = is_typed ? key : '';
    try {
      if (goes_on) history.replaceState(null, '', hash); else history.pushState(null, '', hash);
    } catch { /* some readers allow no history */ }
  };
  document.addEventListener('focusout', () => { typing_into = ''; });

  // Theme.
  const stored = (value) => {
    try {
      if (value) localStorage.setItem('theme', value);
      return localStorage.getItem('theme');
    } catch { return null; }
  };
  const set_theme = theme => { root.dataset.theme = theme; };
  if (stored()) set_theme(stored());
  const is_dark = () => root.dataset.theme
    ? root.dataset.theme === 'dark'
    : matchMedia('(prefers-color-scheme: dark)').matches;
  const theme_button = document.getElementById('theme');
  const tell_theme = () => theme_button.setAttribute('aria-pressed', String(is_dark()));
  theme_button.addEventListener('click', () => {
    const theme = is_dark() ? 'light' : 'dark';
    set_theme(theme);
    stored(theme);
    tell_theme();
  });
  tell_theme();

  // Which rows and cards are shown: a row must pass the search and its table's filter.
  const search = document.getElementById('search');
  const rows = all('[data-s]').map(element => ({
    element,
    text: element.dataset.s.toLowerCase(),
    // Read when a filter first asks: most never do.
    row: undefined,
    table: element.closest('table')?.id,
    is_card: element.classList.contains('workload'),
  }));
  const filters = new Map(all('[data-filter]').map(input => [input.dataset.filter, input]));
  const show = () => {
    const wanted = words(search.value);
    const counts = new Map();
    let hits = 0, cards = 0;
    const asked = new Map(Array.from(filters, ([table, input]) => [table, words(input.value)]));
    for (const entry of rows) {
      const { element, text, table, is_card } = entry;
      const found = has(text, wanted);
      const filter = asked.get(table) || [];
      if (filter.length) entry.row ??= element.textContent.toLowerCase();
      const passes = !filter.length || has(entry.row, filter);
      element.hidden = !(found && passes);
      if (is_card) { cards += 1; hits += found; }
      if (table) {
        const [shown, of] = counts.get(table) || [0, 0];
        counts.set(table, [shown + (found && passes), of + 1]);
      }
    }
    for (const [table, input] of filters) {
      const [shown, of] = counts.get(table) || [0, 0];
      const output = document.querySelector(`output[for="${input.id}"]`);
      output.textContent = shown < of ? `${shown} of ${of} rows` : '';
    }
    for (const section of all('.comparison')) {
      section.hidden = wanted.length > 0
        && all('[data-s]', section).every(element => element.hidden);
    }
    // What is found comes to the top.
    for (const part of all('.overview')) part.hidden = wanted.length > 0;
    document.getElementById('hits').textContent =
      wanted.length ? `${hits || 'none'} of ${cards} workloads` : '';
  };
  search.addEventListener('input', () => { show(); remember('q', search.value.trim(), true); });
  search.addEventListener('keydown', event => {
    const first = rows.find(({ element, is_card }) => is_card && !element.hidden);
    if (event.key === 'Enter' && first) first.element.scrollIntoView();
    if (event.key === 'Escape') { search.value = ''; show(); remember('q', '', true); }
  });
  document.addEventListener('keydown', event => {
    const typing = event.target instanceof HTMLInputElement;
    if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      search.focus();
    }
  });
  for (const [table, input] of filters) {
    input.addEventListener('input', () => { show(); remember('filter.' + table, input.value.trim(), true); });
  }

  // Sorting: numbers by data-v, texts by themselves; what is absent comes last.
  const key = (row, column) => {
    const cell = row.cells[column];
    if (!cell) return null;
    if (cell.dataset.v !== undefined) return Number(cell.dataset.v);
    const text = cell.textContent.trim();
    return text && text !== '–' ? text : null;
  };
  const compare = (a, b) => typeof a === 'number' && typeof b === 'number'
    ? a - b
    : String(a).localeCompare(String(b), 'en', { numeric: true });
  const written = new Map(all('table.sortable').map(t => [t, Array.from(t.tBodies[0].rows)]));
  const unsort = table => {
    const cell = table.querySelector('th[aria-sort]');
    if (!cell) return;
    cell.removeAttribute('aria-sort');
    table.tBodies[0].append(...written.get(table));
  };
  const sort = (table, column, direction) => {
    const body = table.tBodies[0];
    const keyed = Array.from(body.rows).map(row => [key(row, column), row]);
    const sign = direction === 'descending' ? -1 : 1;
    keyed.sort(([a], [b]) => a === null || b === null
      ? (a === null) - (b === null)
      : sign * compare(a, b));
    body.append(...keyed.map(([, row]) => row));
    Array.from(table.tHead.rows[0].cells).forEach((cell, index) => {
      if (index === column) cell.setAttribute('aria-sort', direction);
      else cell.removeAttribute('aria-sort');
    });
  };
  for (const table of all('table.sortable')) {
    Array.from(table.tHead.rows[0].cells).forEach((cell, column) => {
      if (cell.dataset.plain !== undefined) return;
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...cell.childNodes);
      cell.append(button);
      button.addEventListener('click', () => {
        const ascending = cell.getAttribute('aria-sort') === 'ascending';
        const direction = ascending ? 'descending' : 'ascending';
        sort(table, column, direction);
        remember('sort.' + table.id, column + '.' + direction);
      });
    });
  }

  // What the address asks for.
  let shown_anchor = '';
  const restore = () => {
    ({ anchor, state } = read());
    typing_into = '';
    search.value = state.get('q') || '';
    for (const [table, input] of filters) input.value = state.get('filter.' + table) || '';
    show();
    for (const table of all('table.sortable')) {
      const [column, direction] = (state.get('sort.' + table.id) || '').split('.');
      const is_known = direction === 'ascending' || direction === 'descending';
      if (is_known && Number(column) < table.tHead.rows[0].cells.length) {
        sort(table, Number(column), direction);
      } else {
        unsort(table);
      }
    }
    for (const element of all('.target')) element.classList.remove('target');
    const target = anchor && document.getElementById(anchor);
    const is_there = anchor === shown_anchor;
    shown_anchor = anchor;
    if (!target) return;
    for (let element = target; element; element = element.parentElement) element.hidden = false;
    if (target.matches('.workload, tr')) target.classList.add('target');
    // A step back to another filter is no reason to jump.
    if (!is_there) target.scrollIntoView();
  };
  // A link of the page leads elsewhere but keeps the search, the filters and the order.
  document.addEventListener('click', event => {
    const link = event.target.closest?.('a[href^="#"]');
    if (!link) return;
    anchor = link.getAttribute('href').slice(1);
    shown_anchor = '';
    const query = state.toString();
    if (query) {
      event.preventDefault();
      location.hash = '#' + anchor + '?' + query;
    }
  });
  addEventListener('hashchange', restore);
  restore();
})();
