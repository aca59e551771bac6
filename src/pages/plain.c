/* pages/plain.c — help, accessibility, licences and the choice of light or dark. */
#include "pages/page.h"

struct section { const char *title, *text; };

static void show_sections(struct request *r, struct str title, struct str lead, const struct section *s, size_t n)
{
	struct page p = page_begin(r, title);
	struct tpl_paragraphs_sections *out = LIST_OF(p.a, paragraphs_sections, n);
	for (size_t i = 0; out && i < n; i++)
		out[i] = (struct tpl_paragraphs_sections){ s[i].title ? str_c(s[i].title) : STR_UNSET, str_c(s[i].text) };
	p.narrow = true;
	page_add_heading(&p, title, lead, PATH_UNSET, STR_UNSET);
	page_add(&p, PART(p.a, paragraphs, .sections = out, .n_sections = out ? n : 0));
	/* The page needs no session and so has no menu: this is the way back. */
	struct tpl_links_rows *back = LIST_OF(p.a, links_rows, 1);
	if (back) {
		back[0] = (struct tpl_links_rows){ path_home(), TOKEN("sec"), HTML_UNSET, STR("Till startsidan") };
		page_add(&p, PART(p.a, links, .rows = back, .n_rows = 1, .lead = STR_UNSET));
	}
	page_send(&p);
}

void page_help_show(struct request *r)
{
	static const struct section s[] = {
		{ "När någon ringer", "Välj Ny aktualisering. Tre frågor måste ha svar: vem som kontaktar oss, hur vi når personen säkert och om personen är i fara. "
		  "Resten kan vänta. Personen ska mötas i dag eller i morgon." },
		{ "När någon är i fara", "Ring 112 vid akut fara. Akut hjälp väntar aldrig på en blankett, en underskrift eller en annan person. Det som saknas blir uppgifter till nästa dag." },
		{ "Ärendets väg", "Kortet Nästa steg på översikten visar det som brukar komma härnäst. Ordningen är: ta ärendet, be polisen om riskbedömning, träffa personen, "
		  "skriv den gemensamma bedömningen och skriv under den, håll samordningsmötet, ta ställning och gör planen. Du får göra stegen i annan ordning." },
		{ "Inkorg", "Det som en annan myndighet lämnar till er kommer till Inkorg. Läs och ta emot det. Då står det i ärendet, under Gemensam bild. "
		  "Polisens underskrift kommer också dit. Har du ingen inkorg arbetar du inte i ärenden." },
		{ "Jouren", "Det som ingen har tagit än ligger hos jouren. Alla som har jour ser det och kan ta det." },
		{ "Arbetsnamn och kod", "I listor syns bara en kod och ett påhittat arbetsnamn. Namn och personnummer visas med en knapp i ärendet. Varje gång loggas." },
		{ "Vem ser vad", "Du ser bara ärenden som någon har gett dig behörighet till. Varje öppning loggas. För den som inte har behörighet finns ärendet inte." },
		{ "Sök", "Du kan söka på ärendekod, namn och personnummer bland dina egna ärenden. Det går inte att söka på plats, grupp eller ord i text. Så säger lagen." },
		{ "Nya kollegor", "Två behörighetsansvariga bjuder in och intygar kontot under Konton. Sedan ger en kollega som arbetar i ärenden nycklarna. De gäller från nästa inloggning." },
		{ "Lås skärmen", "Skärmen låses efter fem minuter utan aktivitet. Det du har skrivit finns kvar när du låser upp." },
		{ "Något blev fel", "Det som är sparat tas aldrig bort. Gör en rättelse under Händelser. Det som stod finns kvar och går att läsa." },
	};
	show_sections(r, STR("Hjälp"), STR("Det viktigaste på en sida."), s, COUNT_OF(s));
}

void page_accessibility(struct request *r)
{
	static const struct section s[] = {
		{ "Så tillgänglig är tjänsten", "Vi bygger efter WCAG 2.2 nivå AA. Tjänsten fungerar med tangentbord, med skärmläsare, utan JavaScript och i 400 procents förstoring." },
		{ "Hittar du ett hinder?", "Säg till den som sköter tjänsten hos er. Skriv vilken sida det gäller och vad du försökte göra. Skriv inga personuppgifter." },
		{ "Det vi vet", "Webbläsarens egna knappar och datumväljare följer webbläsarens språk. Mobilens vänteläge kan låsa sidan tidigare än vi gör." },
	};
	show_sections(r, STR("Tillgänglighet"), STR("Vad som fungerar, vad som inte gör det, och vart du vänder dig."), s, COUNT_OF(s));
}

void page_licences(struct request *r)
{
	struct page p = page_begin(r, STR("Licenser"));
	struct tpl_licences_works *out = LIST_OF(p.a, licences_works, n_works);
	for (size_t i = 0; out && i < n_works; i++)
		out[i] = (struct tpl_licences_works){ works[i].name, works[i].version, works[i].licence, works[i].use, works[i].text };
	page_add_heading(&p, STR("Licenser"), STR("Avstamp är fri programvara under EUPL 1.2. Sidorna använder också det här."), PATH_UNSET, STR_UNSET);
	page_add(&p, PART(p.a, licences, .works = out, .n_works = out ? n_works : 0));
	page_send(&p);
}

void page_appearance(struct request *r)
{
	struct str v = typed(r, "utseende");
	request_set_scheme(r, str_eq_c(v, "light") ? SCHEME_LIGHT : str_eq_c(v, "dark") ? SCHEME_DARK : SCHEME_FOLLOW);
	respond_redirect(r, path_home());
}
