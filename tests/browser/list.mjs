// tests/browser/list.mjs — every screen: who sees it, and the way there.
//
// `reach(p, w)` brings the person to the screen; `w` holds what they see under Ärenden: a case of each phase.
// `status` is what the last page load answers (200). `fault`: its title begins with "Fel: ".
const at = (path) => (p) => p.go(path);
const part = (phase, path = '') => (p, w) => {
  if (!w.cases[phase]) throw new Error(`${w.user} has no case in phase ${phase}`);
  return p.go(w.cases[phase] + path);
};
const send = async (p, where = 'main') => {
  await p.leadsOn(() => p.page.locator(`${where} form[data-role="resend"] .row.end button`).first().click());
};

const choose = async (p) => p.leadsOn(() => p.page.locator('main form.filter button').first().click());

export async function look(p) {
  const w = { cases: {}, user: p.user };
  await p.go('/arenden');
  for (const row of await p.page.locator('table.cases tbody tr').all()) {
    const href = await row.locator('a').first().getAttribute('href');
    const phase = /^\d/.exec((await row.locator('td').nth(1).textContent()).trim())[0];
    const acute = await row.locator('td').nth(1).locator('.tag').count() > 0;
    w.cases[phase] ??= href;
    if (acute) w.cases.acute ??= href;
    w.code ??= (await row.locator('.kod').first().textContent()).trim();
  }
  return w;
}

