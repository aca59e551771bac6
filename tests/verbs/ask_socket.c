/* tests/verbs/ask_socket.c — ask-socket PATH [REQUEST]: sends what is given (\r and \n are written so; otherwise
 * standard input) to a Unix socket and prints the answer. Ends with 1 when nothing listens or nothing was answered. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static size_t unescaped(const char *s, char *to, size_t room)
{
	size_t n = 0;
	for (; *s && n < room; s++) {
		if (s[0] == '\\' && (s[1] == 'r' || s[1] == 'n'))
			to[n++] = *++s == 'r' ? '\r' : '\n';
		else
			to[n++] = *s;
	}
	return n;
}

int main(int argc, char **argv)
{
	static char ask[65536], answer[65536];
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	if (argc < 2 || strlen(argv[1]) >= sizeof to.sun_path)
		return 2;
	memcpy(to.sun_path, argv[1], strlen(argv[1]) + 1);
	size_t n = argc > 2 ? unescaped(argv[2], ask, sizeof ask) : fread(ask, 1, sizeof ask, stdin), got = 0;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)(const void *)&to, sizeof to) != 0)
		return 1;
	for (size_t at = 0; at < n;) {
		ssize_t k = send(fd, ask + at, n - at, MSG_NOSIGNAL);
		if (k <= 0)
			break;
		at += (size_t)k;
	}
	for (ssize_t k; (k = recv(fd, answer, sizeof answer, 0)) > 0; got += (size_t)k)
		fwrite(answer, 1, (size_t)k, stdout);
	close(fd);
	return got > 0 ? 0 : 1;
}
