/* main/findings.c — the sentences of crypto/verify*.c and what an operator reads instead. */
#include "main/findings.h"
#include <string.h>

static const struct { const char *what, *text; } sentences[] = {
	{ "a restore that cannot be", "En återställning som inte kan ha skett står i loggen." },
	{ "a torn write stands behind the newest checkpoint", "En avbruten skrivning står efter den nyaste kontrollpunkten." },
	{ "an entry between these two checkpoints is not the one that was signed",
	  "En post mellan två kontrollpunkter är inte den som skrevs under." },
	{ "an entry is missing, doubled or out of place", "En post saknas, finns dubbelt eller ligger fel." },
	{ "log/checkpoint is missing", "Filen log/checkpoint saknas." },
	{ "log/checkpoint is not signed by the log's key", "log/checkpoint är inte underskriven med loggens nyckel." },
	{ "log/checkpoints holds something that the log's key did not sign",
	  "log/checkpoints innehåller något som loggens nyckel inte har skrivit under." },
	{ "log/checkpoints is missing", "Filen log/checkpoints saknas." },
	{ "log/state is damaged; it is made anew at the next checkpoint",
	  "log/state är skadad; den skrivs om vid nästa kontrollpunkt." },
	{ "more than 90 seconds without an entry while the vault lived",
	  "Mer än 90 sekunder utan en post medan valvet var igång." },
	{ "no fingerprint was given: the log's own first entry is believed",
	  "Inget fingeravtryck är angivet (--trust), så loggens egen första post tros." },
	{ "nobody knows what became of this write", "Ingen vet vad det blev av den här skrivningen." },
	{ "the checkpoint given belongs to another history of this log",
	  "Kontrollpunkten efter --since hör till en annan historia av loggen." },
	{ "the checkpoint given is not signed by this log's key",
	  "Kontrollpunkten efter --since är inte underskriven med loggens nyckel." },
	{ "the checkpoints are not in order", "Kontrollpunkterna ligger inte i ordning." },
	{ "the entry is not the one that was written", "Posten är inte den som skrevs." },
	{ "the first entry is not a trust", "Loggens första post är inget förtroende." },
	{ "the log cannot be read on from here", "Loggen går inte att läsa vidare härifrån." },
	{ "the log ends before its newest checkpoint", "Loggen slutar före sin nyaste kontrollpunkt." },
	{ "the log ends before the checkpoint given", "Loggen slutar före kontrollpunkten efter --since." },
	{ "the trust in the first entry has another fingerprint than the one given",
	  "Loggens första post har ett annat fingeravtryck än det angivna." },
	{ "the vault was started", "Valvet startades." },
	{ "the vault was started; before, it ended without a word", "Valvet startades; dessförinnan slutade det utan avslut." },
	{ "time runs backwards", "Tiden går bakåt." },
	{ "two signed checkpoints of the same size differ", "Två underskrivna kontrollpunkter av samma storlek är olika." },
	{ "writes after the backup that was restored are lost", "Här återställdes en säkerhetskopia." },
};

struct str finding_text(const char *what)
{
	for (size_t i = 0; i < COUNT_OF(sentences); i++)
		if (strcmp(sentences[i].what, what) == 0)
			return str_c(sentences[i].text);
	return str_c(what);
}
