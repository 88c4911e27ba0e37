const said = [];
const check = (what, good) => said.push((good ? 'ok ' : 'WRONG ') + what);
const is_shown = element => element.getClientRects().length > 0;
const visible = (selector, from = document) => [...from.querySelectorAll(selector)].filter(is_shown);
const type = (id, text) => {
  const input = document.getElementById(id);
  input.focus();
  input.value = text;
  input.dispatchEvent(new Event('input'));
};
const figures = (table, column) =>
  [...table.tBodies[0].rows].map(row => Number(row.cells[column].dataset.v));
const sorted = (values, sign) =>
  values.length > 1 && values.every((v, i) => i === 0 || sign * (v - values[i - 1]) >= 0);
const column_of = (table, name) =>
  [...table.tHead.rows[0].cells].findIndex(cell => cell.textContent.startsWith(name));
// What a step back changes is there when this is.
const back = () => new Promise(done => {
  addEventListener('hashchange', () => setTimeout(done), { once: true });
  history.back();
});
const say = () => {
  const result = document.createElement('pre');
  result.id = 'result';
  result.textContent = said.join('\n');
  document.body.append(result);
};
