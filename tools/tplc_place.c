/* tools/tplc_place.c — where the template compiler stands in the HTML, and what may not stand there.
 *
 * Only known elements and attributes pass, so that a misspelt one is found at build. Everything that could run
 * script or style from the page is refused, and an address is either a whole path slot or a route that exists. */
#include "tplc.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { E_VOID = 1, E_REFUSED = 2, E_RAW = 4, E_SHAPE = 8, E_PRE = 16 };

static const struct element elements[] = {
	{ "a", 0, "href" }, { "abbr", 0, "" }, { "address", 0, "" }, { "article", 0, "" }, { "aside", 0, "" }, { "b", 0, "" },
	{ "bdi", 0, "" }, { "bdo", 0, "dir" }, { "blockquote", 0, "" }, { "body", 0, "" }, { "br", E_VOID, "" }, { "button", 0, "" },
	{ "caption", 0, "" }, { "cite", 0, "" }, { "circle", E_SHAPE, "" }, { "code", 0, "" }, { "col", E_VOID, "" },
	{ "colgroup", 0, "" }, { "data", 0, "value" }, { "dd", 0, "" }, { "del", 0, "" }, { "desc", 0, "" }, { "details", 0, "" },
	{ "div", 0, "" }, { "dl", 0, "" }, { "dt", 0, "" }, { "ellipse", E_SHAPE, "" }, { "em", 0, "" }, { "fieldset", 0, "" },
	{ "figcaption", 0, "" }, { "figure", 0, "" }, { "footer", 0, "" }, { "form", 0, "method action" }, { "g", 0, "" },
	{ "h1", 0, "" }, { "h2", 0, "" }, { "h3", 0, "" }, { "h4", 0, "" }, { "head", 0, "" }, { "header", 0, "" },
	{ "hr", E_VOID, "" }, { "html", 0, "lang" }, { "i", 0, "" }, { "img", E_VOID, "src alt" }, { "input", E_VOID, "type" },
	{ "ins", 0, "" }, { "kbd", 0, "" }, { "label", 0, "for" }, { "legend", 0, "" }, { "li", 0, "" }, { "line", E_SHAPE, "" },
	{ "link", E_VOID, "rel href" }, { "main", 0, "id" }, { "mark", 0, "" }, { "meta", E_VOID, "" }, { "meter", 0, "value" },
	{ "nav", 0, "aria-label" }, { "noscript", 0, "" }, { "ol", 0, "" }, { "optgroup", 0, "label" }, { "option", 0, "value" },
	{ "output", 0, "" }, { "p", 0, "" }, { "path", E_SHAPE, "d" }, { "polygon", E_SHAPE, "" }, { "polyline", E_SHAPE, "" },
	{ "pre", E_PRE, "" }, { "progress", 0, "" }, { "q", 0, "" }, { "rect", E_SHAPE, "" }, { "s", 0, "" }, { "samp", 0, "" },
	{ "script", 0, "src integrity" }, { "search", 0, "" }, { "section", 0, "" }, { "select", 0, "id name" }, { "small", 0, "" },
	{ "span", 0, "" }, { "strong", 0, "" }, { "sub", 0, "" }, { "summary", 0, "" }, { "sup", 0, "" }, { "svg", 0, "viewBox" },
	{ "table", 0, "" }, { "tbody", 0, "" }, { "td", 0, "" }, { "text", 0, "" }, { "textarea", E_RAW | E_PRE, "id name" },
	{ "tfoot", 0, "" }, { "th", 0, "scope" }, { "thead", 0, "" }, { "time", 0, "datetime" }, { "title", E_RAW, "" },
	{ "tr", 0, "" }, { "u", 0, "" }, { "ul", 0, "" }, { "wbr", E_VOID, "" },
	{ "applet", E_REFUSED, "" }, { "base", E_REFUSED, "" }, { "embed", E_REFUSED, "" }, { "frame", E_REFUSED, "" },
	{ "iframe", E_REFUSED, "" }, { "object", E_REFUSED, "" }, { "style", E_REFUSED, "" }, { "template", E_REFUSED, "" },
	{ "foreignObject", E_REFUSED, "" }, { "animate", E_REFUSED, "" }, { "set", E_REFUSED, "" }, { "use", E_REFUSED, "" },
};

