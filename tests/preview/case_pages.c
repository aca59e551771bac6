/* tests/preview/case_pages.c — sample pages of one invented case. */
#include "preview.h"

static struct html_part context_at(struct arena *a, size_t here)
{
	struct id16 c = preview_id(1);
	const struct tpl_case_context_parts parts[] = {
		{ path_case_show(a, c), STR("Översikt"), here == 0 },
		{ path_case_plan(a, c), STR("Handlingsplan"), here == 1 },
		{ path_case_risk(a, c), STR("Hotbild och skydd"), here == 2 },
		{ path_case_meetings(a, c), STR("Möten"), here == 3 },
		{ path_case_people(a, c), STR("Personer"), here == 4 },
		{ path_case_decisions(a, c), STR("Beslut"), here == 5 },
		{ path_case_timeline(a, c), STR("Händelser"), here == 6 },
	};
	return PART(a, case_context, {
		.code = STR("K-4F7HB"), .alias = STR("Linden"),
		.facts = ROWS(a, struct tpl_case_context_facts,
			{ STR("Ålder"), STR("24 år"), true }, { STR("Samordnare"), STR("A. Lind"), true },
			{ STR("Kontakt i ärendet"), STR("S. Ek"), false }, { STR("Startade"), STR("9 nov 2026"), false }),
		.n_facts = 4,
		.threat_href = path_case_risk(a, c), .threat_tone = TOKEN("danger"),
		.bars = ROWS(a, struct tpl_case_context_bars, { true }, { true }, { true }, { false }), .n_bars = 4,
		.threat = STR("Hotbild: Hög (3 av 4)"), .threat_detail = STR("Polisen 18 nov. Gäller till 25 nov."),
		.can_reveal = true, .reveal_action = path_case_reveal(a, c), .reveal_keys = preview_keys(),
		.protection = STR("Skyddad folkbokföring."),
		.protection_text = STR("Lämna aldrig ut uppgifter om adress, ort, arbetsplats eller bil. Kontakta personen bara "
			"via kontakten i ärendet eller säkra meddelanden. Ring inte anhöriga."),
		.quick = ROWS(a, struct tpl_case_context_quick,
			{ path_command_show(a, c, TOKEN("note")), STR("Anteckning"), part_icon_pen(), false },
			{ path_command_show(a, c, TOKEN("meeting")), STR("Möte"), part_icon_calendar(), false },
			{ path_command_show(a, c, TOKEN("threat")), STR("Hot eller händelse"), part_icon_warning(), true }),
		.n_quick = 3,
		.parts = preview_keep(a, parts, sizeof parts), .n_parts = COUNT_OF(parts),
	});
}

static struct html_part context_overview(struct arena *a) { return context_at(a, 0); }
static struct html_part context_plan(struct arena *a) { return context_at(a, 1); }
static struct html_part context_timeline(struct arena *a) { return context_at(a, 6); }
static struct html_part context_form(struct arena *a) { return context_at(a, 7); }

static struct html_part head(struct arena *a)
{
	struct id16 c = preview_id(1);
	return PART(a, case_head, {
		.acute = STR("Akut skydd pågår"), .acute_detail = STR("Dag 12. Omprövas senast 9 dec."),
		.phases = ROWS(a, struct tpl_case_head_phases,
			{ TOKEN("done"), true, false, 1, STR("Aktualisering"), STR("Klar 9 nov") },
			{ TOKEN("done"), true, false, 2, STR("Bedömning"), STR("Klar 11 nov") },
			{ TOKEN("now"), false, true, 3, STR("Beslut"), STR("Pågår sedan 11 nov") },
			{ TOKEN("todo"), false, false, 4, STR("Handlingsplan"), STR("Möte 24 nov") },
			{ TOKEN("todo"), false, false, 5, STR("Stabilisering"), STR("Inte påbörjad") },
			{ TOKEN("todo"), false, false, 6, STR("Etablering och avslut"), STR("Inte påbörjad") }),
		.n_phases = 6,
		.phase_line = STR("Fas 3 av 6: Beslut."), .phase_detail = STR("Pågår sedan 11 nov."),
		.actions = ROWS(a, struct tpl_case_head_actions,
			{ path_command_show(a, c, TOKEN("note")), STR("Skriv anteckning"), TOKEN("pri"), part_icon_pen() },
			{ path_command_show(a, c, TOKEN("meeting")), STR("Boka möte"), TOKEN("sec"), part_icon_calendar() },
			{ path_command_show(a, c, TOKEN("task")), STR("Ny uppgift"), TOKEN("sec"), part_icon_plus() },
			{ path_command_show(a, c, TOKEN("threat")), STR("Rapportera hot eller händelse"), TOKEN("dan"), part_icon_warning() }),
		.n_actions = 4,
	});
}

