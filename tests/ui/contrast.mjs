// tests/ui/contrast.mjs — every pair of text and ground of ui/theme.mjs has a contrast of 5.5 or more, light and
// dark (UX 8, goal 2), and the marks that carry meaning have 3 or more against what they stand on (WCAG 1.4.11).
import { colours } from '../../ui/theme.mjs';

const light = (hex) => {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
export const contrast = (a, b) => {
  const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
  return (x + 0.05) / (y + 0.05);
};

const n = colours.neutral;
const pairs = [];
const add = (least, what, over, text, ground) => pairs.push({ least, what: `${what} on ${over}`, text, ground });
for (const ground of ['background-tinted', 'surface-default', 'surface-tinted', 'surface-hover']) {
  add(5.5, 'neutral text', ground, n['text-default'], n[ground]);
  if (ground !== 'surface-hover') add(5.5, 'muted text', ground, n['text-subtle'], n[ground]);
}
for (const [name, c] of Object.entries(colours)) {
  if (name === 'focus') continue;
  add(5.5, `${name} tag`, 'its surface', c['text-default'], c['surface-tinted']);
  add(5.5, `${name} tag`, 'its hover', c['text-default'], c['surface-hover']);
  add(5.5, `${name} filled`, 'its base', c['base-contrast-default'], c['base-default']);
  add(5.5, `${name} filled`, 'its hover', c['base-contrast-default'], c['base-hover']);
  add(3, `${name} frame`, 'surface', c['border-default'], n['surface-default']);
}
for (const name of ['accent', 'danger']) for (const ground of ['background-tinted', 'surface-default'])
  add(5.5, `${name} text`, ground, colours[name]['text-subtle'], n[ground]);
add(5.5, 'accent text', 'accent surface', colours.accent['text-default'], colours.accent['surface-tinted']);
for (const name of ['accent', 'success']) add(3, `${name} bar`, 'page', colours[name]['base-default'], n['background-tinted']);
add(3, 'focus ring', 'page', colours.focus.outer, n['background-tinted']);

let bad = 0, lowest = Infinity;
for (const p of pairs) for (const [i, mode] of ['light', 'dark'].entries()) {
  const c = contrast(p.text[i], p.ground[i]);
  if (p.least > 3) lowest = Math.min(lowest, c);
  if (c < p.least) {
    bad++;
    console.log(`${mode}: ${p.what}: ${c.toFixed(2)} is under ${p.least}`);
  }
}
// The control: a grey that is known to be too weak is found.
if (contrast('#999999', '#ffffff') >= 5.5 || Math.abs(contrast('#000000', '#ffffff') - 21) > 0.01) {
  bad++;
  console.log('the measure itself is wrong');
}
console.log(`${pairs.length * 2} pairs, ${bad} too weak, lowest text ${lowest.toFixed(2)}`);
process.exit(bad ? 1 : 0);
