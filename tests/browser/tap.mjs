// tests/browser/tap.mjs — lines that a person and a program can read: ok, not ok, and what was seen.
export class Tap {
  constructor() {
    this.n = 0;
    this.bad = 0;
    this.began = Date.now();
  }
  // `seen`: shown when it is not well; a string or a list of them.
  check(good, what, seen = []) {
    this.n++;
    if (!good) this.bad++;
    process.stdout.write(`${good ? 'ok' : 'not ok'} ${this.n} - ${what}\n`);
    if (!good) for (const line of [seen].flat()) process.stdout.write(`#   ${String(line).replaceAll('\n', '\n#   ')}\n`);
    return good;
  }
  note(text) {
    process.stdout.write(`# ${text}\n`);
  }
  // A test that throws is a test that failed; the others go on.
  async group(what, test) {
    const began = Date.now();
    try {
      await test();
    } catch (e) {
      this.check(false, what, [e.stack ?? e]);
    }
    this.note(`${what}: ${((Date.now() - began) / 1000).toFixed(1)} s`);
  }
  end() {
    process.stdout.write(`1..${this.n}\n# ${this.n - this.bad} of ${this.n} in ${((Date.now() - this.began) / 1000).toFixed(0)} s\n`);
    return this.bad === 0 && this.n > 0 ? 0 : 1;
  }
}