static struct html_part tasks(struct arena *a)
{
	struct id16 c = preview_id(1);
	struct path p = path_command_show(a, c, TOKEN("task")), done = path_command(a, c, TOKEN("task-done"));
	struct form_keys k = preview_keys();
	struct html_part body = PART(a, tasks, {
		.labelled_by = TOKEN("att-gora"),
		.rows = ROWS(a, struct tpl_tasks_rows,
			{ .href = p, .text = STR("Fatta beslut om boende från 26 nov"), .owner = STR("M. Berg"), .due = STR("20 nov"),
			  .state = STR("3 dagar försenad"), .tone = TOKEN("danger"), .late = true },
			{ .href = p, .text = STR("Daglig kontakt med personen"), .owner = STR("S. Ek"), .due = STR("I dag 15.00"),
			  .state = STR("I dag"), .tone = TOKEN("warning"), .action = done, .keys = k, .name = TOKEN("task"), .value = STR("2"), .button = STR("Klar") },
			{ .href = p, .text = STR("Skicka kallelse till samordningsmötet"), .owner = STR("Du"), .due = STR("I dag"),
			  .state = STR("I dag"), .tone = TOKEN("warning"), .action = done, .keys = k, .name = TOKEN("task"), .value = STR("3"), .button = STR("Klar") },
			{ .href = p, .text = STR("Ny hotbildsbedömning"), .owner = STR("Polisen"), .due = STR("25 nov"),
			  .state = STR("Om 2 dagar"), .tone = TOKEN("neutral") },
			{ .href = p, .text = STR("Fråga om samtycke: skulder"), .owner = STR("Du"), .due = STR("27 nov"),
			  .state = STR("Om 4 dagar"), .tone = TOKEN("neutral"), .action = done, .keys = k, .name = TOKEN("task"), .value = STR("5"), .button = STR("Klar") },
			{ .href = p, .text = STR("Första utkast till handlingsplan"), .owner = STR("Du"), .due = STR("30 nov"),
			  .state = STR("Om 7 dagar"), .tone = TOKEN("neutral"), .action = done, .keys = k, .name = TOKEN("task"), .value = STR("6"), .button = STR("Klar") }),
		.n_rows = 6,
	});
	return PART(a, card, { .id = TOKEN("att-gora"), .title = STR("Att göra"), .more_href = path_case_timeline(a, c),
		.more_text = STR("Alla uppgifter (9)"), .body = body });
}

static struct html_part picture(struct arena *a)
{
	struct html_part body = PART(a, picture, {
		.packages = ROWS(a, struct tpl_picture_packages,
			{ STR("Sammanfattning"), TOKEN("info"), STR("Polisen, kontakt T. Holm"), STR("18 nov 09.30"), STR("OSL 10 kap. 2 §"),
			  STR("Hotbilden bedöms som hög. Räkna med att personen kan sökas upp på tidigare adress. Ny bedömning senast 25 november.") },
			{ STR("Begäran"), TOKEN("neutral"), STR("Socialtjänsten, A. Lind"), STR("9 nov 14.05"), STR("OSL 10 kap. 1 §, samtycke"),
			  STR("Begäran om riskanalys och hotbildsbedömning inför gemensamt möte.") }),
		.n_packages = 2,
		.assessment = STR("Gemensam bedömning, 11 nov"),
		.assessment_text = STR("Personen är motiverad att lämna. Två hinder: skuld till tidigare krets, saknar bostad från 26 november."),
		.signatures = ROWS(a, struct tpl_picture_signatures,
			{ STR("Socialtjänsten"), STR("A. Lind 11 nov 15.20"), true }, { STR("Polisen"), STR("frågan ställd 11 nov"), false }),
		.n_signatures = 2,
		.commitments = ROWS(a, struct tpl_picture_commitments,
			{ STR("Socialtjänsten"), STR("Boende på annan ort"), STR("från 26 nov") },
			{ STR("Polisen"), STR("Kontaktperson dygnet runt"), STR("löpande") }),
		.n_commitments = 2,
	});
	return PART(a, card, { .id = TOKEN("bild"), .title = STR("Gemensam bild"), .body = body });
}

