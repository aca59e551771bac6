// tests/browser/house.mjs — what a browser test needs round it: the packages, the browser, a demo of its own.
import { createHash } from 'node:crypto';
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
export const root = resolve(here, '../..');

export class Skip extends Error {}

// ---- the two packages, fetched once for each lock file ----

function cacheRoot() {
  if (process.env.AVSTAMP_BROWSER_CACHE) return process.env.AVSTAMP_BROWSER_CACHE;
  if (process.env.XDG_CACHE_HOME) return join(process.env.XDG_CACHE_HOME, 'avstamp-browser');
  const home = homedir();
  return home && existsSync(home) ? join(home, '.cache', 'avstamp-browser') : join(tmpdir(), 'avstamp-browser-cache');
}

export function packages() {
  const lock = readFileSync(join(here, 'package-lock.json'));
  const kept = join(cacheRoot(), createHash('sha256').update(lock).digest('hex').slice(0, 16));
  if (!existsSync(join(kept, 'node_modules'))) {
    mkdirSync(cacheRoot(), { recursive: true });
    const work = mkdtempSync(join(cacheRoot(), 'new-'));
    for (const f of ['package.json', 'package-lock.json']) copyFileSync(join(here, f), join(work, f));
    const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
      { cwd: work, encoding: 'utf8' });
    if (npm.error || npm.status !== 0) {
      rmSync(work, { recursive: true, force: true });
      throw new Error(npm.error ? 'npm was not found: apt-get install --no-install-recommends npm'
        : `npm could not fetch the packages of tests/browser/package-lock.json:\n${npm.stderr}`);
    }
    try {
      renameSync(work, kept);
    } catch {
      rmSync(work, { recursive: true, force: true }); // another run was first
    }
  }
  const require = createRequire(join(kept, 'package.json'));
  return { playwright: require('playwright-core'), axe: readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8') };
}

// ---- the browser ----

function runnable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export function chromium() {
  const places = [process.env.AVSTAMP_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  const found = places.find((p) => p && runnable(p));
  if (!found) throw new Skip('no chromium: apt-get install --no-install-recommends chromium');
  return found;
}

export const browserArguments = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--lang=sv-SE'];

// ---- the demo ----

const freePort = () => new Promise((done, fail) => {
  const s = createServer();
  s.on('error', fail);
  s.listen(0, '127.0.0.1', () => {
    const { port } = s.address();
    s.close(() => done(port));
  });
});

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function childrenOf(pid) {
  const out = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      if (parent === pid) out.push({ pid: Number(entry), name });
    } catch {
      // gone meanwhile
    }
  }
  return out;
}

export class Demo {
  // `program`: the built avstamp. Fills a directory of its own and serves it on a free port.
  static async start(program) {
    const demo = new Demo();
    demo.directory = mkdtempSync(join(tmpdir(), 'avstamp-browser-'));
    const accounts = join(demo.directory, 'accounts.json'), port = await freePort();
    demo.base = `http://localhost:${port}`;
    demo.output = '';
    demo.process = spawn(program, ['demo', '--dir', join(demo.directory, 'data'), '--listen', `127.0.0.1:${port}`,
      '--accounts', accounts], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [demo.process.stdout, demo.process.stderr])
      stream.on('data', (d) => { demo.output += d; });
    demo.ended = new Promise((done) => demo.process.on('exit', (code, signal) => { demo.code = code ?? signal; done(); }));
    for (let i = 0; i < 600; i++) {
      if (demo.code !== undefined) throw new Error(`the demo ended at once (${demo.code}):\n${demo.output}`);
      if (existsSync(accounts) && await demo.answers()) {
        demo.accounts = JSON.parse(readFileSync(accounts, 'utf8'));
        return demo;
      }
      await pause(100);
    }
    await demo.stop();
    throw new Error(`the demo did not answer within a minute:\n${demo.output}`);
  }
  async answers() {
    try {
      return (await fetch(`${this.base}/healthz`)).ok;
    } catch {
      return false;
    }
  }
  account(user) {
    return this.accounts.find((a) => a.user === user);
  }
  // Takes the vault away and keeps it away, until back() is called.
  takeVault() {
    const vault = childrenOf(this.process.pid).find((c) => c.name.includes('vault'));
    if (!vault) throw new Error('no vault among the demo\'s processes');
    process.kill(this.process.pid, 'SIGSTOP');
    process.kill(vault.pid, 'SIGKILL');
  }
  back() {
    process.kill(this.process.pid, 'SIGCONT');
  }
  async stop() {
    if (this.code === undefined) {
      this.process.kill('SIGCONT');
      this.process.kill('SIGTERM');
      const patient = setTimeout(() => this.process.kill('SIGKILL'), 10000);
      await this.ended;
      clearTimeout(patient);
    }
    if (!process.env.AVSTAMP_KEEP) rmSync(this.directory, { recursive: true, force: true });
  }
}

export function programOf(given) {
  const places = given ? [given] : [join(root, 'build/avstamp')];
  const found = places.map((p) => resolve(p)).find(runnable);
  if (!found) throw new Error(`no program at ${places.join(', ')}: run make build, or give --program PATH`);
  return found;
}
