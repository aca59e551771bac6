/* tests/preview/desk_pages.c — sample pages that are not about one case. */
#include "preview.h"

static struct html_part day_card(struct arena *a, struct token id, struct str title, const struct tpl_day_list_rows *rows, size_t n)
{
	struct html_part list = PART(a, day_list, { .labelled_by = id, .rows = rows, .n_rows = n });
	return PART(a, card, { .id = id, .title = title, .body = list });
}

static struct html_part my_day(struct arena *a)
{
	struct path p = path_case_show(a, preview_id(1));
	struct html_part top = PART(a, heading, { .title = STR("Min dag"), .lead = STR("måndag 23 november"), .action_href = path_intake_show(),
		.action_text = STR("Ny aktualisering") });
	struct html_part late = day_card(a, TOKEN("sent"), STR("Försenat"), ROWS(a, struct tpl_day_list_rows,
		{ p, STR("Fatta beslut om boende"), STR("K-4F7HB"), STR("Linden"), STR("20 nov"), STR("3 dagar försenad"), TOKEN("danger"), true, false }), 1);
	struct html_part today = day_card(a, TOKEN("idag"), STR("I dag"), ROWS(a, struct tpl_day_list_rows,
		{ p, STR("Första mötet med personen"), STR("K-9X2MD"), STR("Björken"), STR("före kl. 17.00"), STR("I dag"), TOKEN("warning"), false, false },
		{ p, STR("Daglig kontakt med personen"), STR("K-4F7HB"), STR("Linden"), STR("kl. 15.00"), STR("I dag"), TOKEN("warning"), false, false },
		{ p, STR("Skicka kallelse till samordningsmötet"), STR("K-4F7HB"), STR("Linden"), STR("i dag"), STR("I dag"), TOKEN("warning"), false, false }), 3);
	struct html_part next = day_card(a, TOKEN("sedan"), STR("Kommande"), ROWS(a, struct tpl_day_list_rows,
		{ p, STR("Ny hotbildsbedömning (polisen)"), STR("K-4F7HB"), STR("Linden"), STR("25 nov"), STR("Om 2 dagar"), TOKEN("neutral"), false, true },
		{ p, STR("Omprövning av akut skydd"), STR("K-7B3QP"), STR("Asken"), STR("9 dec"), STR("Om 16 dagar"), TOKEN("neutral"), false, true }), 2);
	struct html_part meeting = PART(a, facts, { .rows = ROWS(a, struct tpl_facts_rows,
		{ STR("10.00"), STR("Samordningsmöte, K-4F7HB"), false, p }, { STR("14.00"), STR("Avstämning med polisen"), false, PATH_UNSET }), .n_rows = 2 });
	struct html_part meetings = PART(a, card, { .id = TOKEN("moten"), .title = STR("Möten i dag"), .body = meeting });
	struct html_part nothing = PART(a, empty, { .title = STR("Inga nya hotbilder."), .text = STR("Polisen lämnade den senaste 18 nov.") });
	struct html_part threats = PART(a, card, { .id = TOKEN("hot"), .title = STR("Ändrat sedan sist"), .body = nothing });
	struct html_part cols = PART(a, columns, { .left = ROWS(a, struct tpl_columns_left, { late }, { today }, { next }), .n_left = 3,
		.right = ROWS(a, struct tpl_columns_right, { meetings }, { threats }), .n_right = 2 });
	return PART(a, stack, { .parts = ROWS(a, struct tpl_stack_parts, { top }, { cols }), .n_parts = 2 });
}

