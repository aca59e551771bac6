// tests/browser/run.mjs — every screen under axe in both widths and schemes; the main job with and without script;
// what happens when two write at once, when the screen locks, when the vault is gone.
import { parseArgs } from 'node:util';
import { Demo, Skip, browserArguments, chromium, packages, programOf } from './house.mjs';
import { Person } from './people.mjs';
import { Tap } from './tap.mjs';
import { look, schemes, screens, widths } from './list.mjs';
import { mainJob, mostClicks, mostLoads } from './job.mjs';
import { edges } from './edges.mjs';

const mostBytes = 25000;

const { values: given, positionals } = parseArgs({ allowPositionals: true, options: {
  program: { type: 'string' }, verbose: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } });

if (given.help) {
  process.stdout.write('tests/browser/run [--program BUILD/avstamp] [--verbose] [screens|job|edges|NAME ...]\n\n' +
    'Fills and serves a demo of its own and drives Debian\'s chromium over it. Prints ok and not ok lines (TAP).\n' +
    'NAME: the beginning of a screen\'s name in list.mjs. Without chromium it says so and ends with 77.\n');
  process.exit(0);
}
const wanted = (group) => positionals.length === 0 || positionals.includes(group);

// ---- screens ----

const axeRules = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'] };

// Light or dark changes nothing but colours: the dark one is asked about those alone.
const colourRules = { runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] }, resultTypes: ['violations'] };

async function axeOf(page, source, rules) {
  if (!await page.evaluate(() => 'axe' in self)) await page.evaluate(source);
  const violations = await page.evaluate(async (rules) => (await self.axe.run(document, rules)).violations
    .map((v) => `${v.id}: ${v.help}\n  ${v.nodes.slice(0, 3).map((n) => `${n.target.join(' ')} ${n.html.slice(0, 160)}`).join('\n  ')}`), rules);
  return violations;
}

// What sticks out to the right; the parts of a scrolling strip may.
const overflow = (page) => page.evaluate(() => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide <= 0) return [];
  return [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 4).map((e) => `${wide} px: ${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 60)}`);
});

async function screen(tap, s, p, w, source) {
  p.breaches.length = 0;
  let bytes = 0;
  const weigh = async (r) => {
    if (r.request().isNavigationRequest() && r.frame() === p.page.mainFrame() && r.status() < 300) bytes = (await r.body().catch(() => '')).length;
  };
  p.page.on('response', weigh);
  await s.reach(p, w);
  await p.page.waitForLoadState('load');
  const faults = [];
  if (p.status !== (s.status ?? 200)) faults.push(`answered ${p.status}, not ${s.status ?? 200}`);
  const title = await p.title();
  if (!await p.titleIsNeutral() || title.startsWith('Fel: ') !== (s.fault ?? false)) faults.push(`title: ${title}`);
  faults.push(...p.breaches.map((b) => `policy: ${b}`));
  for (const width of widths) {
    await p.page.setViewportSize({ width, height: width < 600 ? 844 : 900 });
    faults.push(...(await overflow(p.page)).map((t) => `${width} overflow ${t}`));
    for (const colorScheme of schemes) {
      await p.page.emulateMedia({ colorScheme });
      faults.push(...(await axeOf(p.page, source, colorScheme === schemes[0] ? axeRules : colourRules)).map((t) => `${width} ${colorScheme} ${t}`));
    }
  }
  await p.page.waitForTimeout(0);
  p.page.off('response', weigh);
  if (s.case && bytes > mostBytes) faults.push(`${bytes} bytes, at most ${mostBytes}`);
  tap.check(faults.length === 0, `screen ${s.name}${s.case ? ` (${(bytes / 1000).toFixed(1)} kB)` : ''}`, faults);
}

async function allScreens(tap, browser, demo, source) {
  const people = new Map(), worlds = new Map();
  for (const s of screens) {
    if (!wanted('screens') && !positionals.some((n) => s.name.startsWith(n))) continue;
    try {
      if (!people.has(s.user) || s.last) people.set(s.user, await Person.arrive(browser, demo, s.user));
      const p = people.get(s.user);
      if (!worlds.has(s.user)) {
        const works = demo.account(s.user)?.roles.some((r) => ['coordinator', 'social_worker', 'police', 'manager'].includes(r));
        worlds.set(s.user, works ? await look(p) : {});
      }
      await screen(tap, s, p, worlds.get(s.user), source);
    } catch (e) {
      tap.check(false, `screen ${s.name}`, [e.message]);
    }
  }
  for (const p of people.values()) await p.leave();
}

// ---- the main job ----

async function jobs(tap, browser, demo) {
  for (const [script, alias] of [[true, 'Lärkan'], [false, 'Svalan']]) {
    const how = script ? 'with script' : 'without script';
    await tap.group(`main job ${how}`, async () => {
      const r = await mainJob(browser, demo, script, alias);
      if (given.verbose) for (const s of r.steps) tap.note(s);
      tap.check(/Stabilisering/.test(r.agreed), `the plan is agreed ${how}`, [r.agreed]);
      tap.check(/Överenskommen/.test(r.plan) && /egen lägenhet/.test(r.plan) && /En gång i veckan/.test(r.plan),
        `the plan holds what was written ${how}`, [r.plan]);
      tap.check(r.clicks <= mostClicks, `${r.clicks} clicks ${how}, at most ${mostClicks}`, r.steps);
      tap.check(r.loads <= mostLoads, `${r.loads} page loads ${how}, at most ${mostLoads}`, r.steps);
      tap.check(r.breaches.length === 0, `no breach of the content policy ${how}`, r.breaches);
    });
  }
}

// ---- all of it ----

const tap = new Tap();
let demo, browser, code = 1;
try {
  const executablePath = chromium();
  const { playwright, axe } = packages();
  demo = await Demo.start(programOf(given.program));
  browser = await playwright.chromium.launch({ executablePath, args: browserArguments });
  tap.note(`chromium ${browser.version()}, ${demo.base}`);
  if (wanted('job')) await jobs(tap, browser, demo);
  if (wanted('edges')) await edges(tap, browser, demo);
  await allScreens(tap, browser, demo, axe);
  if (demo.output.includes('slutade')) {
    const times = demo.output.split('slutade').length - 1;
    // The screen startar-om kills the vault once; nothing else may end a process.
    const own = wanted('screens') || positionals.some((n) => 'startar-om'.startsWith(n)) ? 1 : 0;
    tap.check(times <= own, 'no process ended by itself', demo.output.split('\n').filter((l) => l.includes('slutade')));
  }
  code = tap.end();
} catch (e) {
  if (e instanceof Skip) {
    process.stdout.write(`1..0 # SKIP ${e.message}\n`);
    code = 77;
  } else {
    process.stdout.write(`Bail out! ${e.stack}\n`);
  }
} finally {
  if (browser) await browser.close();
  if (demo) await demo.stop();
}
process.exit(code);