static const struct attribute attributes[] = {
	{ "title", A_TEXT }, { "alt", A_TEXT }, { "placeholder", A_TEXT }, { "value", A_TEXT }, { "content", A_TEXT },
	{ "datetime", A_TEXT }, { "label", A_TEXT }, { "abbr", A_TEXT }, { "integrity", A_TEXT }, { "aria-label", A_TEXT },
	{ "aria-description", A_TEXT }, { "aria-valuetext", A_TEXT }, { "aria-roledescription", A_TEXT },
	{ "id", A_NAME }, { "for", A_NAME }, { "name", A_NAME }, { "class", A_NAME }, { "type", A_NAME }, { "role", A_NAME },
	{ "autocomplete", A_NAME }, { "autocapitalize", A_NAME }, { "inputmode", A_NAME }, { "enterkeyhint", A_NAME },
	{ "lang", A_NAME }, { "dir", A_NAME }, { "headers", A_NAME }, { "form", A_NAME }, { "aria-describedby", A_NAME },
	{ "aria-labelledby", A_NAME }, { "aria-controls", A_NAME }, { "aria-current", A_NAME }, { "aria-invalid", A_NAME },
	{ "aria-live", A_NAME }, { "aria-expanded", A_NAME }, { "aria-required", A_NAME }, { "aria-sort", A_NAME },
	{ "aria-atomic", A_NAME }, { "aria-errormessage", A_NAME }, { "text-anchor", A_NAME }, { "scope", A_NAME },
	{ "rows", A_NUMBER }, { "cols", A_NUMBER }, { "maxlength", A_NUMBER }, { "minlength", A_NUMBER }, { "min", A_NUMBER },
	{ "max", A_NUMBER }, { "step", A_NUMBER }, { "size", A_NUMBER }, { "width", A_NUMBER }, { "height", A_NUMBER },
	{ "x", A_NUMBER }, { "y", A_NUMBER }, { "x1", A_NUMBER }, { "x2", A_NUMBER }, { "y1", A_NUMBER }, { "y2", A_NUMBER },
	{ "cx", A_NUMBER }, { "cy", A_NUMBER }, { "r", A_NUMBER }, { "rx", A_NUMBER }, { "ry", A_NUMBER },
	{ "colspan", A_NUMBER }, { "rowspan", A_NUMBER }, { "span", A_NUMBER }, { "tabindex", A_NUMBER }, { "start", A_NUMBER },
	{ "href", A_URL }, { "src", A_URL }, { "action", A_URL }, { "formaction", A_URL },
	{ "checked", A_BARE }, { "selected", A_BARE }, { "disabled", A_BARE }, { "required", A_BARE }, { "readonly", A_BARE },
	{ "multiple", A_BARE }, { "hidden", A_BARE }, { "open", A_BARE }, { "autofocus", A_BARE }, { "novalidate", A_BARE },
	{ "defer", A_BARE }, { "reversed", A_BARE }, { "formnovalidate", A_BARE },
	{ "rel", A_LITERAL }, { "method", A_LITERAL }, { "charset", A_LITERAL }, { "as", A_LITERAL }, { "crossorigin", A_LITERAL },
	{ "enctype", A_LITERAL }, { "accept-charset", A_LITERAL }, { "accept", A_LITERAL }, { "aria-hidden", A_LITERAL },
	{ "media", A_LITERAL }, { "spellcheck", A_LITERAL }, { "translate", A_LITERAL }, { "wrap", A_LITERAL },
	{ "viewBox", A_LITERAL }, { "d", A_LITERAL }, { "points", A_LITERAL }, { "focusable", A_LITERAL }, { "dirname", A_LITERAL },
	{ "transform", A_LITERAL },
	{ "style", A_REFUSED }, { "srcdoc", A_REFUSED }, { "srcset", A_REFUSED }, { "ping", A_REFUSED }, { "nonce", A_REFUSED },
	{ "http-equiv", A_REFUSED }, { "background", A_REFUSED }, { "target", A_REFUSED }, { "formtarget", A_REFUSED },
	{ "formmethod", A_REFUSED }, { "xlink:href", A_REFUSED }, { "is", A_REFUSED }, { "download", A_REFUSED },
};
static const struct attribute data_attribute = { "data-", A_TEXT };