static struct html_part cases(struct arena *a)
{
	struct path p = path_case_show(a, preview_id(1));
	const struct tpl_cases_rows_bars *high = ROWS(a, struct tpl_cases_rows_bars, { true }, { true }, { true }, { false });
	const struct tpl_cases_rows_bars *none = ROWS(a, struct tpl_cases_rows_bars, { false }, { false }, { false }, { false });
	const struct tpl_cases_rows_bars *two = ROWS(a, struct tpl_cases_rows_bars, { true }, { true }, { false }, { false });
	struct html_part top = PART(a, heading, { .title = STR("Ärenden"), .lead = STR("4 ärenden där du har behörighet"), .action_href = path_intake_show(),
		.action_text = STR("Ny aktualisering") });
	struct html_part list = PART(a, cases, { .caption = STR("Mina ärenden"), .rows = ROWS(a, struct tpl_cases_rows,
		{ .href = p, .code = STR("K-4F7HB"), .alias = STR("Linden"), .phase_number = 3, .phase = STR("Beslut"), .acute = true, .threat = STR("Hög (3 av 4)"),
		  .threat_tone = TOKEN("danger"), .bars = high, .n_bars = 4, .next = STR("Fatta beslut om boende"), .due = STR("3 dagar försenad"), .due_tone = TOKEN("danger"), .late = true },
		{ .href = p, .code = STR("K-9X2MD"), .alias = STR("Björken"), .note = STR("Jourlista"), .phase_number = 1, .phase = STR("Aktualisering"), .threat = STR("Inte bedömd än"),
		  .threat_tone = TOKEN("warning"), .next = STR("Första mötet med personen"), .due = STR("I dag"), .due_tone = TOKEN("warning") },
		{ .href = p, .code = STR("K-7B3QP"), .alias = STR("Asken"), .phase_number = 4, .phase = STR("Handlingsplan"), .acute = true, .threat = STR("Förhöjd (2 av 4)"),
		  .threat_tone = TOKEN("warning"), .bars = two, .n_bars = 4, .next = STR("Omprövning av akut skydd"), .due = STR("9 dec"), .due_tone = TOKEN("neutral") },
		{ .href = p, .code = STR("K-2RW8T"), .phase_number = 5, .phase = STR("Stabilisering"), .threat = STR("Ingen känd (0 av 4)"),
		  .threat_tone = TOKEN("neutral"), .bars = none, .n_bars = 4 }), .n_rows = 4 });
	struct html_part box = PART(a, card, { .id = TOKEN("mina"), .title = STR("Mina ärenden"), .body = list });
	return PART(a, stack, { .parts = ROWS(a, struct tpl_stack_parts, { top }, { box }), .n_parts = 2 });
}

static struct html_part inbox(struct arena *a)
{
	struct html_part top = PART(a, heading, { .title = STR("Inkorg"), .lead = STR("Det som andra har lämnat till dina ärenden") });
	struct html_part list = PART(a, inbox, { .items = ROWS(a, struct tpl_inbox_items,
		{ .id = TOKEN("p-1"), .kind = STR("Sammanfattning"), .tone = TOKEN("info"), .sender = STR("Polisen, T. Holm"), .when = STR("i dag 09.30"), .target = STR("K-4F7HB Linden"),
		  .ground = STR("OSL 10 kap. 2 §, nödvändigt för egen verksamhet"), .text = STR("Hotbilden bedöms som hög. Räkna med att personen kan sökas upp på tidigare adress."),
		  .facts = ROWS(a, struct tpl_inbox_items_facts, { STR("Gäller till"), STR("25 nov 2026") }), .n_facts = 1, .hash = STR("3f9a 2c71 88b0 4e15"),
		  .action = path_inbox_accept(a, preview_id(2)), .keys = preview_keys(), .accept = STR("Ta emot i ärendet") },
		{ .id = TOKEN("p-2"), .kind = STR("Begäran"), .tone = TOKEN("neutral"), .sender = STR("Exempelköpings socialnämnd"), .when = STR("22 nov 16.02"), .target = STR("Jourlistan"),
		  .ground = STR("Samtycke till 31 jan"), .text = STR("Vi behöver en hotbildsbedömning före mötet på tisdag."),
		  .action = path_inbox_accept(a, preview_id(3)), .keys = preview_keys(), .accept = STR("Öppna ärende") }), .n_items = 2 });
	return PART(a, stack, { .parts = ROWS(a, struct tpl_stack_parts, { top }, { list }), .n_parts = 2 });
}

