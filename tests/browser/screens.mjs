// tests/browser/screens.mjs — writes a picture of every screen in both widths, both schemes and as printed.
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Demo, Skip, browserArguments, chromium, packages, programOf, root } from './house.mjs';
import { Person } from './people.mjs';
import { small } from './palette.mjs';
import { look, schemes, screens, widths } from './list.mjs';

const { values: given, positionals } = parseArgs({ allowPositionals: true, options: {
  program: { type: 'string' }, out: { type: 'string', default: join(root, 'build/screens') },
  base: { type: 'string' }, accounts: { type: 'string' },
  readme: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } });

if (given.help) {
  process.stdout.write('tests/browser/screens [--program BUILD/avstamp] [--out DIRECTORY] [--readme] [NAME ...]\n\n' +
    'Fills a demo of its own and writes NAME-WIDTH-SCHEME.png of every screen (or of those named) into DIRECTORY\n' +
    '(build/screens). --readme writes docs/overview.png alone.\n');
  process.exit(0);
}

async function picture(p, name) {
  for (const width of widths) {
    await p.page.setViewportSize({ width, height: width < 600 ? 844 : 900 });
    for (const colorScheme of schemes) {
      await p.page.emulateMedia({ colorScheme });
      await p.page.screenshot({ path: join(given.out, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    }
  }
  await p.page.emulateMedia({ colorScheme: 'light' });
}

// As on paper, without its page breaks.
async function paper(p, name) {
  await p.page.setViewportSize({ width: 690, height: 980 });
  await p.page.emulateMedia({ media: 'print', colorScheme: 'light' });
  await p.page.screenshot({ path: join(given.out, `${name}-paper.png`), fullPage: true });
  await p.page.emulateMedia({ media: 'screen' });
}

// A case whose plan is agreed: every part of the screen has something in it.
async function readme(p, w) {
  const to = join(root, 'docs/overview.png');
  await p.page.setViewportSize({ width: 1366, height: 1000 });
  await p.go(w.cases[5]);
  writeFileSync(to, small(await p.page.screenshot({ fullPage: true })));
  process.stdout.write(`${to}: ${(statSync(to).size / 1000).toFixed(0)} kB\n`);
}

const { playwright } = packages();
let demo, browser;
try {
  demo = await Demo.start(programOf(given.program));
  browser = await playwright.chromium.launch({ executablePath: chromium(), args: browserArguments });
  mkdirSync(given.out, { recursive: true });
  const people = new Map();
  const person = async (user) => {
    if (!people.has(user)) people.set(user, await Person.arrive(browser, demo, user));
    return people.get(user);
  };
  const worlds = new Map();
  const world = async (user) => {
    if (!worlds.has(user)) worlds.set(user, user && user !== 'olof' && user !== 'gunnel' ? await look(await person(user)) : {});
    return worlds.get(user);
  };
  if (given.readme) await readme(await person('maria'), await world('maria'));
  else
    for (const s of screens) {
      if (positionals.length && !positionals.some((n) => s.name.startsWith(n))) continue;
      const p = await person(s.user);
      try {
        await s.reach(p, await world(s.user));
        await picture(p, s.name);
        if (s.print) await paper(p, s.name);
        if (s.print) writeFileSync(join(given.out, `${s.name}.pdf`), await p.page.pdf({ format: 'A4', printBackground: true, preferCSSPageSize: true }));
        process.stdout.write(`${s.name}\n`);
      } catch (e) {
        process.stdout.write(`${s.name}: ${e.message.split('\n')[0]}\n`);
        process.exitCode = 1;
      }
    }
} catch (e) {
  process.stderr.write(`screens: ${e instanceof Skip ? e.message : e.stack}\n`);
  process.exitCode = e instanceof Skip ? 77 : 1;
} finally {
  if (browser) await browser.close();
  if (demo) await demo.stop();
}
