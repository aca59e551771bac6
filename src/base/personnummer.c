/* base/personnummer.c — reading, checking and showing Swedish personal numbers. */
#include "base/personnummer.h"
#include <string.h>

struct raw {
	char digits[12];
	size_t n;    /* 10 or 12 */
	bool plus;
};

/* Length of the blank or hyphen that s starts with, 0 when there is none. A text copied from a letter brings hard
 * spaces and typographic hyphens. */
static size_t filler(struct str s, bool *ret_plus, size_t *ret_hyphens)
{
	if (s.p[0] == ' ' || s.p[0] == '\t')
		return 1;
	if (s.p[0] == '-' || s.p[0] == '+') {
		*ret_plus = s.p[0] == '+';
		++*ret_hyphens;
		return 1;
	}
	if (str_starts(s, STR("\xc2\xa0")))
		return 2;
	if (str_starts(s, STR("\xe2\x80\x91")) || str_starts(s, STR("\xe2\x80\x93")) || str_starts(s, STR("\xe2\x80\x90"))) {
		++*ret_hyphens;
		return 3;
	}
	return 0;
}

/* Digits and at most one hyphen or plus, before the last four. */
static bool read_raw(struct str s, struct raw *ret)
{
	struct raw raw = { .n = 0 };
	size_t hyphens = 0, hyphen_at = 0;

	for (size_t at = 0; at < s.n;) {
		size_t before = hyphens, step = filler(str_cut(s, at, s.n), &raw.plus, &hyphens);

		if (hyphens > before)
			hyphen_at = raw.n;
		if (step > 0) {
			at += step;
			continue;
		}
		if (s.p[at] < '0' || s.p[at] > '9' || raw.n == sizeof raw.digits)
			return false;
		raw.digits[raw.n++] = s.p[at++];
	}
	if ((raw.n != 10 && raw.n != 12) || hyphens > 1 || (hyphens == 1 && hyphen_at != raw.n - 4))
		return false;
	/* The plus stands for a century that twelve digits already say. */
	if (raw.plus && raw.n == 12)
		return false;
	*ret = raw;
	return true;
}

static int number_of(const char *p, size_t n)
{
	int v = 0;

	for (size_t i = 0; i < n; i++)
		v = v * 10 + (p[i] - '0');
	return v;
}

/* Luhn over the ten digits: every second is doubled and its digits are added; the sum ends in 0. */
static bool check_digit_fits(const char ten[10])
{
	int sum = 0;

	for (int i = 0; i < 10; i++) {
		int v = (ten[i] - '0') * (i % 2 == 0 ? 2 : 1);

		sum += v / 10 + v % 10;
	}
	return sum % 10 == 0;
}

/* The plus is used from the year in which the person turns 100, so a hyphen means one of the last hundred years. */
static int full_year(const struct raw *raw, int this_year)
{
	if (raw->n == 12)
		return number_of(raw->digits, 4);
	int back = (this_year - number_of(raw->digits, 2)) % 100;

	return this_year - back - (raw->plus ? 100 : 0);
}

enum number_fault number_parse(struct str s, struct day today, struct personal_number *ret)
{
	struct raw raw;

	if (!read_raw(s, &raw))
		return NUMBER_FORM;
	const char *ten = raw.digits + raw.n - 10;
	int year = full_year(&raw, day_civil(today).year), day = number_of(ten + 4, 2);
	struct personal_number number = { .kind = day > 60 ? NUMBER_COORDINATION : NUMBER_PERSONAL };

	if (day_make(year, number_of(ten + 2, 2), day > 60 ? day - 60 : day, &number.birth) != OK)
		return NUMBER_DATE;
	if (number.birth.n > today.n)
		return NUMBER_FUTURE;
	if (!check_digit_fits(ten))
		return NUMBER_CHECK;
	for (int i = 3, left = year; i >= 0; i--, left /= 10)
		number.digits[i] = (char)('0' + left % 10);
	memcpy(number.digits + 4, ten + 2, 8);
	*ret = number;
	return NUMBER_OK;
}

struct str number_fault_text(enum number_fault f)
{
	switch (f) {
	case NUMBER_OK: return STR("");
	case NUMBER_FORM: return STR("Skriv numret med tio eller tolv siffror, till exempel 811218-9876.");
	case NUMBER_DATE: return STR("Födelsedatumet i numret finns inte. Kontrollera siffrorna.");
	case NUMBER_FUTURE: return STR("Födelsedatumet i numret ligger i framtiden. Kontrollera siffrorna.");
	case NUMBER_CHECK: return STR("Numret stämmer inte. Kontrollera siffrorna.");
	}
	return STR_UNSET;
}

struct str number_show(struct arena *a, const struct personal_number *n)
{
	return arena_format(a, "%.8s-%.4s", n->digits, n->digits + 8);
}

/* The month's last day stands in for 29 February in other years (lag 1930:173, 1 §). */
int age_at(struct day birth, struct day on)
{
	struct civil b = day_civil(birth), o = day_civil(on);
	struct day leap;
	int day = b.day;

	if (b.month == 2 && b.day == 29 && day_make(o.year, 2, 29, &leap) != OK)
		day = 28;
	return o.year - b.year - (o.month < b.month || (o.month == b.month && o.day < day));
}
