/* base/personnummer.h — Swedish personal and coordination numbers.
 *
 * Runs in: web, tools.   Depends on: base/time.h.   Never: stores, logs or prints a number.
 *
 * Folkbokföringslagen (1991:481) 18 §: YYMMDD, hyphen (plus from the year the person turns 100), three-digit
 * birth number, check digit (Luhn). Samordningsnummer: day + 60, lag (2022:1697) 2 kap. 8 §. */
#pragma once
#include "base/time.h"

enum number_kind { NUMBER_PERSONAL, NUMBER_COORDINATION };
struct personal_number {
	char digits[12]; /* CCYYMMDDNNNC, coordination numbers keep day + 60 */
	enum number_kind kind;
	struct day birth;
};
/* What is wrong with a number, so that the form can say it. */
enum number_fault { NUMBER_OK, NUMBER_FORM, NUMBER_DATE, NUMBER_FUTURE, NUMBER_CHECK };

/* Reads 811218-9876, 8112189876, 19811218-9876, 198112189876, 811218+9876, with spaces. */
MUST enum number_fault number_parse(struct str s, struct day today, struct personal_number *ret);
/* The Swedish sentence for a fault, e.g. "Numret stämmer inte. Kontrollera siffrorna." */
struct str number_fault_text(enum number_fault f);
/* "19811218-9876". */
struct str number_show(struct arena *a, const struct personal_number *n);
/* Whole years at a day. */
int age_at(struct day birth, struct day on);
