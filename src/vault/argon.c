/* vault/argon.c — the two threads that run Argon2id. */
#include "vault/argon.h"
#include <pthread.h>
#include <sodium.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define THREADS 2
#define WAITING_MAX 8
#define OF_ONE_ACCOUNT 4
#define JOBS (WAITING_MAX + THREADS + 6) /* six more may be done and not yet answered */

enum job_state { JOB_FREE, JOB_FILLING, JOB_WAITING, JOB_RUNNING, JOB_DONE };

struct argon {
	pthread_mutex_t lock;
	pthread_cond_t work;
	pthread_t thread[THREADS];
	const struct key32 *vault_key;
	struct argon_job *jobs;
	uint64_t order;
	int event_fd;
	bool stopping;
};

static void lock(struct argon *q)
{
	assert_always(pthread_mutex_lock(&q->lock) == 0);
}

static void unlock(struct argon *q)
{
	assert_always(pthread_mutex_unlock(&q->lock) == 0);
}

static struct argon_job *oldest(struct argon *q, enum job_state state)
{
	struct argon_job *found = NULL;
	for (size_t i = 0; i < JOBS; i++) {
		struct argon_job *j = &q->jobs[i];
		if (j->state == (int)state && (found == NULL || j->order < found->order)) found = j;
	}
	return found;
}

static void run_tasks(struct argon *q, struct argon_job *j)
{
	for (size_t i = 0; i < j->n_tasks; i++) {
		struct argon_task *t = &j->task[i];
		struct str passphrase = { (const char *)t->passphrase, t->passphrase_n };
		t->result = user_kek(&t->head, passphrase, q->vault_key, t->kek);
		bytes_wipe(t->passphrase, sizeof t->passphrase);
	}
}

static void *thread(void *context)
{
	struct argon *q = context;
	lock(q);
	while (!q->stopping) {
		struct argon_job *j = oldest(q, JOB_WAITING);
		if (j == NULL) {
			pthread_cond_wait(&q->work, &q->lock);
			continue;
		}
		j->state = JOB_RUNNING;
		unlock(q);
		run_tasks(q, j);
		lock(q);
		j->state = JOB_DONE;
		uint64_t one = 1;
		assert_always(write(q->event_fd, &one, sizeof one) == (ssize_t)sizeof one);
	}
	unlock(q);
	return NULL;
}

static enum err start_threads(struct argon *q)
{
	pthread_attr_t attr;
	if (pthread_attr_init(&attr) != 0) return ERR_SYSTEM;
	enum err e = pthread_attr_setstacksize(&attr, 256 * 1024) == 0 ? OK : ERR_SYSTEM;
	for (int i = 0; i < THREADS && e == OK; i++)
		if (pthread_create(&q->thread[i], &attr, thread, q) != 0) e = ERR_SYSTEM;
	(void)pthread_attr_destroy(&attr);
	return e;
}

enum err argon_new(const struct key32 *vault_key, struct argon **ret)
{
	static struct argon one;
	struct argon *q = &one;
	*q = (struct argon){ .vault_key = vault_key };
	q->jobs = sodium_allocarray(JOBS, sizeof *q->jobs);
	q->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (q->jobs == NULL || q->event_fd < 0) return ERR_SYSTEM;
	memset(q->jobs, 0, JOBS * sizeof *q->jobs);
	if (pthread_mutex_init(&q->lock, NULL) != 0 || pthread_cond_init(&q->work, NULL) != 0) return ERR_SYSTEM;
	enum err e = start_threads(q);
	if (e == OK) *ret = q;
	return e;
}

void argon_free(struct argon *q)
{
	if (q == NULL) return;
	lock(q);
	q->stopping = true;
	pthread_cond_broadcast(&q->work);
	unlock(q);
	for (int i = 0; i < THREADS; i++) (void)pthread_join(q->thread[i], NULL);
	for (size_t i = 0; i < JOBS; i++)
		if (q->jobs[i].state != JOB_FREE) argon_give_back(q, &q->jobs[i]);
	sodium_free(q->jobs);
	(void)close(q->event_fd);
}

enum err argon_take(struct argon *q, const uint8_t account[32], struct argon_job **ret)
{
	struct argon_job *free_one = NULL;
	size_t waiting = 0, same = 0;
	lock(q);
	for (size_t i = 0; i < JOBS; i++) {
		struct argon_job *j = &q->jobs[i];
		if (j->state == JOB_FREE) free_one = j;
		if (j->state == JOB_WAITING) waiting++;
		if (j->state != JOB_FREE && memcmp(j->account, account, 32) == 0) same++;
	}
	if (waiting >= WAITING_MAX || same >= OF_ONE_ACCOUNT) free_one = NULL;
	if (free_one != NULL) {
		free_one->state = JOB_FILLING;
		memcpy(free_one->account, account, 32);
	}
	unlock(q);
	if (free_one == NULL) return ERR_BUSY;
	*ret = free_one;
	return OK;
}

enum err argon_add_task(struct argon_job *j, const struct secrets_head *head, struct str passphrase)
{
	assert_always(j->n_tasks < ARGON_TASKS);
	struct argon_task *t = &j->task[j->n_tasks];
	if (passphrase.n > sizeof t->passphrase) return ERR_INVALID;
	t->kek = key32_new();
	if (t->kek == NULL) return ERR_FULL;
	j->n_tasks++;
	t->head = *head;
	if (passphrase.n > 0) memcpy(t->passphrase, passphrase.p, passphrase.n);
	t->passphrase_n = passphrase.n;
	return OK;
}

void argon_run(struct argon *q, struct argon_job *j)
{
	lock(q);
	j->order = ++q->order;
	j->state = JOB_WAITING;
	pthread_cond_signal(&q->work);
	unlock(q);
}

int argon_fd(const struct argon *q)
{
	return q->event_fd;
}

struct argon_job *argon_done(struct argon *q)
{
	uint64_t count;
	if (read(q->event_fd, &count, sizeof count) < 0) count = 0;
	lock(q);
	struct argon_job *j = oldest(q, JOB_DONE);
	/* It stays out of every list until it is given back. */
	if (j != NULL) j->state = JOB_FILLING;
	unlock(q);
	return j;
}

void argon_give_back(struct argon *q, struct argon_job *j)
{
	if (j == NULL) return;
	for (size_t i = 0; i < j->n_tasks; i++) key32_free(j->task[i].kek);
	lock(q);
	bytes_wipe(j, sizeof *j);
	unlock(q);
}
