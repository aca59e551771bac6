/* view/shell.c — fills the shell's constant slots and looks up the embedded files. */
#include "view/shell.h"
#include "view/assets_i.h"

const struct asset *asset_find(struct str name)
{
	for (size_t i = 0; i < n_assets; i++)
		if (str_eq(assets[i].name, name))
			return &assets[i];
	return NULL;
}

static const struct asset_more *more(const struct asset *a)
{
	assert_always(a >= assets && a < assets + n_assets);
	return &assets__more[a - assets];
}

struct str asset_integrity(const struct asset *a)
{
	return more(a)->integrity;
}

struct path asset_path(const struct asset *a)
{
	return (struct path){ more(a)->address };
}

void shell_defaults(struct tpl_shell *v, enum shell_scheme scheme, int64_t lock_seconds)
{
	enum { WARN_SECONDS = 30 };
	v->css = asset_path(asset_css());
	v->css_integrity = asset_integrity(asset_css());
	v->js = asset_path(asset_js());
	v->js_integrity = asset_integrity(asset_js());
	v->font = asset_path(asset_font());
	v->icon = asset_path(asset_icon());
	v->scheme_auto = scheme == SHELL_FOLLOW;
	v->scheme_light = scheme == SHELL_LIGHT;
	v->scheme_dark = scheme == SHELL_DARK;
	v->scheme = scheme == SHELL_LIGHT ? TOKEN("light") : scheme == SHELL_DARK ? TOKEN("dark") : TOKEN("auto");
	v->lock_seconds = lock_seconds;
	v->warn_seconds = WARN_SECONDS;
	v->lock_minutes = (lock_seconds + 59) / 60;
}
