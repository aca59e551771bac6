// tests/browser/edges.mjs — two write the same part, the screen locks over a half-written text, keyboard alone.
import { Person } from './people.mjs';
import { look } from './list.mjs';

const long = 'Personen ringde kl. 21.\n\nSade: "jag orkar inte mer" & <ville> träffas i morgon. Åäö, 100 %.';

async function twoTabs(tap, browser, demo) {
  const p = await Person.arrive(browser, demo, 'maria');
  const w = await look(p);
  const form = `${w.cases[5]}/gor/set_cadence`;
  await p.go(form);
  const other = await p.open();
  await other.goto(form);
  await other.locator('main input[name=cadence][value=daily]').check();
  await other.locator('main .row.end button').first().click();
  await other.waitForURL(/klart=/);
  tap.check(p.status === 200, 'the first tab saves');
  await p.page.locator('main input[name=cadence][value=fortnightly]').check();
  await p.leadsOn(() => p.page.locator('main .row.end button').first().click());
  const text = await p.page.locator('main').innerText();
  tap.check(p.status === 409, 'the second tab is told of a conflict', [String(p.status), text]);
  tap.check(/Maria Exempel sparade samma del/.test(text), 'the conflict says who saved', [text]);
  tap.check(/Varje dag/.test(await p.page.locator('.conflict').innerText()), 'the conflict shows what the other saved', [text]);
  tap.check(await p.isChosen('cadence', 'fortnightly'), 'what the second tab chose stands in the form');
  await p.page.locator('main .row.end button').first().click();
  await p.page.waitForURL(/klart=/);
  await p.go(`${w.cases[5]}/plan`);
  tap.check(/Varannan vecka/.test(await p.page.locator('main').innerText()), 'it is saved when it is sent again');
  await p.leave();
}

async function lockOverText(tap, browser, demo, script) {
  const how = script ? 'with script' : 'without script';
  const p = await Person.arrive(browser, demo, 'samir', { script });
  await p.go('/arenden');
  const href = await p.page.locator('table.cases a').first().getAttribute('href');
  await p.go(`${href}/gor/note`);
  await p.choose('kind', 'other');
  await p.type('text', long);
  // The screen is locked from another tab, then the half-written form is sent.
  const other = await p.open();
  await other.goto('/min-dag');
  await other.locator('form[action="/las"] button').click();
  await other.waitForURL('**/last');
  await other.close();
  await p.leadsOn(() => p.page.locator('main .row.end button').first().click());
  await p.page.locator('input[name=passphrase]').waitFor();
  tap.check(p.status === 423, `a locked screen refuses ${how}`, [String(p.status)]);
  const locked = await p.page.locator('body').innerText();
  tap.check(!locked.includes('orkar inte mer') && !/K-[A-Z0-9]{5}/.test(locked), `the locked screen shows nothing of the case ${how}`, [locked]);
  await p.page.fill('input[name=passphrase]', 'inte rätt fras alls');
  await p.leadsOn(() => p.page.locator('main button').first().click());
  await p.page.locator('.sumerr').waitFor();
  tap.check(p.status === 401, `a wrong passphrase does not unlock ${how}`, [String(p.status)]);
  await p.page.fill('input[name=passphrase]', demo.account('samir').passphrase);
  await p.leadsOn(() => p.page.locator('main button').first().click());
  await p.field('text').waitFor();
  tap.check(await p.field('text').inputValue() === long, `the text stands in the form after unlocking ${how}`,
    [await p.field('text').inputValue()]);
  tap.check(await p.isChosen('kind', 'other'), `so does the choice ${how}`);
  await p.page.locator('main .row.end button').first().click();
  await p.page.waitForURL(/klart=note/);
  await p.go(`${href}/handelser`);
  const n = (await p.page.locator('main').innerText()).split('jag orkar inte mer').length - 1;
  tap.check(n === (script ? 1 : 2), `it is saved once ${how}`, [String(n)]);
  tap.check(p.breaches.length === 0, `no breach of the content policy ${how}`, p.breaches);
  await p.leave();
}

// Tab through the overview: each stop is visible, in sight, and not under another thing.
async function keyboard(tap, browser, demo) {
  const p = await Person.arrive(browser, demo, 'maria');
  const w = await look(p);
  for (const width of [390, 1366]) {
    await p.page.setViewportSize({ width, height: width < 600 ? 844 : 900 });
    await p.go(w.cases[5]);
    const hidden = [];
    let stops = 0;
    for (; stops < 120; stops++) {
      await p.page.keyboard.press('Tab');
      const at = await p.page.evaluate(() => {
        const e = document.activeElement;
        if (!e || e === document.body) return null;
        const b = e.getBoundingClientRect();
        const x = Math.min(Math.max(b.left + Math.min(b.width / 2, 20), 0), innerWidth - 1), y = b.top + b.height / 2;
        const over = document.elementFromPoint(x, y);
        const seen = b.width > 0 && y >= 0 && y <= innerHeight && over && (e.contains(over) || over.contains(e) || over.closest('label')?.htmlFor === e.id);
        // The calendar button inside a date field draws its own ring.
        const ring = e.type === 'date' || getComputedStyle(e).outlineStyle !== 'none' || getComputedStyle(e).boxShadow !== 'none';
        return { seen: Boolean(seen), ring, what: `${e.tagName} ${e.textContent.trim().slice(0, 40)} ${e.name ?? ''}` };
      });
      if (!at) break;
      if (!at.seen || !at.ring) hidden.push(`${width}: ${at.what}${at.ring ? '' : ' (no ring)'}`);
    }
    tap.check(stops > 20 && stops < 120 && hidden.length === 0, `every stop of the keyboard is seen at ${width} (${stops} stops)`, hidden);
  }
  await p.leave();
}

export async function edges(tap, browser, demo) {
  await tap.group('two tabs', () => twoTabs(tap, browser, demo));
  await tap.group('lock with script', () => lockOverText(tap, browser, demo, true));
  await tap.group('lock without script', () => lockOverText(tap, browser, demo, false));
  await tap.group('keyboard', () => keyboard(tap, browser, demo));
}
