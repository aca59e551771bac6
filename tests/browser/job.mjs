// tests/browser/job.mjs — the main job from the call to the agreed plan, by three people in browsers of their own.
import { Person } from './people.mjs';

export const mostClicks = 60, mostLoads = 25;

const inDays = (n) => new Date(Date.now() + n * 86400000).toISOString().slice(0, 10);

// Every step is what a person does on the screen in front of them; nothing is reached by an address.
export async function mainJob(browser, demo, script, alias) {
  const maria = await Person.arrive(browser, demo, 'maria', { script });
  const karin = await Person.arrive(browser, demo, 'karin', { script });
  const erik = await Person.arrive(browser, demo, 'erik', { script });
  const people = [maria, karin, erik];
  for (const p of people) p.begin();
  const steps = [];
  const done = async (p, what) => {
    if (p.status !== 200) throw new Error(`${what}: ${p.status} ${await p.page.locator('main').innerText()}`);
    steps.push(`${what}: ${people.reduce((n, q) => n + q.clicks, 0)} clicks, ${people.reduce((n, q) => n + q.loads, 0)} loads`);
  };
  const accept = async (p, button) => {
    await p.menu('Inkorg');
    p.clicks++;
    await p.leadsOn(() => p.page.locator('li.card').first().getByRole('button', { name: button }).click());
  };

  // the call
  await maria.menu('Ny aktualisering');
  await maria.choose('source', 'person');
  await maria.write('safe_way', 'Ring 070-174 06 05 mellan 10 och 12. Lämna inget meddelande.');
  await maria.type('alias', alias);
  await maria.choose('danger', 'no');
  await maria.press('Registrera', 'main');
  await done(maria, 'registered');
  await maria.pick('second', 'Karin Provsson, socialsekreterare');
  await maria.press('Ta ärendet', 'main');
  await done(maria, 'taken');
  await maria.write('text', 'Personen vill lämna gruppen. Vi behöver veta vilket hot som finns.');
  await maria.type('purpose', 'Bedöma hotet mot personen');
  await maria.choose('ground', 'osl_10_2');
  await maria.type('balance', 'Utan polisens bild kan vi inte ge rätt skydd.');
  await maria.press('Be polisen om riskbedömning', 'main');
  await done(maria, 'police asked');
  await maria.press('Spara möte', 'main .form');
  await done(maria, 'first meeting held');

  // the police
  await accept(erik, 'Ta emot begäran');
  await done(erik, 'request accepted');
  await erik.choose('level', 'raised');
  await erik.day('until', inDays(60));
  await erik.choose('basis', 'both');
  await erik.press('Bedöm hotbild', 'main .form');
  await done(erik, 'threat assessed');
  await erik.write('text', 'Hotet är förhöjt på hemorten. Ring oss före varje resa dit.');
  await erik.choose('ground', 'osl_10_27');
  await erik.type('balance', 'Personens skydd väger tyngre.');
  await erik.press('Lämna sammanfattning', 'main .form');
  await done(erik, 'summary handed over');

  // assessed together
  await accept(maria, 'Ta emot sammanfattningen');
  await done(maria, 'summary accepted');
  await maria.write('needs', 'Ett säkert boende, försörjning och någon att ringa.');
  await maria.type('support', 'Boende på annan ort och kontakt varje vecka.');
  await maria.press('Spara och skriv under', 'main');
  await done(maria, 'joint assessment written and signed');
  await accept(erik, 'Ta emot bedömningen');
  await erik.press('Skriv under', 'main .form');
  await done(erik, 'police signed');

  // the decision, by the social worker
  await accept(karin, 'Ta emot underskriften');
  await done(karin, 'signature accepted');
  await karin.choose('at-val', 'i-morgon');
  await karin.write('at-klocka', '10.00');
  await karin.press('Boka och byt till fasen Beslut', 'main');
  await done(karin, 'coordination meeting booked, decision phase');
  await karin.choose('requirements', 'yes');
  await karin.choose('summary_shown', 'yes');
  await karin.press('Spara möte', 'main .form');
  await done(karin, 'coordination meeting held');
  await karin.choose('included', 'yes');
  await karin.write('reason', 'Personen vill och behöver stöd, och hotet är bekräftat.');
  await karin.type('support', 'Boende, ekonomi och kontakt. Socialtjänsten ansvarar.');
  await karin.press('Skriv under ställningstagande', 'main .form');
  await done(karin, 'position signed');
  await karin.choose('way', 'no_decision_needed');
  await karin.choose('told', 'yes');
  await karin.press('Byt till fasen Handlingsplan', 'main .form');
  await done(karin, 'planning');

  // the plan
  await karin.choose('area', 'housing');
  await karin.write('words', 'Jag bor i en egen lägenhet i en annan stad.');
  await karin.press('Lägg till mål', 'main .form');
  await done(karin, 'goal added');
  await karin.pick('lead', 'Karin Provsson, socialsekreterare');
  await karin.pick('deputy', 'Maria Exempel, samordnare');
  await karin.choose('cadence', 'weekly');
  await karin.press('Utse kontakt i ärendet', 'main .form');
  await done(karin, 'contact and cadence');
  await karin.write('own_words', 'Jag vill vakna utan att vara rädd. Blir det svårt ringer jag.');
  await karin.choose('with_social', 'yes');
  await karin.choose('consent_shown', 'yes');
  await karin.press('Planen är överenskommen', 'main .form');
  await done(karin, 'plan agreed');

  const agreed = await karin.page.locator('.ph .now').textContent();
  const code = (await karin.page.locator('h1 .kod').textContent()).trim();
  await karin.page.goto(karin.page.url().replace(/\?.*$/, '') + '/plan');
  const plan = await karin.page.locator('main').innerText();
  const result = { steps, agreed, plan, code,
    clicks: people.reduce((n, q) => n + q.clicks, 0), loads: people.reduce((n, q) => n + q.loads, 0) - 1,
    breaches: people.flatMap((q) => q.breaches) };
  for (const p of people) await p.leave();
  return result;
}