static const struct tpl_timeline_items *timeline_items(struct arena *a)
{
	return ROWS(a, struct tpl_timeline_items,
		{ .id = TOKEN("h-1"), .mark = TOKEN("plain"), .title = STR("Kontakt"), .iso = STR("2026-11-22T19:40"), .when = STR("22 nov 19.40"),
		  .by = STR("S. Ek, kontakt i ärendet"), .text = STR("Daglig kontakt per telefon. Mår bättre men sover dåligt. Inga nya hot.") },
		{ .id = TOKEN("h-2"), .mark = TOKEN("plain"), .title = STR("Möte"), .iso = STR("2026-11-20T13:10"), .when = STR("20 nov 13.10"),
		  .by = STR("M. Berg, socialsekreterare"), .text = STR("Besök på boendet. Personen vill börja med sysselsättning i december.") },
		{ .id = TOKEN("h-3"), .mark = TOKEN("warn"), .title = STR("Samtycke återkallat"), .iso = STR("2026-11-19T10:05"), .when = STR("19 nov 10.05"),
		  .by = STR("A. Lind, samordnare"), .noted = STR("skrivet 20 nov 08.10"), .text = STR("Arbetsförmedlingen får inte längre ta del av uppgifter.") },
		{ .id = TOKEN("h-4"), .mark = TOKEN("plain"), .title = STR("Hotbild bedömd"), .iso = STR("2026-11-18T09:30"), .when = STR("18 nov 09.30"),
		  .by = STR("Polisen"), .text = STR("Hög. Oförändrad sedan 11 november.") },
		{ .id = TOKEN("h-5"), .mark = TOKEN("plain"), .title = STR("Insats startad"), .iso = STR("2026-11-14T08:15"), .when = STR("14 nov 08.15"),
		  .by = STR("M. Berg, socialsekreterare"), .text = STR("Akut boende på annan ort. Orten visas bara för behöriga.") });
}

static struct html_part side_meeting(struct arena *a)
{
	struct html_part body = PART(a, facts, {
		.rows = ROWS(a, struct tpl_facts_rows,
			{ STR("När"), STR("Tis 24 nov 10.00–11.30"), true, PATH_UNSET },
			{ STR("Vad"), STR("Samordningsmöte om handlingsplan"), false, PATH_UNSET },
			{ STR("Var"), STR("Säkert rum 2, inte på kommunhuset"), false, PATH_UNSET },
			{ STR("Vilka"), STR("Du, socialsekreterare, polis, frivård, personen"), false, PATH_UNSET }),
		.n_rows = 4 });
	return PART(a, card, { .id = TOKEN("mote"), .title = STR("Nästa möte"), .more_href = path_case_meetings(a, preview_id(1)),
		.more_text = STR("Alla möten"), .body = body });
}

static struct html_part side_chart(struct arena *a)
{
	struct tpl_chart_days_bars bars[13];
	static const uint8_t heights[13] = { 20, 20, 40, 20, 20, 20, 40, 20, 20, 20, 20, 20, 20 };
	for (size_t i = 0; i < 13; i++)
		bars[i] = (struct tpl_chart_days_bars){ 4 + 20 * ((int64_t)i + (i >= 8)), 58 - heights[i], heights[i] };
	struct html_part body = PART(a, chart_days, {
		.id = TOKEN("k"), .title = STR("Kontakter per dag, 10–23 november"),
		.description = STR("En eller två kontakter varje dag utom 18 november, då ingen kontakt registrerades."),
		.bars = preview_keep(a, bars, sizeof bars), .n_bars = 13,
		.missing = ROWS(a, struct tpl_chart_days_missing, { 171 }), .n_missing = 1,
		.labels = ROWS(a, struct tpl_chart_days_labels, { 31, STR("11") }, { 111, STR("15") }, { 191, STR("19") }, { 271, STR("23") }),
		.n_labels = 4,
		.text = STR("Mål under akut skydd: minst en kontakt per dag. Ingen kontakt 18 nov."),
	});
	return PART(a, card, { .id = TOKEN("kontakter"), .title = STR("Kontakter per dag"), .body = body });
}