static struct html_part accounts(struct arena *a)
{
	struct html_part button = PART(a, button_form, { .action = path_account_certify(a, preview_id(4)), .keys = preview_keys(), .look = TOKEN("sec"), .small = true,
		.text = STR("Intyga"), .what = STR("S. Ek") });
	struct html_part top = PART(a, heading, { .title = STR("Konton") });
	struct html_part list = PART(a, table, { .caption = STR("Konton"),
		.columns = ROWS(a, struct tpl_table_columns, { STR("Namn"), false }, { STR("Roll"), false }, { STR("Läge"), false }, { STR("Gäller till"), false }, { STR("Gör"), true }), .n_columns = 5,
		.rows = ROWS(a, struct tpl_table_rows,
			{ ROWS(a, struct tpl_table_rows_cells, { .column = STR("Namn"), .text = STR("M. Berg"), .head = true }, { .column = STR("Roll"), .text = STR("socialsekreterare") },
			  { .column = STR("Läge"), .text = STR("Intygat"), .tone = TOKEN("success") }, { .column = STR("Gäller till"), .text = STR("31 dec 2026") }, { .column = STR("Gör"), .number = true }), 5 },
			{ ROWS(a, struct tpl_table_rows_cells, { .column = STR("Namn"), .text = STR("S. Ek"), .head = true }, { .column = STR("Roll"), .text = STR("samordnare") },
			  { .column = STR("Läge"), .text = STR("Väntar på intyg 2 av 2"), .tone = TOKEN("warning") }, { .column = STR("Gäller till"), .text = STR("26 nov 2026") },
			  { .column = STR("Gör"), .part = button, .number = true }), 5 }), .n_rows = 2 });
	struct html_part box = PART(a, card, { .id = TOKEN("konton"), .title = STR("Alla konton"), .body = list });
	return PART(a, stack, { .parts = ROWS(a, struct tpl_stack_parts, { top }, { box }), .n_parts = 2 });
}

static struct html_part login(struct arena *a)
{
	return PART(a, login, { .keys = preview_keys(), .user = STR("anna.lind"), .error = STR("Användarnamnet, lösenfrasen eller koden stämmer inte."),
		.kept_note = STR("Din text finns kvar och visas när du har loggat in."), .demo = true,
		.demo_text = STR("Demokonton: anna.lind, maria.berg, tomas.holm.") });
}

static struct html_part locked(struct arena *a)
{
	return PART(a, locked, { .title = STR("Skärmen låstes kl. 13.20."), .text = STR("Din text finns kvar. Lås upp för att fortsätta."), .keys = preview_keys(),
		.with_totp = true, .user = STR("A. Lind") });
}

static struct html_part fault(struct arena *a)
{
	return PART(a, error, { .title = STR("Något gick fel hos oss."), .text = STR("Vi vet inte om det sparades. Din text finns kvar. Kontrollera och spara igen."),
		.code = STR("7F2K"), .retry = path_command(a, preview_id(1), TOKEN("note")), .keys = preview_keys(),
		.original = ROWS(a, struct tpl_error_original, { STR("text"), STR("Mår bättre.") }), .n_original = 1,
		.typed = ROWS(a, struct tpl_error_typed, { STR("Vad hände?"), STR("Mår bättre men sover dåligt.\n\nInga nya hot.") }), .n_typed = 1,
		.back = path_my_day(), .back_text = STR("Till Min dag") });
}

static struct html_part enrol(struct arena *a)
{
	return PART(a, enrol, { .keys = preview_keys(), .user = STR("sara.ek"), .code = STR(""), .errors_title = STR("Rätta en sak innan du sparar"),
		.errors = ROWS(a, struct tpl_enrol_errors, { TOKEN("code"), STR("Skriv inbjudningskoden") }), .n_errors = 1, .code_error = STR("Skriv inbjudningskoden") });
}

static struct html_part enrolled(struct arena *a)
{
	return PART(a, enrolled, { .secret = STR("JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP") });
}

static struct html_part licences_page(struct arena *a)
{
	struct tpl_licences_works rows[8];
	for (size_t i = 0; i < n_works && i < COUNT_OF(rows); i++)
		rows[i] = (struct tpl_licences_works){ works[i].name, works[i].version, works[i].licence, works[i].use, works[i].text };
	struct html_part top = PART(a, heading, { .title = STR("Licenser") });
	struct html_part list = PART(a, licences, { .works = preview_keep(a, rows, sizeof rows), .n_works = n_works });
	return PART(a, stack, { .parts = ROWS(a, struct tpl_stack_parts, { top }, { list }), .n_parts = 2 });
}

const struct sample desk_samples[] = {
	{ "min-dag", "Min dag", 0, false, NULL, my_day },
	{ "arenden", "Ärenden", 1, false, NULL, cases },
	{ "inkorg", "Inkorg", 2, false, NULL, inbox },
	{ "konton", "Konton", 3, false, NULL, accounts },
	{ "logga-in", "Logga in", -1, true, NULL, login },
	{ "last", "Låst skärm", -1, false, NULL, locked },
	{ "fel", "Något gick fel", 1, false, NULL, fault },
	{ "nytt-konto", "Nytt konto", -1, true, NULL, enrol },
	{ "nyckel", "Nytt konto", -1, false, NULL, enrolled },
	{ "licenser", "Licenser", 1, false, NULL, licences_page },
};
const size_t n_desk_samples = COUNT_OF(desk_samples);
