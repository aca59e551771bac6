/* pages/login.h — the login and lock screens, for page_error too. */
#pragma once
#include "web/request.h"

/* `error` unset: the first try. */
void show_login(struct request *r, struct str error, struct str lead, int status);
void show_locked(struct request *r, struct str error, int status);
