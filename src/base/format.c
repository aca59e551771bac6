/* base/format.c — text and whole numbers into a piece of memory. */
#include "base/format.h"
#include <limits.h>
#include <string.h>

struct sink { char *to; size_t n, room; };

static bool put(struct sink *s, const char *p, size_t n)
{
	if (n > s->room - s->n)
		return false;
	if (n > 0)
		memcpy(s->to + s->n, p, n);
	s->n += n;
	return true;
}

/* At least `width` signs, filled up with zeros; the sign of a negative number counts as one. */
static bool put_number(struct sink *s, bool minus, unsigned long long v, size_t width)
{
	char digits[32];
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	while (sizeof digits - at + (minus ? 1 : 0) < width && at > 1)
		digits[--at] = '0';
	if (minus)
		digits[--at] = '-';
	return put(s, digits + at, sizeof digits - at);
}

static bool put_signed(struct sink *s, long long v, size_t width)
{
	return put_number(s, v < 0, v < 0 ? 0 - (unsigned long long)v : (unsigned long long)v, width);
}

bool format_plain(char *to, size_t room, size_t *ret_n, const char *format, va_list args)
{
	struct sink s = { to, 0, room };

	for (const char *p = format;;) {
		const char *end = p;
		size_t width = 0;

		while (*end != 0 && *end != '%')
			end++;
		if (!put(&s, p, (size_t)(end - p)))
			return false;
		if (*end == 0)
			break;
		p = end + 1;
		if (p[0] == '0' && p[1] >= '1' && p[1] <= '9') {
			width = (size_t)(p[1] - '0');
			p += 2;
		}
		bool ok = false;

		if (p[0] == 'd') {
			ok = put_signed(&s, va_arg(args, int), width);
		} else if (p[0] == 'u') {
			ok = put_number(&s, false, va_arg(args, unsigned), width);
		} else if (p[0] == 'z' && p[1] == 'u') {
			p++;
			ok = put_number(&s, false, va_arg(args, size_t), width);
		} else if (width > 0) {
			return false;
		} else if (p[0] == 's') {
			const char *text = va_arg(args, const char *);

			ok = text != NULL && put(&s, text, strlen(text));
		} else if (p[0] == '.' && p[1] == '*' && p[2] == 's') {
			int n = va_arg(args, int);
			const char *text = va_arg(args, const char *);

			p += 2;
			ok = n >= 0 && (n == 0 || text != NULL) && put(&s, text, n == 0 ? 0 : strnlen(text, (size_t)n));
		} else if (p[0] == 'c') {
			char c = (char)va_arg(args, int);

			ok = put(&s, &c, 1);
		} else if (p[0] == '%') {
			ok = put(&s, "%", 1);
		}
		if (!ok)
			return false;
		p++;
	}
	*ret_n = s.n;
	return true;
}
