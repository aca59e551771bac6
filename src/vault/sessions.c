/* vault/sessions.c — the table of sessions, found by hash with linear probing. */
#include "vault/sessions.h"
#include <string.h>
#include <sys/mman.h>

#define PLACES 4096u
#define MOST 3072u
#define MOST_OF_ONE_USER 64u

struct sessions {
	struct session_limits limits;
	size_t n;
	int64_t ticked;
	struct session places[PLACES];
};

enum err sessions_new(const struct session_limits *limits, struct sessions **ret)
{
	struct sessions *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s == MAP_FAILED) return ERR_SYSTEM;
	(void)madvise(s, sizeof *s, MADV_DONTDUMP);
	(void)madvise(s, sizeof *s, MADV_WIPEONFORK);
	s->limits = *limits;
	*ret = s;
	return OK;
}

void sessions_free(struct sessions *s)
{
	if (s == NULL) return;
	sessions_drop_rings(s);
	for (size_t i = 0; i < PLACES; i++)
		if (s->places[i].used) bytes_wipe(&s->places[i], sizeof s->places[i]);
	(void)munmap(s, sizeof *s);
}

static void name_of(const struct cookie_secret *cookie, uint8_t ret[32])
{
	bytes_blake32("avh.session.v1", (struct str){ (const char *)cookie->b, sizeof cookie->b }, ret);
}

static size_t home_of(const uint8_t name[32])
{
	return (((size_t)name[0] << 8) | name[1]) % PLACES;
}

static struct session *find(struct sessions *s, const uint8_t name[32])
{
	for (size_t i = home_of(name); s->places[i].used; i = (i + 1) % PLACES)
		if (bytes_equal(s->places[i].name, name, 32)) return &s->places[i];
	return NULL;
}

/* Keeps every later session reachable: those that stood behind the gap move into it. */
void session_end(struct sessions *s, struct session *one)
{
	size_t gap = (size_t)(one - s->places);
	assert_always(gap < PLACES && one->used);
	key_ring_free(one->ring);
	bytes_wipe(one, sizeof *one);
	s->n--;
	for (size_t i = (gap + 1) % PLACES; s->places[i].used; i = (i + 1) % PLACES) {
		size_t home = home_of(s->places[i].name);
		if ((i + PLACES - home) % PLACES < (i + PLACES - gap) % PLACES) continue;
		s->places[gap] = s->places[i];
		bytes_wipe(&s->places[i], sizeof s->places[i]);
		gap = i;
	}
}

void sessions_end_of(struct sessions *s, struct id16 user)
{
	for (size_t i = 0; i < PLACES;) {
		if (s->places[i].used && id_eq(s->places[i].user, user)) session_end(s, &s->places[i]);
		else i++;
	}
}

static void end_oldest_of(struct sessions *s, struct id16 user)
{
	struct session *oldest = NULL;
	size_t n = 0;
	for (size_t i = 0; i < PLACES; i++) {
		struct session *one = &s->places[i];
		if (!one->used || !id_eq(one->user, user)) continue;
		n++;
		if (oldest == NULL || one->active < oldest->active) oldest = one;
	}
	if (n >= MOST_OF_ONE_USER) session_end(s, oldest);
}

enum err session_begin(struct sessions *s, struct id16 user, int64_t now, struct cookie_secret *ret_cookie,
                       struct session **ret)
{
	end_oldest_of(s, user);
	if (s->n >= MOST) return ERR_BUSY;
	struct cookie_secret cookie;
	uint8_t name[32];
	bytes_random(cookie.b, sizeof cookie.b);
	name_of(&cookie, name);
	size_t i = home_of(name);
	while (s->places[i].used) i = (i + 1) % PLACES;
	struct session *one = &s->places[i];
	*one = (struct session){ .used = true, .user = user, .started = now, .active = now };
	memcpy(one->name, name, sizeof name);
	one->id = bytes_random_id();
	s->n++;
	*ret_cookie = cookie;
	bytes_wipe(&cookie, sizeof cookie);
	*ret = one;
	return OK;
}

int64_t session_locks_in(const struct sessions *s, const struct session *one, int64_t now)
{
	return one->locked ? 0 : one->active + s->limits.lock_us - now;
}

int64_t session_ends_in(const struct sessions *s, const struct session *one, int64_t now)
{
	int64_t end = one->started + s->limits.session_us;
	int64_t wipe = one->locked ? one->locked_at + s->limits.wipe_us : end;
	return (wipe < end ? wipe : end) - now;
}

void session_lock(struct session *one, int64_t now)
{
	if (one->locked) return;
	one->locked = true;
	one->locked_at = now;
}

/* True when the session has come to its end. */
static bool age(const struct sessions *s, struct session *one, int64_t now)
{
	if (!one->locked && session_locks_in(s, one, now) <= 0) session_lock(one, one->active + s->limits.lock_us);
	return session_ends_in(s, one, now) <= 0;
}

enum err session_find(struct sessions *s, const struct cookie_secret *cookie, int64_t now, struct session **ret)
{
	uint8_t name[32];
	name_of(cookie, name);
	struct session *one = find(s, name);
	if (one == NULL) return ERR_NO_SESSION;
	if (age(s, one, now)) {
		session_end(s, one);
		return ERR_NO_SESSION;
	}
	*ret = one;
	return OK;
}

void sessions_tick(struct sessions *s, int64_t now)
{
	if (now - s->ticked < 1000000) return;
	s->ticked = now;
	for (size_t i = 0; i < PLACES;) {
		struct session *one = &s->places[i];
		if (one->used && age(s, one, now)) session_end(s, one);
		else i++;
	}
}

void sessions_drop_rings(struct sessions *s)
{
	for (size_t i = 0; i < PLACES; i++) {
		struct session *one = &s->places[i];
		if (!one->used) continue;
		key_ring_free(one->ring);
		one->ring = NULL;
	}
}

size_t sessions_count(const struct sessions *s)
{
	return s->n;
}

size_t sessions_locked(const struct sessions *s)
{
	size_t n = 0;
	for (size_t i = 0; i < PLACES; i++) n += s->places[i].used && s->places[i].locked;
	return n;
}
