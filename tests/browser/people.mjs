// tests/browser/people.mjs — a logged-in person in a browser of their own: clicks and page loads are counted, every
// breach of the content policy is kept.
const pattern = /^(Fel: )?[A-ZÅÄÖ].{2,40} – Ärendestöd$/;

export class Person {
  static async arrive(browser, demo, user, options = {}) {
    const p = new Person();
    p.demo = demo;
    p.user = user;
    p.clicks = 0;
    p.choices = 0;
    p.loads = 0;
    p.breaches = [];
    p.titles = new Set();
    p.context = await browser.newContext({ baseURL: demo.base, viewport: { width: options.width ?? 1366, height: 900 },
      javaScriptEnabled: options.script ?? true, locale: 'sv-SE', timezoneId: 'Europe/Stockholm', reducedMotion: 'reduce' });
    p.context.setDefaultTimeout(30000);
    if (options.script ?? true)
      await p.context.addInitScript(() => {
        self.breaches = [];
        addEventListener('securitypolicyviolation', (e) => {
          console.error(`content policy: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`);
        });
      });
    p.page = await p.open();
    if (user) await p.logIn();
    return p;
  }
  async open() {
    const page = await this.context.newPage();
    page.on('console', (m) => {
      const text = m.text();
      if (/content policy|Content.Security.Policy|Trusted ?Types|TrustedHTML|integrity/i.test(text))
        this.breaches.push(text);
    });
    page.on('pageerror', (e) => this.breaches.push(`script: ${e.message}`));
    page.on('response', async (r) => {
      if (!r.request().isNavigationRequest() || r.frame() !== page.mainFrame() || (r.status() >= 300 && r.status() < 400)) return;
      this.loads++;
      this.status = r.status();
    });
    return page;
  }
  async logIn(passphrase) {
    const account = this.demo.account(this.user);
    await this.page.goto('/logga-in');
    await this.page.fill('#user', this.user);
    await this.page.fill('#passphrase', passphrase ?? account.passphrase);
    await this.leadsOn(() => this.page.click('main button'));
    if (!passphrase && !this.page.url().endsWith('/min-dag')) throw new Error(`${this.user} could not log in`);
  }
  // From here on the way is counted.
  begin() {
    this.clicks = 0;
    this.choices = 0;
    this.loads = 0;
  }
  async go(path) {
    await this.page.goto(path);
  }
  // An act that ends in a new page: waits until it stands there.
  async leadsOn(act) {
    const there = this.page.waitForEvent('load');
    there.catch(() => {});
    await act();
    await there;
  }
  // A link or button of this name, in the main part of the page or in `where`.
  async press(name, where) {
    const place = where ? this.page.locator(where) : this.page;
    this.clicks++;
    const target = place.getByRole('button', { name, exact: true }).or(place.getByRole('link', { name, exact: true })).first();
    await this.leadsOn(() => target.click());
  }
  async menu(name) {
    this.clicks++;
    await this.leadsOn(() => this.page.locator('nav.menu').getByRole('link', { name }).click());
  }
  field(name) {
    return this.page.locator(`main [name="${name}"]:not([type=hidden])`).first();
  }
  // Into the field by a click, then typed.
  async write(name, text) {
    this.clicks++;
    await this.field(name).click();
    await this.field(name).fill(text);
  }
  // A neighbouring field by Tab.
  async type(name, text) {
    await this.field(name).fill(text);
  }
  async day(name, iso) {
    const [y, m, d] = iso.split('-');
    await this.write(`${name}-dag`, String(Number(d)));
    await this.type(`${name}-man`, String(Number(m)));
    await this.type(`${name}-ar`, y);
  }
  async choose(name, value) {
    this.clicks++;
    await this.page.locator(`main label[for="${await this.page.locator(`main input[name="${name}"][value="${value}"]`).first().getAttribute('id')}"]`).click();
  }
  async isChosen(name, value) {
    return this.page.locator(`main input[name="${name}"][value="${value}"]`).first().isChecked();
  }
  // Only where it is not chosen already.
  async see(name, value) {
    if (!await this.isChosen(name, value)) await this.choose(name, value);
  }
  // One click opens the list, one chooses.
  async pick(name, label) {
    this.clicks += 2;
    await this.page.locator(`main select[name="${name}"]`).selectOption({ label });
  }
  async heading() {
    return (await this.page.locator('main h1, main h2').first().textContent()).trim();
  }
  async title() {
    return this.page.title();
  }
  async titleIsNeutral() {
    return pattern.test(await this.title());
  }
  async leave() {
    await this.context.close();
  }
}
