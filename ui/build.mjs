// ui/build.mjs — makes the style, the script, the font and the icon that the program carries inside itself.
//
//   node ui/build.mjs OUT_DIRECTORY [FILE]     FILE gets the milliseconds that npm took, 0 when nothing was fetched
//
// Takes two packages from the npm registry, by `npm ci --ignore-scripts` against the lock file, once per lock
// file (the result is kept under $AVSTAMP_UI_CACHE, or the user's cache). Then, with Node alone: one app.css out
// of theme.mjs, a file of Designsystemet and css/*.css; app.js; gzip and brotli of both; and assets.c, which
// embeds everything with .incbin and knows each file's type, ETag and integrity. Runs on Node 18.
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { themeCss } from './theme.mjs';

const here = dirname(fileURLToPath(import.meta.url));

function fail(sentence) {
  process.stderr.write(`ui: ${sentence}\n`);
  process.exit(1);
}

const hash = (kind, data, coding) => createHash(kind).update(data).digest(coding);

// ---- what comes from others ----

function cacheRoot(out) {
  if (process.env.AVSTAMP_UI_CACHE) return process.env.AVSTAMP_UI_CACHE;
  if (process.env.XDG_CACHE_HOME) return join(process.env.XDG_CACHE_HOME, 'avstamp-ui');
  const home = homedir();
  return home && existsSync(home) ? join(home, '.cache', 'avstamp-ui') : join(out, 'ui-cache');
}

let fetched = false;

function packages(out) {
  const lock = readFileSync(join(here, 'package-lock.json'));
  const root = cacheRoot(out);
  const kept = join(root, hash('sha256', lock, 'hex').slice(0, 16));
  if (existsSync(join(kept, 'node_modules'))) return join(kept, 'node_modules');
  fetched = true;
  mkdirSync(root, { recursive: true });
  const work = mkdtempSync(join(root, 'new-'));
  for (const f of ['package.json', 'package-lock.json']) copyFileSync(join(here, f), join(work, f));
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    { cwd: work, encoding: 'utf8' });
  if (npm.error || npm.status !== 0) {
    rmSync(work, { recursive: true, force: true });
    if (npm.error) fail('npm was not found: install it (apt-get install --no-install-recommends nodejs npm) and build again.');
    process.stderr.write(npm.stderr);
    fail('npm could not fetch the packages of ui/package-lock.json: see that a package registry is reachable and build again.');
  }
  try {
    renameSync(work, kept);
  } catch {
    rmSync(work, { recursive: true, force: true }); // another build was first
  }
  return join(kept, 'node_modules');
}

// ---- css and js ----

// Comments and needless white space only. Strings are kept whole.
function squeezeCss(text) {
  return text.split(/("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/).map((part, i) => (i % 2 ? part : part
    .replace(/\/\*[\s\S]*?\*\//g, '').replace(/\s+/g, ' ').replace(/ ?([{};,]) ?/g, '$1').replace(/: (?=[^{}]*[;}])/g, ':')
    .replace(/;}/g, '}'))).join('').trim();
}

function squeezeJs(text) {
  return text.split('\n').map((l) => l.trim()).filter((l) => l && !l.startsWith('//')).join('\n') + '\n';
}