#define ROUTE(id, method, pattern, power, purpose) { #method, pattern },
static const struct { const char *method, *pattern; } routes[] = {
#include "tables/routes.def"
};

static size_t skip;        /* bytes that were read ahead and pass unread */
static bool gap;           /* the last byte of the tag was a space */
static const char *const type_words[SLOT_TYPES] = {
	[SLOT_STR] = "a str", [SLOT_I64] = "a number", [SLOT_DAY] = "a day", [SLOT_BOOL] = "a bool", [SLOT_PATH] = "a path",
	[SLOT_TOKEN] = "a token", [SLOT_HTML] = "html", [SLOT_FORM] = "the keys of a form", [SLOT_LIST] = "a list",
};

void place_start(struct place *p)
{
	memset(p, 0, sizeof *p);
	skip = 0;
	gap = false;
}

static size_t name_at(const char *at, char *ret, size_t room)
{
	size_t n = 0;
	while (isalnum((unsigned char)at[n]) || at[n] == '-' || at[n] == ':')
		n++;
	if (n >= room)
		refuse("a name is longer than %zu letters", room - 1);
	memcpy(ret, at, n);
	ret[n] = 0;
	return n;
}

static bool seen_has(const struct place *p, const char *what)
{
	return strstr(p->seen, what) != NULL;
}

static bool seen_name(const struct place *p, const char *name)
{
	char form[NAME_MAX_LEN + 3];
	snprintf(form, sizeof form, " %s=", name);
	return seen_has(p, form);
}

static void seen_add(struct place *p, const char *name, const char *value)
{
	size_t n = strlen(p->seen);
	if ((size_t)snprintf(p->seen + n, sizeof p->seen - n, " %s=%s;", name, value) >= sizeof p->seen - n)
		refuse("a tag with too many attributes");
}

/* ---- tags ---- */

static void tag_begin(struct place *p, const char *at)
{
	char name[NAME_MAX_LEN];
	size_t n = name_at(at + 1, name, sizeof name);
	p->tag = NULL;
	for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
		if (strcmp(elements[i].name, name) == 0)
			p->tag = &elements[i];
	if (n == 0)
		refuse("a '<' that begins no tag: write &lt;");
	if (!p->tag)
		refuse("unknown element <%s>", name);
	if (p->tag->flags & E_REFUSED)
		refuse("<%s> may not stand in a template", name);
	p->where = IN_TAG;
	p->seen[0] = 0;
	gap = false;
	skip = n;
}

static void tag_end(struct place *p, const char *at)
{
	char name[NAME_MAX_LEN];
	size_t n = name_at(at + 2, name, sizeof name);
	if (at[2 + n] != '>')
		refuse("</%s must end in '>'", name);
	if (p->depth == 0)
		refuse("</%s> closes nothing", name);
	const struct element *open = p->stack[--p->depth];
	if (strcmp(open->name, name) != 0)
		refuse("</%s> where <%s> is open", name, open->name);
	if (p->form_depth == p->depth + 1) {
		if (!p->form_has_keys)
			refuse("a POST form without its keys: declare '@param form keys' and put {{keys}} first in it");
		p->form_depth = 0;
		p->form_has_keys = false;
	}
	p->where = IN_TEXT;
	skip = n + 2;
}