static struct html_part overview(struct arena *a)
{
	struct html_part line = PART(a, timeline, { .items = timeline_items(a), .n_items = 5 });
	struct html_part events = PART(a, card, { .id = TOKEN("senast"), .title = STR("Senaste händelser"),
		.more_href = path_case_timeline(a, preview_id(1)), .more_text = STR("Hela tidslinjen"), .body = line });
	struct html_part cols = PART(a, columns, {
		.left = ROWS(a, struct tpl_columns_left, { tasks(a) }, { picture(a) }), .n_left = 2,
		.right = ROWS(a, struct tpl_columns_right, { side_meeting(a) }, { events }, { side_chart(a) }), .n_right = 3 });
	return PART(a, stack, { .parts = ROWS(a, struct tpl_stack_parts, { head(a) }, { cols }), .n_parts = 2 });
}

static struct html_part note_form(struct arena *a)
{
	struct html_part kind = PART(a, field_radios, { .id = TOKEN("typ"), .name = TOKEN("typ"), .label = STR("Vad gäller anteckningen?"), .beside = true,
		.options = ROWS(a, struct tpl_field_radios_options,
			{ TOKEN("typ"), TOKEN("kontakt"), STR("Kontakt"), STR_UNSET, true }, { TOKEN("typ-1"), TOKEN("mote"), STR("Möte"), STR_UNSET, false },
			{ TOKEN("typ-2"), TOKEN("insats"), STR("Insats"), STR_UNSET, false }, { TOKEN("typ-3"), TOKEN("hot"), STR("Hot eller händelse"), STR_UNSET, false },
			{ TOKEN("typ-4"), TOKEN("ovrigt"), STR("Övrigt"), STR_UNSET, false }), .n_options = 5 });
	struct html_part day = PART(a, field_date, { .id = TOKEN("dag"), .name = TOKEN("dag"), .label = STR("När hände det?"),
		.hint = STR("Till exempel 22 11 2026. Lämna tomt om det var i dag."), .error = STR("Datumet kan inte ligga i framtiden"),
		.day = STR("25"), .month = STR("11"), .year = STR("2026") });
	struct html_part text = PART(a, field_area, { .id = TOKEN("text"), .name = TOKEN("text"), .label = STR("Vad hände?"),
		.hint = STR("Skriv kort. Skilj på vad du såg, vad personen sa och vad du bedömer. Skriv inte adress eller ort."),
		.error = STR("Skriv vad som hände"), .value = STR(""), .lines = 6, .most = 8000 });
	struct html_part readers = PART(a, field_checks, { .id = TOKEN("lasare"), .name = TOKEN("lasare"), .label = STR("Vem får läsa?"),
		.hint = STR("Förvalt enligt personens samtycken. Du kan välja färre, inte fler."),
		.options = ROWS(a, struct tpl_field_checks_options,
			{ TOKEN("lasare"), TOKEN("soc"), STR("Socialtjänsten"), STR_UNSET, true },
			{ TOKEN("lasare-1"), TOKEN("kontakt"), STR("Kontakten i ärendet"), STR("Samtycke till 31 jan"), true },
			{ TOKEN("lasare-2"), TOKEN("boende"), STR("Boendets personal"), STR("Samtycke till 31 jan"), false },
			{ TOKEN("lasare-3"), TOKEN("polis"), STR("Polisen"), STR("Bara om anteckningen rör hotbild"), false }), .n_options = 4 });
	struct html_part place = PART(a, field_select, { .id = TOKEN("ort"), .name = TOKEN("ort"), .label = STR("Hemkommun"),
		.options = ROWS(a, struct tpl_field_select_options, { STR("0180"), STR("Stockholm"), false }, { STR("1480"), STR("Göteborg"), true }), .n_options = 2 });
	struct html_part phone = PART(a, field_line, { .id = TOKEN("tid"), .name = TOKEN("tid"), .label = STR("Hur länge?"), .value = STR("20"),
		.type = TOKEN("text"), .look = TOKEN("w4"), .inputmode = TOKEN("numeric"), .autocomplete = TOKEN("off"), .most = 4, .suffix = STR("minuter") });
	return PART(a, form, {
		.title = STR("Ny anteckning"), .errors_title = STR("Rätta två saker innan du sparar"),
		.errors = ROWS(a, struct tpl_form_errors, { TOKEN("dag"), STR("Datumet kan inte ligga i framtiden") }, { TOKEN("text"), STR("Skriv vad som hände") }),
		.n_errors = 2, .action = path_command(a, preview_id(1), TOKEN("note")), .keys = preview_keys(),
		.fields = ROWS(a, struct tpl_form_fields, { kind }, { day }, { text }, { readers }, { place }, { phone }), .n_fields = 6,
		.submit = STR("Spara anteckning"), .submit_look = TOKEN("pri"), .cancel = path_case_show(a, preview_id(1)) });
}

