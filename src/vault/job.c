/* vault/job.c — from a request to a job. */
#include "vault/job.h"
#include <string.h>

enum err job_begin(struct vault *v, const struct call *c, const uint8_t account[32], struct argon_job **ret)
{
	struct argon_job *j;
	if (c->bytes.n > ARGON_REQUEST_MAX) return ERR_TOO_LARGE;
	enum err e = argon_take(v->argon, account, &j);
	if (e != OK) return e;
	j->number = c->number;
	j->type = c->type;
	memcpy(j->request, c->bytes.p, c->bytes.n);
	j->request_n = c->bytes.n;
	*ret = j;
	return OK;
}

enum err job_run(struct vault *v, struct call *c, struct argon_job *j, enum err added)
{
	if (added != OK) {
		argon_give_back(v->argon, j);
		return added;
	}
	argon_run(v->argon, j);
	c->later = true;
	return OK;
}