static void required(const struct place *p)
{
	char list[64], *at = list, *name;
	snprintf(list, sizeof list, "%s", p->tag->required);
	while ((name = strtok_r(at, " ", &at)))
		if (!seen_name(p, name))
			refuse("<%s> needs %s", p->tag->name, name);
}

static void tag_rules(struct place *p, const char *at)
{
	const char *name = p->tag->name;
	required(p);
	if (strcmp(name, "script") == 0 && strncmp(at, "></script>", 10) != 0)
		refuse("an inline script: scripts come from a file");
	if (strcmp(name, "link") == 0 && seen_has(p, " rel=stylesheet;") && !seen_name(p, "integrity"))
		refuse("a style sheet needs integrity");
	if (strcmp(name, "svg") == 0 && !seen_has(p, " aria-hidden=true;") && !seen_has(p, " role=img;"))
		refuse("<svg> needs aria-hidden=\"true\" or role=\"img\"");
	if (strcmp(name, "form") == 0) {
		if (p->form_depth)
			refuse("a form inside a form");
		if (seen_has(p, " method=post;")) {
			p->form_depth = p->depth + 1;
			p->form_has_keys = false;
		} else if (!seen_has(p, " method=get;")) {
			refuse("the method of a form is \"get\" or \"post\"");
		}
	}
}

static void tag_done(struct place *p, const char *at)
{
	bool self = *at == '/';
	if (self && !(p->tag->flags & (E_VOID | E_SHAPE)))
		refuse("<%s> cannot end in '/>'", p->tag->name);
	tag_rules(p, at);
	p->where = IN_TEXT;
	skip = self ? 1 : 0;
	if (!self && !(p->tag->flags & E_VOID)) {
		if (p->depth == STACK_MAX)
			refuse("elements nested deeper than %d", STACK_MAX);
		p->stack[p->depth++] = p->tag;
		if (p->tag->flags & E_RAW)
			p->where = IN_RAW;
		p->fresh_textarea = strcmp(p->tag->name, "textarea") == 0;
	}
}

/* ---- attributes ---- */

static void attribute_begin(struct place *p, const char *at)
{
	size_t n = name_at(at, p->attribute_name, sizeof p->attribute_name);
	const char *name = p->attribute_name;
	if (n == 0)
		refuse("'%c' cannot stand in a tag", *at);
	if (!gap)
		refuse("attribute '%s' needs a space before it", name);
	if (strncasecmp(name, "on", 2) == 0)
		refuse("'%s': a page holds no script", name);
	p->attribute = NULL;
	for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
		if (strcmp(attributes[i].name, name) == 0)
			p->attribute = &attributes[i];
	if (strncmp(name, "data-", 5) == 0)
		p->attribute = &data_attribute;
	if (!p->attribute)
		refuse("unknown attribute '%s'", name);
	if (p->attribute->class == A_REFUSED)
		refuse("attribute '%s' may not stand in a template", name);
	if (seen_name(p, name))
		refuse("attribute '%s' stands twice", name);
	gap = false;
	skip = n - 1;
	if (at[n] != '=') {
		if (p->attribute->class != A_BARE)
			refuse("attribute '%s' needs a value", name);
		seen_add(p, name, "");
		return;
	}
	if (p->attribute->class == A_BARE)
		refuse("attribute '%s' takes no value", name);
	if (at[n + 1] != '"')
		refuse("the value of '%s' stands without quotes", name);
	p->where = IN_VALUE;
	p->n_value = 0;
	p->n_value_slots = 0;
	skip = n + 1;
}

static void address_done(struct place *p)
{
	if (p->n_value == 0 && p->n_value_slots == 1)
		return;
	if (p->value[0] == '#' && strcmp(p->attribute_name, "href") == 0)
		return;
	if (p->n_value_slots)
		refuse("a path must be the whole value of '%s'", p->attribute_name);
	bool get = strcmp(p->attribute_name, "href") == 0;
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
		if (strcmp(routes[i].pattern, p->value) == 0 && (!get || strcmp(routes[i].method, "GET") == 0))
			return;
	refuse("'%s' is no address of tables/routes.def", p->value);
}

