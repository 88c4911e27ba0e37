// WCAG 2.2, relative luminance and contrast ratio.
const linear = v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
const luminance = ([r, g, b]) =>
  0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
const contrast = (a, b) => {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
};
const rgba = text => text.match(/[\d.]+/g).map(Number);
const ground_of = element => {
  for (; element; element = element.parentElement) {
    const colour = rgba(getComputedStyle(element).backgroundColor);
    if (colour.length < 4 || colour[3] > 0) return colour;
  }
  return [255, 255, 255];
};
const has_text = element =>
  [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
// Texts that are hard to read, each kind once.
const faint = () => {
  const found = new Set();
  for (const element of document.querySelectorAll('body *')) {
    if (!has_text(element) || !is_shown(element)) continue;
    const style = getComputedStyle(element);
    const ink = rgba(element.namespaceURI.endsWith('svg') ? style.fill : style.color);
    const ratio = contrast(ink, ground_of(element));
    if (ratio < 4.5) {
      found.add(`${element.localName}.${element.getAttribute('class')} ${ratio.toFixed(2)}`);
    }
  }
  return [...found].join('; ');
};
const ground = () => getComputedStyle(document.body).backgroundColor;
const button = document.getElementById('theme');
check('black on white is 21', Math.abs(contrast([0, 0, 0], [255, 255, 255]) - 21) < 1e-9);
const before = ground();
check('every text of the first theme can be read: ' + faint(), faint() === '');
const pressed = button.getAttribute('aria-pressed');
button.click();
check('the theme changes', ground() !== before);
check('the button says so', button.getAttribute('aria-pressed') !== pressed);
check('every text of the second theme can be read: ' + faint(), faint() === '');
let kept = null;
try { kept = localStorage.getItem('theme'); } catch { kept = 'not allowed here'; }
check('the choice is kept: ' + kept, kept !== null);
button.click();
check('and changes back', ground() === before);
