/* main/quiet.h — a moment without a writer, in which database and log say the same; for verify and backup.
 *
 * Runs in: verbs, web.   Depends on: flow, main/admin.h.   Never: keeps the writers waiting longer than a few seconds.
 *
 * Over run/admin.sock: `act quiet`; the answer is `ok` and the log's size when every write before has its outcome and
 * every reminder and package its name in the log. The asker fixes its view of the database, says `act loud` and hears
 * `ok` when the moment has held until then. */
#pragma once
#include "main/admin.h"

#define QUIET_ACT "quiet"

/* Web's end; the connection is the caller's. */
void quiet_serve(int fd, struct arena *a, struct flow *f);
/* The asker's end, over a connection of admin_connect. *ret_size: entries from there on are younger than the moment.
 * ERR_BUSY: the service cannot be quiet now. */
MUST enum err quiet_begin(struct arena *a, int fd, uint64_t *ret_size);
/* ERR_BUSY: it took too long, and the writers were let in before. */
MUST enum err quiet_end(struct arena *a, int fd);
/* The same for a vault and a flow of our own, where nobody else writes. */
MUST enum err quiet_settle(struct flow *f, struct arena *a, uint64_t *ret_size);