static void value_done(struct place *p)
{
	p->value[p->n_value] = 0;
	if (p->attribute->class == A_URL)
		address_done(p);
	p->where = IN_TAG;
	seen_add(p, p->attribute_name, p->value);
}

/* ---- bytes ---- */

static void entity(const char *at)
{
	size_t n = 1;
	if (at[n] == '#')
		n++;
	while (isalnum((unsigned char)at[n]))
		n++;
	if (n == 1 || at[n] != ';')
		refuse("a bare '&': write &amp;");
}

static bool text_byte(struct place *p, const char *at)
{
	if (*at == '&')
		entity(at);
	if (*at == '>')
		refuse("a bare '>': write &gt;");
	if (*at != '<')
		return true;
	if (strncmp(at, "<!--", 4) == 0) {
		p->where = IN_COMMENT;
		return false;
	}
	if (strncasecmp(at, "<!doctype html>", 15) == 0 && p->depth == 0)
		skip = 14;
	else if (at[1] == '/')
		tag_end(p, at);
	else
		tag_begin(p, at);
	return true;
}

static bool raw_byte(struct place *p, const char *at)
{
	if (*at == '&')
		entity(at);
	if (*at == '<') {
		const char *name = p->stack[p->depth - 1]->name;
		if (at[1] != '/' || strncmp(at + 2, name, strlen(name)) != 0)
			refuse("a '<' inside <%s>", name);
		tag_end(p, at);
	}
	if (p->fresh_textarea && *at != '\n')
		refuse("<textarea> needs a line break before its text, or a first empty line is lost");
	p->fresh_textarea = false;
	return true;
}

static bool tag_byte(struct place *p, const char *at)
{
	if (*at == ' ')
		gap = true;
	else if (*at == '>' || (*at == '/' && at[1] == '>'))
		tag_done(p, at);
	else
		attribute_begin(p, at);
	return true;
}

static bool value_byte(struct place *p, const char *at)
{
	if (*at == '"') {
		value_done(p);
		return true;
	}
	if (*at == '\n' || *at == '<')
		refuse("the value of '%s' has a line break or a '<'", p->attribute_name);
	if (*at == '&')
		entity(at);
	if (p->n_value + 1 >= sizeof p->value)
		refuse("the value of '%s' is too long", p->attribute_name);
	p->value[p->n_value++] = *at;
	return true;
}

bool place_byte(struct place *p, const char *at)
{
	if (skip) {
		skip--;
		return true;
	}
	switch (p->where) {
	case IN_TEXT:
		return text_byte(p, at);
	case IN_TAG:
		return tag_byte(p, at);
	case IN_VALUE:
		return value_byte(p, at);
	case IN_RAW:
		return raw_byte(p, at);
	case IN_COMMENT:
		if (at[0] == '>' && at[-1] == '-' && at[-2] == '-')
			p->where = IN_TEXT;
		return false;
	}
	return false;
}

bool place_keeps_space(const struct place *p)
{
	if (p->where == IN_VALUE || p->where == IN_COMMENT)
		return true;
	for (int i = 0; i < p->depth; i++)
		if (p->stack[i]->flags & E_PRE)
			return p->where != IN_TAG;
	return false;
}

/* ---- slots ---- */

static void slot_in_text(struct place *p, const struct decl *d)
{
	if (d->type == SLOT_FORM) {
		if (!p->form_depth)
			refuse("the keys of a form outside a POST form");
		if (p->form_has_keys)
			refuse("the keys of a form stand twice");
		p->form_has_keys = true;
		return;
	}
	if (d->type == SLOT_PATH || d->type == SLOT_TOKEN)
		refuse("%s may not stand in text: '%s'", type_words[d->type], d->name);
}

