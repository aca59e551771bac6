/* tests/verbs/totp.c — prints the one-time code of a base32 secret, for the tests of the verbs. */
#include <liboath/oath.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int main(int argc, char **argv)
{
	char *key = NULL, digits[8];
	size_t n = 0;
	if (argc != 2 || oath_base32_decode(argv[1], strlen(argv[1]), &key, &n) != OATH_OK)
		return 2;
	if (oath_totp_generate(key, n, time(NULL), 30, 0, 6, digits) != OATH_OK)
		return 1;
	puts(digits);
	free(key);
	return 0;
}