function appCss(modules, fontName) {
  const taken = readFileSync(join(modules, '@digdir/designsystemet-css/dist/src/input.css'), 'utf8');
  if (/url\(/.test(taken)) fail('the style taken from Designsystemet refers to other files; move them before it is used.');
  const own = readdirSync(join(here, 'css')).filter((f) => f.endsWith('.css')).sort()
    .map((f) => readFileSync(join(here, 'css', f), 'utf8')).join('\n');
  const font = `@font-face{font-family:"Source Sans 3";src:url("${fontName}") format("woff2");font-weight:200 900;font-style:normal;font-display:optional}`;
  return `@layer ds,own;${font}@layer ds{${squeezeCss(themeCss())}${squeezeCss(taken)}}@layer own{${squeezeCss(own)}}`;
}

// ---- the embedded files ----

function asset(role, stem, extension, type, data, compressed) {
  const sha384 = hash('sha384', data, 'base64');
  const id = hash('sha256', data, 'hex').slice(0, 10);
  return {
    role, type, data, id,
    name: `${stem}.${id}.${extension}`,
    integrity: `sha384-${sha384}`,
    gzip: compressed ? gzipSync(data, { level: 9 }) : null,
    brotli: compressed ? brotliCompressSync(data, { params: {
      [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: data.length } }) : null,
  };
}

const cString = (s) => `"${s.replace(/[\\"]/g, '\\$&')}"`;

function embed(out, label, data, blobs) {
  if (!data) return 'STR_UNSET';
  const file = join(out, `${label}.bin`);
  writeFileSync(file, data);
  blobs.push({ label, file, size: data.length });
  return `{ blob_${label}, ${data.length} }`;
}

function writeC(out, assets, works) {
  const blobs = [];
  const rows = assets.map((a) => `\t{ STR(${cString(a.name)}), STR(${cString(a.type)}), STR(${cString(`"${a.id}"`)}),\n`
    + `\t  ${embed(out, `${a.role}_raw`, a.data, blobs)}, ${embed(out, `${a.role}_gzip`, a.gzip, blobs)}, ${embed(out, `${a.role}_brotli`, a.brotli, blobs)} },`);
  const texts = works.map((w, i) => `\t{ STR(${cString(w.name)}), STR(${cString(w.version)}), STR(${cString(w.licence)}), STR(${cString(w.use)}),\n`
    + `\t  ${embed(out, `licence_${i}`, Buffer.from(w.text), blobs)} },`);
  const asm = blobs.map((b) => `__asm__(".section .rodata\\n.balign 16\\nblob_${b.label}:\\n.incbin ${cString(cString(b.file)).slice(1, -1)}\\n.byte 0\\n.previous\\n");\n`
    + `extern const char blob_${b.label}[] __attribute__((visibility("hidden")));`);
  const roles = assets.map((a, i) => `const struct asset *asset_${a.role}(void)\n{\n\treturn &assets[${i}];\n}\n`);
  const text = `/* Written by ui/build.mjs; not to be edited. */
#include "view/assets.h"
#include "view/assets_i.h"

${asm.join('\n')}

const struct asset assets[] = {
${rows.join('\n')}
};
const size_t n_assets = COUNT_OF(assets);
const struct asset_more assets__more[] = {
${assets.map((a) => `\t{ STR(${cString(`/a/${a.name}`)}), STR(${cString(a.integrity)}) },`).join('\n')}
};
const struct work works[] = {
${texts.join('\n')}
};
const size_t n_works = COUNT_OF(works);

${roles.join('\n')}`.replace(/STR\(/g, 'ASSET_STR(').replace(/STR_UNSET/g, '{ NULL, 0 }');
  writeFileSync(join(out, 'assets.c'), text);
}

function versionOf(modules, name) {
  return JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')).version;
}

function main(out, timeFile) {
  mkdirSync(out, { recursive: true });
  const began = Date.now();
  const modules = packages(out);
  if (timeFile) writeFileSync(timeFile, `${fetched ? Date.now() - began : 0}\n`);
  const read = (p) => readFileSync(join(modules, p));
  const font = asset('font', 'source-sans-3', 'woff2', 'font/woff2',
    read('@fontsource-variable/source-sans-3/files/source-sans-3-latin-wght-normal.woff2'), false);
  const css = asset('css', 'app', 'css', 'text/css; charset=utf-8', Buffer.from(appCss(modules, font.name)), true);
  const js = asset('js', 'app', 'js', 'text/javascript; charset=utf-8',
    Buffer.from(squeezeJs(readFileSync(join(here, 'app.js'), 'utf8'))), true);
  const icon = asset('icon', 'icon', 'svg', 'image/svg+xml', readFileSync(join(here, 'icon.svg')), true);
  if (js.brotli.length > 10 * 1024) fail(`app.js is ${js.brotli.length} bytes compressed; the limit is 10 kB.`);
  writeC(resolve(out), [css, js, font, icon], [
    { name: 'Designsystemet', version: versionOf(modules, '@digdir/designsystemet-css'), licence: 'MIT',
      use: 'Digitaliseringsdirektoratet (Digdir). Utseendet på formulärens fält.',
      text: read('@digdir/designsystemet-css/LICENSE') },
    { name: 'Source Sans 3', version: versionOf(modules, '@fontsource-variable/source-sans-3'), licence: 'SIL OFL 1.1',
      use: 'Adobe. Typsnittet, i oförändrat skick.', text: read('@fontsource-variable/source-sans-3/LICENSE') },
  ]);
  const size = (a) => `${a.name} ${a.data.length}${a.brotli ? ` br ${a.brotli.length}` : ''}`;
  if (process.env.AVSTAMP_UI_SIZES) process.stdout.write(`ui: ${[css, js, font, icon].map(size).join(', ')}\n`);
}

if (process.argv.length < 3 || process.argv.length > 4) fail('usage: node ui/build.mjs OUT_DIRECTORY [FILE]');
main(process.argv[2], process.argv[3]);
