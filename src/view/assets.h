/* view/assets.h — the files that the program carries inside itself: style, script, font, icon.
 *
 * Runs in: web.   Depends on: base.   Never: reads a file. The table is written by ui/build.mjs.
 *
 * A name carries a hash of its content, so a file never changes under its name and may be kept for ever. */
#pragma once
#include "base/base.h"

struct asset {
	struct str name;         /* the {file} of /a/{file}, such as app.9f31c20b7e.css */
	struct str type;         /* content type */
	struct str etag;         /* with its quotes */
	struct str raw;
	struct str gzip, brotli; /* unset where not worth it (woff2) */
};
extern const struct asset assets[];
extern const size_t n_assets;

/* By the {file} of an address; NULL when there is none. */
const struct asset *asset_find(struct str name);
const struct asset *asset_css(void);
const struct asset *asset_js(void);
const struct asset *asset_font(void);
const struct asset *asset_icon(void);
/* "sha384-...", for the integrity attribute. `a` is one of assets[]. */
struct str asset_integrity(const struct asset *a);

/* What the screens take from others, for /licenser. */
struct work {
	struct str name, version, licence, use, text;
};
extern const struct work works[];
extern const size_t n_works;