static void slot_in_address(const struct place *p, const struct decl *d)
{
	bool anchor = p->n_value > 0 && p->value[0] == '#';
	if (anchor && (d->type == SLOT_TOKEN || d->type == SLOT_I64))
		return;
	if (d->type != SLOT_PATH)
		refuse("%s may not stand in '%s', only a path: '%s'", type_words[d->type], p->attribute_name, d->name);
	if (p->n_value || p->n_value_slots)
		refuse("a path must be the whole value of '%s': '%s'", p->attribute_name, d->name);
}

static void slot_in_value(struct place *p, const struct decl *d)
{
	enum slot_type t = d->type;
	bool good = false;
	switch (p->attribute->class) {
	case A_URL:
		slot_in_address(p, d);
		good = true;
		break;
	case A_TEXT:
		good = t == SLOT_STR || t == SLOT_I64 || t == SLOT_DAY || t == SLOT_TOKEN;
		break;
	case A_NAME:
		/* A field carried along unseen may bear any name that was sent in. */
		if (t == SLOT_STR && strcmp(p->attribute_name, "name") == 0 && seen_has(p, " type=hidden;"))
			good = true;
		else
			good = t == SLOT_TOKEN || (t == SLOT_I64 && strcmp(p->attribute_name, "class") != 0);
		break;
	case A_NUMBER:
		good = t == SLOT_I64 || t == SLOT_DAY || t == SLOT_TOKEN;
		break;
	case A_BARE:
	case A_LITERAL:
	case A_REFUSED:
		break;
	}
	if (!good)
		refuse("%s may not stand in '%s': '%s'", type_words[t], p->attribute_name, d->name);
	p->n_value_slots++;
}

void place_slot(struct place *p, const struct decl *d)
{
	if (d->type == SLOT_BOOL || d->type == SLOT_LIST)
		refuse("%s has no text: '%s'", type_words[d->type], d->name);
	switch (p->where) {
	case IN_TEXT:
		slot_in_text(p, d);
		break;
	case IN_TAG:
		refuse("a slot may not be an attribute: '%s'", d->name);
	case IN_VALUE:
		slot_in_value(p, d);
		break;
	case IN_RAW:
		if (p->fresh_textarea)
			refuse("<textarea> needs a line break before its text, or a first empty line is lost");
		if (d->type != SLOT_STR && d->type != SLOT_I64 && d->type != SLOT_DAY)
			refuse("%s may not stand in <%s>: '%s'", type_words[d->type], p->stack[p->depth - 1]->name, d->name);
		break;
	case IN_COMMENT:
		refuse("a slot in a comment: '%s'", d->name);
	}
}

void place_include(struct place *p, const char *name)
{
	if (p->where != IN_TEXT)
		refuse("template '%s' may only stand in text", name);
}

void place_block_begin(struct place *p)
{
	if (p->where == IN_COMMENT)
		refuse("a block in a comment");
	if (p->where == IN_VALUE && p->attribute->class == A_URL)
		refuse("a block in '%s': a path must be the whole value", p->attribute_name);
	if (p->where == IN_RAW && p->fresh_textarea)
		refuse("<textarea> needs a line break before its text, or a first empty line is lost");
}

void place_block_same(const struct place *p, const struct place *before, const char *what)
{
	if (p->depth != before->depth || memcmp(p->stack, before->stack, (size_t)p->depth * sizeof *p->stack) != 0)
		refuse("%s must close the elements it opens, and no others", what);
	if (p->where != before->where || (p->where == IN_VALUE && p->attribute != before->attribute))
		refuse("%s must end where it began: in the same tag, value or text", what);
	if (p->form_depth != before->form_depth || p->form_has_keys != before->form_has_keys)
		refuse("%s may not decide whether a form has its keys", what);
}

void place_end(const struct place *p)
{
	if (p->where != IN_TEXT)
		refuse("the template ends inside a tag, a value or a comment");
	if (p->depth)
		refuse("<%s> is never closed", p->stack[p->depth - 1]->name);
}