static struct html_part refused(struct arena *a)
{
	struct html_part why = PART(a, refusal, { .title = STR("Planen kan inte bekräftas än"),
		.text = STR("Den gemensamma bedömningen är inte undertecknad av polisen."), .rule = STR("plan-needs-joint-assessment"),
		.basis = STR("Verksamhetens rutin, steg 6"), .remedy = STR("Påminn polisens kontakt, eller skriv varför planen ändå behövs nu.") });
	struct html_part texts = PART(a, conflict, { .title = STR("M. Berg sparade samma del kl. 13.12."),
		.text = STR("Din text finns kvar nedan. Jämför och spara igen."),
		.fields = ROWS(a, struct tpl_conflict_fields, { STR("Mål"), STR("Egen bostad före sommaren."), STR("Egen bostad i mars.\nDelad lägenhet går också.") }), .n_fields = 1 });
	struct html_part area = PART(a, field_area, { .id = TOKEN("mal"), .name = TOKEN("mal"), .label = STR("Mål med personens egna ord"),
		.value = STR("Egen bostad i mars.\nDelad lägenhet går också."), .lines = 4, .most = 2000 });
	struct html_part when = PART(a, field_datetime, { .id = TOKEN("nar"), .name = TOKEN("nar"), .label = STR("Nästa möte"),
		.options = ROWS(a, struct tpl_field_datetime_options,
			{ TOKEN("nar-0"), TOKEN("i-dag"), STR("I dag"), false }, { TOKEN("nar-1"), TOKEN("i-morgon"), STR("I morgon"), true },
			{ TOKEN("nar-2"), TOKEN("om-en-vecka"), STR("Om en vecka"), false }, { TOKEN("nar-3"), TOKEN("annan"), STR("Annan dag"), false }),
		.n_options = 4, .date = STR(""), .clock = STR("10.00"), .with_clock = true });
	struct html_part both = PART(a, stack, { .parts = ROWS(a, struct tpl_stack_parts, { why }, { texts }), .n_parts = 2 });
	return PART(a, form, { .title = STR("Ändra mål"), .notice = both, .action = path_command(a, preview_id(1), TOKEN("goal")), .keys = preview_keys(),
		.fields = ROWS(a, struct tpl_form_fields, { area }, { when }), .n_fields = 2, .submit = STR("Spara mål"), .submit_look = TOKEN("pri"),
		.cancel = path_case_plan(a, preview_id(1)) });
}

