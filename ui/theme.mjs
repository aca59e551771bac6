// ui/theme.mjs — the colours, each as [light, dark], under the names that Designsystemet's files use.
//
// One accent (petrol). Red means danger and late, and nothing else. tests/ui/contrast.mjs holds every pair of
// text and ground to a contrast of 5.5 or more.

const scale = (names, rows) => Object.fromEntries(names.map((n, i) => [n, rows[i]]));
const full = ['surface-tinted', 'surface-hover', 'border-subtle', 'border-default', 'text-subtle', 'text-default',
  'base-default', 'base-hover', 'base-contrast-default'];

export const colours = {
  neutral: {
    'background-tinted': ['#f2f4f5', '#171c21'],
    'surface-default': ['#ffffff', '#1f262c'],
    ...scale(full, [['#e8ebed', '#2c343b'], ['#dde2e5', '#38424a'], ['#bdc4c9', '#45515a'], ['#727b83', '#8d979f'],
      ['#525b63', '#b3bcc3'], ['#1f2a33', '#eef2f4'], ['#3a464f', '#c3cbd1'], ['#2a343c', '#dbe1e5'], ['#ffffff', '#12171b']]),
  },
  accent: scale(full, [['#dbedf1', '#12353f'], ['#c5e2e9', '#184653'], ['#8fc2cf', '#2b6675'], ['#0b5a6b', '#79b4c3'],
    ['#0b5a6b', '#8cc6d4'], ['#063842', '#d3ebf1'], ['#0b5a6b', '#82bccb'], ['#084755', '#a0d0dc'], ['#ffffff', '#05232b']]),
  danger: scale(full, [['#fbe7e6', '#4a1719'], ['#f5d3d2', '#5c2022'], ['#e9aeac', '#8b3a3d'], ['#cc4541', '#dc6d70'],
    ['#b01515', '#f6a3a3'], ['#580b0b', '#ffe6e5'], ['#bd1a1a', '#f08a8a'], ['#981414', '#f6a8a8'], ['#ffffff', '#2b0505']]),
  warning: scale(full, [['#fbe7c6', '#3d2b0c'], ['#f6d69f', '#4f3911'], ['#e9af50', '#7a5717'], ['#a3690d', '#c08a2b'],
    ['#724708', '#eebd64'], ['#3a2604', '#fdebcd'], ['#e4951a', '#e5a93f'], ['#cb8216', '#efc06d'], ['#241701', '#241701']]),
  success: scale(full, [['#dcefdf', '#12351c'], ['#c6e4cb', '#184625'], ['#8fc79a', '#2e6b3d'], ['#177f33', '#4ea866'],
    ['#0a6423', '#86d19a'], ['#04310f', '#def5e3'], ['#0d752a', '#5cb975'], ['#0b6323', '#82cc95'], ['#ffffff', '#04210c']]),
  info: scale(full, [['#ddebf7', '#112f49'], ['#c6def1', '#173d5f'], ['#93bfe3', '#2d608e'], ['#1f74b8', '#5a9fd8'],
    ['#0a5793', '#97c8f0'], ['#052c4b', '#dceefc'], ['#0f68ab', '#6fb0e4'], ['#0b5288', '#93c5ec'], ['#ffffff', '#04182a']]),
  violet: scale(full, [['#ece5f6', '#33224c'], ['#ddd0ef', '#422d61'], ['#c1aadf', '#664b8e'], ['#7a4fb0', '#a583d4'],
    ['#5d3391', '#cdb5ee'], ['#2d164c', '#f0e7fc'], ['#6b3fa0', '#b493e0'], ['#563281', '#c9b0ec'], ['#ffffff', '#1b0b30']]),
  focus: { inner: ['#ffffff', '#12171b'], outer: ['#1f2a33', '#ffffff'] },
};

const lines = (which) => Object.entries(colours).flatMap(([c, steps]) =>
  Object.entries(steps).map(([s, pair]) => `--ds-color-${c}-${s}:${pair[which]}`)).join(';');

// What one colour is called inside an element marked with data-color.
const chosen = (c) => full.map((s) => `--ds-color-${s}:var(--ds-color-${c}-${s})`).join(';');

export function themeCss() {
  const plain = Object.keys(colours).filter((c) => c !== 'focus');
  return [
    `:root{color-scheme:light;${lines(0)};--ds-size-1:4px;--ds-size-2:8px;--ds-size-3:12px;--ds-size-6:24px;--ds-size-12:44px;`
      + '--ds-border-radius-sm:2px;--ds-border-radius-md:4px;--ds-border-radius-full:9999px;--ds-border-width-default:1px;'
      + '--ds-border-width-focus:3px;--ds-line-height-md:1.4;--ds-opacity-disabled:.5}',
    ':root,[data-color-scheme]{--dsc-focus-boxShadow:0 0 0 6px var(--ds-color-focus-inner);--dsc-focus-outline:3px solid var(--ds-color-focus-outer)}',
    `@media screen and (prefers-color-scheme:dark){:root:not([data-color-scheme=light]){color-scheme:dark;${lines(1)}}}`,
    `@media screen{:root[data-color-scheme=dark]{color-scheme:dark;${lines(1)}}}`,
    `:root{${chosen('accent')}}`,
    ...plain.map((c) => `[data-color=${c}]{${chosen(c)}}`),
  ].join('\n');
}