export const screens = [
  // nobody logged in
  { name: 'logga-in', reach: at('/logga-in') },
  { name: 'logga-in-fel', status: 401, fault: true, reach: async (p) => {
    await p.go('/logga-in');
    await p.page.fill('#user', 'ingen');
    await p.page.fill('#passphrase', 'inte rätt lösenfras');
    await p.leadsOn(() => p.page.click('main button'));
  } },
  { name: 'nytt-konto', reach: at('/nytt-konto') },
  { name: 'nytt-konto-fel', status: 400, fault: true, reach: async (p) => {
    await p.go('/nytt-konto');
    await p.page.fill('[name=passphrase]', 'kort');
    await p.leadsOn(() => p.page.click('main button'));
  } },
  { name: 'hjalp', reach: at('/hjalp') },
  { name: 'tillganglighet', reach: at('/tillganglighet') },
  { name: 'licenser', reach: at('/licenser') },
  { name: 'finns-inte', status: 404, fault: true, reach: at('/finns-inte') },

  // coordinator
  { name: 'min-dag', user: 'maria', reach: at('/min-dag') },
  { name: 'arenden', user: 'maria', reach: at('/arenden') },
  { name: 'sok-traff', user: 'maria', reach: async (p) => {
    await p.go('/arenden');
    await p.page.locator('form[action="/sok"] input[name=q]').first().evaluate((e) => { e.value = 'B'; e.form.requestSubmit(); });
    await p.page.waitForURL('**/sok');
  } },
  { name: 'sok-inget', user: 'maria', reach: async (p) => {
    await p.go('/arenden');
    await p.page.locator('form[action="/sok"] input[name=q]').first().evaluate((e) => { e.value = 'K-22222'; e.form.requestSubmit(); });
    await p.page.waitForURL('**/sok');
  } },
  { name: 'ny-aktualisering', user: 'maria', reach: at('/arenden/nytt') },
  { name: 'ny-aktualisering-fel', user: 'maria', status: 400, fault: true, reach: async (p) => {
    await p.go('/arenden/nytt');
    await p.type('number', '19900101-9803');
    await p.type('name', 'Åsa Öberg-Exempel');
    await send(p);
  } },
  { name: 'oversikt-1', user: 'maria', case: true, reach: part(1) },
  { name: 'oversikt-2', user: 'maria', case: true, reach: part(2) },
  { name: 'oversikt-3', user: 'maria', case: true, reach: part(3) },
  { name: 'oversikt-4', user: 'samir', case: true, reach: part(4) },
  { name: 'oversikt-5', user: 'maria', case: true, reach: part(5) },
  { name: 'oversikt-akut', user: 'maria', case: true, reach: part('acute') },
  { name: 'kvitto', user: 'maria', case: true, reach: async (p, w) => {
    await p.go(`${w.cases[5]}/gor/note`);
    await p.choose('kind', 'contact');
    await p.type('said', 'Ringde och berättade att veckan har varit lugn.\n\nVill gärna träffas på torsdag.');
    await send(p);
  } },
  { name: 'namn', user: 'maria', case: true, reach: async (p, w) => {
    await p.go(w.cases[5]);
    await p.leadsOn(() => p.page.locator('form.reveal button').click());
  } },
  { name: 'utskrift', user: 'maria', print: true, reach: async (p, w) => {
    await p.go(w.cases[5]);
    await p.leadsOn(() => p.page.locator('form[action$="/utskrift"] button').click());
  } },
  { name: 'plan', user: 'maria', case: true, print: true, reach: part(5, '/plan') },
  { name: 'plan-tom', user: 'maria', case: true, reach: part(2, '/plan') },
  { name: 'plan-pagar', user: 'samir', case: true, reach: part(4, '/plan') },
  { name: 'hotbild', user: 'maria', case: true, reach: part(5, '/hotbild') },
  { name: 'hotbild-tom', user: 'maria', case: true, reach: part(1, '/hotbild') },
  { name: 'moten', user: 'maria', case: true, reach: part(5, '/moten') },
  { name: 'beslut', user: 'maria', case: true, reach: part(5, '/beslut') },
  { name: 'beslut-tom', user: 'maria', case: true, reach: part(1, '/beslut') },
  { name: 'personer', user: 'maria', case: true, reach: part(5, '/personer') },
  { name: 'handelser', user: 'maria', reach: part(5, '/handelser') },
  { name: 'handelser-urval-tomt', user: 'maria', reach: part(5, '/handelser?slag=threat_reported') },
  { name: 'skriv-anteckning', user: 'maria', reach: part(5, '/gor/note') },
  { name: 'rapportera-hot-fel', user: 'maria', status: 400, fault: true, reach: async (p, w) => {
    await p.go(`${w.cases[5]}/gor/report_threat`);
    await send(p);
  } },
  { name: 'akut-skydd', user: 'maria', reach: part(2, '/gor/start_acute') },
  { name: 'begaran-polisen', user: 'maria', reach: part(2, '/gor/request_police') },
  { name: 'boka-mote-fel', user: 'maria', status: 400, fault: true, reach: async (p, w) => {
    await p.go(`${w.cases[5]}/gor/book_meeting`);
    await p.choose('kind', 'follow_up');
    await p.type('at-datum', '2020-01-01');
    await p.type('at-klocka', '10.00');
    await send(p);
  } },
  { name: 'kontakt', user: 'maria', reach: part(5, '/gor/contact_done') },
  { name: 'nytt-mal', user: 'maria', reach: part(5, '/gor/add_goal') },
  { name: 'ny-uppgift', user: 'maria', reach: part(5, '/gor/add_task') },
  { name: 'uppgift-klar', user: 'maria', reach: async (p, w) => {
    await p.go(`${w.cases[5]}/gor/add_task`);
    await p.type('what', 'Beställ tolk');
    await p.choose('due-val', 'i-morgon');
    await p.type('due-klocka', '12.00');
    await send(p);
    await p.leadsOn(() => p.page.locator('main table.tasks tr', { hasText: 'Beställ tolk' }).first().locator('button').click());
  } },
  { name: 'nekad', user: 'maria', status: 422, fault: true, reach: async (p, w) => {
    await p.go(`${w.cases[2]}/gor/request_police`);
    await p.type('text', 'Personen vill lämna gruppen.');
    await p.type('purpose', 'Bedöma hotet');
    await p.choose('ground', 'osl_10_27');
    await p.type('balance', 'Skyddet väger tyngre.');
    await send(p);
  } },
  { name: 'konflikt', user: 'maria', status: 409, fault: true, reach: async (p, w) => {
    await p.go(`${w.cases[5]}/gor/set_cadence`);
    const other = await p.open();
    await other.goto(`${w.cases[5]}/gor/set_cadence`);
    await other.locator('main input[name=cadence]').nth(1).check();
    await other.locator('main .row.end button').first().click();
    await other.waitForURL(/klart=/);
    await other.close();
    await p.page.locator('main input[name=cadence]').nth(2).check();
    await send(p);
  } },
  { name: 'inkorg-tom', user: 'maria', reach: at('/inkorg') },
  { name: 'last', user: 'samir', reach: async (p) => {
    await p.go('/min-dag');
    await p.page.locator('form[data-role=lock] button').click();
    await p.page.waitForURL('**/last');
  } },

  // police
  { name: 'polis-min-dag', user: 'erik', reach: at('/min-dag') },
  { name: 'polis-inkorg', user: 'fatima', reach: at('/inkorg') },
  { name: 'polis-oversikt', user: 'erik', case: true, reach: async (p) => {
    await p.go('/arenden');
    await p.page.locator('table.cases a').first().click();
    await p.page.waitForURL(/arenden\/[0-9a-f]{32}/);
  } },
  { name: 'polis-bedom-hotbild', user: 'erik', reach: async (p) => {
    await p.go('/arenden');
    await p.go(`${await p.page.locator('table.cases a').first().getAttribute('href')}/gor/assess_threat`);
  } },

  // manager, accounts, log
  { name: 'chef-min-dag', user: 'helena', reach: at('/min-dag') },
  { name: 'chef-arenden', user: 'helena', reach: at('/arenden') },
  { name: 'konton-min-dag', user: 'olof', reach: at('/min-dag') },
  { name: 'konton', user: 'olof', reach: at('/konton') },
  { name: 'konton-fel', user: 'olof', status: 400, fault: true, reach: async (p) => {
    await p.go('/konton');
    await send(p);
  } },
  { name: 'konton-inbjuden', user: 'olof', reach: async (p) => {
    await p.go('/konton');
    await p.type('anvandare', `ny${Date.now() % 100000}`);
    await p.type('namn', 'Nina Nyström');
    await p.type('befattning', 'socialsekreterare');
    await p.page.locator('main label', { hasText: 'socialsekreterare' }).last().click();
    await send(p);
  } },
  { name: 'logg', user: 'gunnel', reach: at('/logg') },
  { name: 'logg-urval', user: 'gunnel', reach: async (p) => {
    await p.go('/logg');
    await p.page.locator('main #vem').selectOption({ label: 'Maria Exempel' });
    await choose(p);
  } },
  { name: 'logg-urval-tomt', user: 'gunnel', reach: async (p) => {
    await p.go('/logg');
    await p.type('kod', 'K-99999');
    await choose(p);
  } },
  { name: 'logg-urval-fel', user: 'gunnel', status: 400, fault: true, reach: async (p) => {
    await p.go('/logg');
    await p.type('kod', 'Maria');
    await choose(p);
  } },
  { name: 'ingen-behorighet', user: 'maria', status: 403, fault: true, reach: at('/logg') },

  // last: the vault is gone
  { name: 'startar-om', user: 'maria', status: 503, fault: true, last: true, reach: async (p, w) => {
    await p.go(`${w.cases[5]}/gor/note`);
    await p.choose('kind', 'contact');
    await p.type('said', 'Det här får inte försvinna.');
    p.demo.takeVault();
    try {
      await send(p);
    } finally {
      p.demo.back();
    }
  } },
];

export const widths = [390, 1366];
export const schemes = ['light', 'dark'];
