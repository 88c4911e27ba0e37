const title = document.getElementById('title');
check('the headline: ' + title.textContent, /^\d+ of \d+ questions answered$/.test(title.textContent));
check('is the largest text', parseFloat(getComputedStyle(title).fontSize) > 24);
check('one picture is shown', visible('#peers ~ figure svg.plot').length === 1);
const marks = [...document.querySelectorAll('#peers ~ figure svg.plot .mark')].filter(is_shown);
check('its marks have a size: ' + marks.length,
  marks.length > 3 && marks.every(mark => mark.getBoundingClientRect().width > 5));
const picture = visible('#peers ~ figure svg.plot')[0].getBoundingClientRect();
const inside = element => {
  const box = element.getBoundingClientRect();
  return box.left >= picture.left - 1 && box.right <= picture.right + 1;
};
const texts = visible('#peers ~ figure svg.plot')[0].querySelectorAll('text');
check('no text of it is cut', [...texts].every(inside));
const open = document.getElementById('open');
check('open questions are folded', !open.open && !open.querySelector('pre').checkVisibility());
open.open = true;
check('and unfold', open.querySelector('pre').checkVisibility());
document.querySelector('#peers ~ figure svg.plot a').dispatchEvent(
  new MouseEvent('click', { bubbles: true, cancelable: true }));
await new Promise(done => setTimeout(done));
check('a comparison of the picture leads to its section: ' + location.hash,
  location.hash.startsWith('#c-'));