static struct html_part plan_page(struct arena *a)
{
	struct path edit = path_command_show(a, preview_id(1), TOKEN("goal"));
	struct html_part saved = PART(a, notice, { .tone = TOKEN("success"), .title = STR("Sparat kl. 13.20."),
		.text = STR("Kontakten i ärendet och socialtjänsten kan läsa planen.") });
	struct html_part links = PART(a, links, { .rows = ROWS(a, struct tpl_links_rows,
		{ edit, TOKEN("pri"), part_icon_plus(), STR("Nytt mål") }, { edit, TOKEN("sec"), part_icon_check(), STR("Bekräfta planen") },
		{ edit, TOKEN("neu"), part_icon_print(), STR("Skriv ut") }), .n_rows = 3 });
	struct html_part goals = PART(a, plan, { .areas = ROWS(a, struct tpl_plan_areas,
		{ .id = TOKEN("m-1"), .title = STR("Boende"), .words = STR("Jag vill sova utan att lyssna efter steg."), .edit_href = edit,
		  .measures = ROWS(a, struct tpl_plan_areas_measures,
			{ STR("Boende på annan ort"), STR("Socialtjänsten"), STR("från 26 nov"), STR("Beslutat"), TOKEN("success") },
			{ STR("Ansökan om egen lägenhet"), STR("Personen, M. Berg"), STR("15 jan"), STR("Om 7 veckor"), TOKEN("neutral") }), .n_measures = 2 },
		{ .id = TOKEN("m-2"), .title = STR("Sysselsättning"), .words = STR("Jobba med händerna. Bilar eller snickeri."), .edit_href = edit,
		  .measures = ROWS(a, struct tpl_plan_areas_measures,
			{ STR("Studiebesök på verkstad"), STR("S. Ek"), STR("2 dec"), STR("3 dagar försenad"), TOKEN("danger") }), .n_measures = 1 },
		{ .id = TOKEN("m-3"), .title = STR("Skulder"), .edit_href = edit, .note = STR("Tas upp på samordningsmötet 24 november.") }), .n_areas = 3 });
	return PART(a, stack, { .parts = ROWS(a, struct tpl_stack_parts, { saved }, { links }, { goals }), .n_parts = 3 });
}

static struct html_part timeline_page(struct arena *a)
{
	struct html_part filter = PART(a, timeline_filter, { .action = path_case_timeline(a, preview_id(1)),
		.kinds = ROWS(a, struct tpl_timeline_filter_kinds, { TOKEN("kontakt"), STR("Kontakt"), false }, { TOKEN("mote"), STR("Möte"), true }), .n_kinds = 2,
		.roles = ROWS(a, struct tpl_timeline_filter_roles, { TOKEN("samordnare"), STR("Samordnare"), false }), .n_roles = 1,
		.from = STR(""), .to = STR(""), .all_href = path_case_timeline(a, preview_id(1)) });
	struct html_part line = PART(a, timeline, { .items = timeline_items(a), .n_items = 5 });
	struct html_part box = PART(a, card, { .id = TOKEN("hand"), .title = STR("Händelser"), .body = line });
	struct html_part more = PART(a, pager, { .more_href = path_case_timeline(a, preview_id(1)), .more_text = STR("Visa äldre") });
	return PART(a, stack, { .narrow = true, .parts = ROWS(a, struct tpl_stack_parts, { filter }, { box }, { more }), .n_parts = 3 });
}

static struct html_part print_page(struct arena *a)
{
	struct html_part top = PART(a, print_head, { .code = STR("K-4F7HB"), .line = STR("A. Lind skrev ut detta 23 nov 2026 kl. 13.20."),
		.back = path_case_show(a, preview_id(1)) });
	return PART(a, stack, { .parts = ROWS(a, struct tpl_stack_parts, { top }, { overview(a) }), .n_parts = 2 });
}

const struct sample case_samples[] = {
	{ "oversikt", "Översikt", 1, false, context_overview, overview },
	{ "anteckning", "Ny anteckning", 1, true, context_form, note_form },
	{ "nekat", "Ändra mål", 1, false, context_form, refused },
	{ "plan", "Handlingsplan", 1, false, context_plan, plan_page },
	{ "handelser", "Händelser", 1, false, context_timeline, timeline_page },
	{ "utskrift", "Utskrift", 1, false, context_overview, print_page },
};
const size_t n_case_samples = COUNT_OF(case_samples);
