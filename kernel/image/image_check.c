/* SPDX-License-Identifier: MIT */
/*
 * What an image says of an app, held against the slot's rules (libctx/doc/image.md). Nothing here
 * knows this system: neither what memory it has nor which addresses are taken.
 */
#include "image_check.h"

#include "app.h"
#include "utf8.h"

#include <kernel/string.h>

#include <ctx/tables.h>

_Static_assert(GRANT_NIC - GRANT_TABLE == CTX_IMAGE_ITEM_NIC - CTX_IMAGE_ITEM_TABLE,
               "the format numbers the words as the kernel does");

#define SIDE_MAX   16384u
#define EVENTS_MAX 4096u
#define KEYS_MAX   4096u
#define TABLES_MAX 4096u /* that have a grant or are denied */
#define HOSTS_MAX  16384u
/* Of the first images; what came later is zero in them. */
#define APP_BYTES_MIN (uint32_t) offsetof(struct ctx_image_app, more_generations)

uint32_t image_entry_size(uint32_t kind)
{
    static const uint32_t sizes[IMAGE_KINDS] = {
        [CTX_IMAGE_APP] = 8, /* its own size is in it */
        [CTX_IMAGE_RUNS] = sizeof(struct ctx_image_run),
        [CTX_IMAGE_HEAP] = sizeof(struct ctx_image_block),
        [CTX_IMAGE_FREE] = 8,
        [CTX_IMAGE_GRANTS] = sizeof(struct ctx_image_grant),
        [CTX_IMAGE_TABLES] = offsetof(struct ctx_image_table, more),
        [CTX_IMAGE_SURFACES] = offsetof(struct ctx_image_surface, asked),
        [CTX_IMAGE_EVENTS] = offsetof(struct ctx_event, surface), /* the rest came later */
        [CTX_IMAGE_INPUT] = sizeof(struct ctx_input),
        [CTX_IMAGE_KEYS] = sizeof(struct ctx_image_key),
        [CTX_IMAGE_HANDLES] = sizeof(struct ctx_image_handle),
        [CTX_IMAGE_HOSTS] = sizeof(struct ctx_image_host),
        [CTX_IMAGE_SERVICES] = sizeof(struct ctx_image_service),
        [CTX_IMAGE_SERVED] = 8,
        [CTX_IMAGE_SHARES] = sizeof(struct ctx_image_share),
        [CTX_IMAGE_WINDOWS] = offsetof(struct ctx_image_window, shown),
        [CTX_IMAGE_NEEDS] = sizeof(struct ctx_image_need),
        [CTX_IMAGE_SESSION_HEAD] = 8,
    };
    return sizes[kind];
}

bool image_is_text(const uint8_t *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] == 0) {
            return true;
        }
    }
    return false;
}

/* A text without control characters: the system makes no others, and whoever shows a name or a
 * reason relies on that. */
bool image_is_line(const uint8_t *text, size_t size)
{
    for (size_t i = 0; i < size && text[i] != 0; i++) {
        if (text[i] < ' ' || text[i] == 0x7f) {
            return false;
        }
    }
    return image_is_text(text, size);
}

bool image_in_slot(uint64_t offset, uint64_t len)
{
    uint64_t end = CTX_SLOT_SIZE - CTX_SLOT_GUARD;
    return offset >= CTX_SLOT_GUARD && offset < end && len <= end - offset;
}

/* ---- struct ctx_image_text ---- */

/* The text at *at of such a section, and *at behind it. NULL: there is none that keeps the rules.
 */
static const char *next_text(const struct image_part *part, uint64_t *at,
                             struct ctx_image_text *head)
{
    if (part->len - *at < sizeof *head) {
        return NULL;
    }
    memcpy(head, part->stored + *at, sizeof *head);
    uint64_t from = *at + sizeof *head;
    if (head->len >= APP_TEXT || part->len - from <= head->len) {
        return NULL;
    }
    const uint8_t *text = part->stored + from;
    uint64_t padded = ALIGN_UP((uint64_t)head->len + 1, UINT64_C(8));
    if (padded > part->len - from) {
        return NULL;
    }
    for (uint64_t i = 0; i < padded; i++) {
        if ((text[i] == 0) != (i >= head->len)) {
            return NULL;
        }
    }
    *at = from + padded;
    return (const char *)text;
}

const char *image_next_text(const struct image *image, uint32_t kind, uint64_t *at, uint32_t *what)
{
    const struct image_part *part = &image->parts[kind];
    struct ctx_image_text head = {0, 0};
    const char *text = *at < part->len ? next_text(part, at, &head) : NULL;
    *what = head.what;
    return text;
}

const char *image_text_of(const struct image *image, uint32_t kind, uint32_t what)
{
    uint64_t at = 0;
    uint32_t other;
    const char *text;
    do {
        text = image_next_text(image, kind, &at, &other);
    } while (text != NULL && other != what);
    return text;
}

static bool check_section_of_texts(const struct image *image, uint32_t kind, const char *field,
                                   struct image_error *error)
{
    const struct image_part *part = &image->parts[kind];
    struct ctx_image_text head;
    for (uint64_t at = 0; at < part->len;) {
        if (next_text(part, &at, &head) == NULL) {
            return image_refuse(error, field, at, "no text, or one that is too long or has no end");
        }
    }
    return true;
}

/* ---- struct ctx_image_app ---- */

static bool check_texts(const struct ctx_image_app *a, struct image_error *error)
{
    if (!image_is_text(a->name, sizeof a->name) || a->name[0] == 0) {
        return image_refuse(error, "app.name", 0, "no name, or one without an end");
    }
    if (!image_is_line(a->name, sizeof a->name)) {
        return image_refuse(error, "app.name", 0, "a control character in it");
    }
    if (!image_is_text(a->arguments, sizeof a->arguments) ||
        !image_is_text(a->hosts, sizeof a->hosts) ||
        !image_is_text(a->instrument, sizeof a->instrument) ||
        !image_is_text(a->saved_by, sizeof a->saved_by) ||
        !image_is_text(a->app_version, sizeof a->app_version)) {
        return image_refuse(error, "app.arguments", 0, "a text without an end");
    }
    if (a->build_id_len > sizeof a->build_id) {
        return image_refuse(error, "app.build_id_len", a->build_id_len, "longer than a build id");
    }
    return true;
}

static bool check_policy(const struct ctx_image_app *a, struct image_error *error)
{
    if (a->restart > CTX_RESTART_ASK || a->restart_limit == 0) {
        return image_refuse(error, "app.restart", a->restart, "no such restart policy");
    }
    if (a->overrun > OVERRUN_RESTART || a->overrun_limit == 0) {
        return image_refuse(error, "app.overrun", a->overrun, "no such policy");
    }
    if (a->budget_ns < MACHINE_TICK_NS || a->budget_ns > 60 * NSEC_PER_SEC) {
        return image_refuse(error, "app.budget_ns", a->budget_ns, "not a call's budget");
    }
    if (a->share >= 100) {
        return image_refuse(error, "app.share", a->share, "not a share in per cent");
    }
    if (a->log_per_second == 0) {
        return image_refuse(error, "app.log_per_second", 0, "an app may write some lines");
    }
    return true;
}

#define PID_MAX (UINT64_C(1) << 48)

static bool check_place(const struct ctx_image_app *a, struct image_error *error)
{
    bool live = a->state == CTX_IMAGE_LIVE;
    uint64_t no = (a->base - CTX_SLOT_LOWEST) / CTX_SLOT_SIZE;
    if (live ? (a->base & (CTX_SLOT_SIZE - 1)) != 0 || no >= CTX_SLOT_COUNT : a->base != 0) {
        return image_refuse(error, "app.base", a->base, "not the base of a slot");
    }
    if (a->pid > PID_MAX || (a->parent > PID_MAX && a->parent != APP_NO_PARENT)) {
        return image_refuse(error, "app.pid", a->pid, "larger than any");
    }
    if (a->stack_low < CTX_SLOT_STACK_LOW || a->stack_low > CTX_SLOT_STACK_TOP - CTX_STACK_MIN ||
        (a->stack_low & PAGE_MASK) != 0) {
        return image_refuse(error, "app.stack_low", a->stack_low, "not a stack's end");
    }
    if (a->quota_bytes < PAGE_SIZE || (a->quota_bytes & PAGE_MASK) != 0 ||
        a->quota_bytes > UINT64_C(1) << 52) {
        return image_refuse(error, "app.quota_bytes", a->quota_bytes, "not a number of pages");
    }
    if ((a->flags & CTX_IMAGE_HAS_CANVAS) == 0) {
        return true;
    }
    uint64_t bytes = (uint64_t)a->canvas_w * a->canvas_h * 4;
    if (a->canvas_w == 0 || a->canvas_w > SIDE_MAX || a->canvas_h == 0 || a->canvas_h > SIDE_MAX ||
        a->canvas_at < CTX_SLOT_CANVAS || (a->canvas_at & PAGE_MASK) != 0 ||
        !image_in_slot(a->canvas_at, bytes)) {
        return image_refuse(error, "app.canvas_at", a->canvas_at, "no canvas can lie there");
    }
    return true;
}

static bool check_head(struct image *image, struct image_error *error)
{
    const struct image_part *part = &image->parts[CTX_IMAGE_APP];
    struct ctx_image_app *a = &image->app;
    if (part->len < APP_BYTES_MIN) {
        return image_refuse(error, "app.size", part->len,
                            "the app's own section is missing or short");
    }
    memset(a, 0, sizeof *a);
    memcpy(a, part->stored, sizeof a->size);
    if (a->size >= APP_BYTES_MIN && a->size <= part->len) { /* the rest of it is no field's */
        memcpy(a, part->stored, MIN(a->size, (uint32_t)sizeof *a));
    }
    if (a->size < APP_BYTES_MIN || a->size > part->len) {
        return image_refuse(error, "app.size", a->size, "not the section's");
    }
    if (a->state > CTX_IMAGE_STOPPED) {
        return image_refuse(error, "app.state", a->state, "no such state");
    }
    if (a->version < 2 || a->version > CTX_ABI_VERSION) {
        return image_refuse(error, "app.version", a->version,
                            "saved with a Context that this system does not have");
    }
    if ((a->flags & ~(CTX_IMAGE_PAUSED | CTX_IMAGE_WAITS | CTX_IMAGE_SUBSCRIBED | CTX_IMAGE_LOST |
                      CTX_IMAGE_HAS_CANVAS | CTX_IMAGE_CRITICAL | CTX_IMAGE_TRUSTS)) != 0) {
        return image_refuse(error, "app.flags", a->flags, "unknown flags");
    }
    return check_texts(a, error) && check_policy(a, error) && check_place(a, error);
}

/* ---- what an app of version 3 has opened ---- */

static bool are_rights(uint32_t rights)
{
    return rights == CTX_SHARE_READ || rights == (CTX_SHARE_READ | CTX_SHARE_WRITE);
}

static bool check_shares(const struct image *image, struct image_error *error)
{
    uint64_t places[IMAGE_SHARES / 64] = {0}, next = CTX_SLOT_SHARED + PAGE_SIZE;
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_SHARES].count; i++) {
        struct ctx_image_share s;
        image_entry(image, CTX_IMAGE_SHARES, i, &s, sizeof s);
        uint32_t place = s.handle % IMAGE_SHARES;
        if (s.handle < IMAGE_SHARES || (places[place / 64] >> (place % 64) & 1) != 0) {
            return image_refuse(error, "share.handle", s.handle,
                                "no handle, or its place is taken");
        }
        places[place / 64] |= UINT64_C(1) << (place % 64);
        if (s.pages == 0 || s.pages > (CTX_SLOT_SHARED_END - CTX_SLOT_SHARED) / PAGE_SIZE - 2) {
            return image_refuse(error, "share.pages", s.pages, "not a share's size");
        }
        bool mapped = s.at != 0;
        if (!are_rights(s.rights) ||
            (mapped ? !are_rights(s.mapped) || (s.mapped & ~s.rights) != 0 : s.mapped != 0)) {
            return image_refuse(error, "share.rights", s.rights, "no such rights");
        }
        if (mapped && (s.at < next || (s.at & PAGE_MASK) != 0 || s.at >= CTX_SLOT_SHARED_END ||
                       (s.pages + 1) * PAGE_SIZE > CTX_SLOT_SHARED_END - s.at)) {
            return image_refuse(error, "share.at", s.at, "no share can lie there, or out of order");
        }
        next = mapped ? s.at + (s.pages + 1) * PAGE_SIZE : next;
    }
    return true;
}

static bool check_tables(const struct image *image, struct image_error *error)
{
    uint64_t gates[IMAGE_OPENED_GATES / 64] = {0}, places[3] = {0};
    _Static_assert(IMAGE_OPENED_TABLES <= 3 * 64, "places");
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_TABLES].count; i++) {
        struct ctx_image_table t;
        image_entry(image, CTX_IMAGE_TABLES, i, &t, sizeof t);
        uint64_t place = (t.offset - CTX_SLOT_OPENED) / 0x400;
        if (t.offset < CTX_SLOT_OPENED || t.offset >= CTX_SLOT_CTX || (t.offset & 0x3ff) != 0 ||
            (places[place / 64] >> (place % 64) & 1) != 0) {
            return image_refuse(error, "table.offset", t.offset, "no table can lie there");
        }
        places[place / 64] |= UINT64_C(1) << (place % 64);
        uint32_t first = t.gate - CTX_GATE_OPENED;
        if (t.gate < CTX_GATE_OPENED || first >= IMAGE_OPENED_GATES || t.count == 0 ||
            t.count > IMAGE_OPENED_GATES - first || t.count > 126) {
            return image_refuse(error, "table.gate", t.gate, "no gates of an opened table");
        }
        for (uint32_t gate = first; gate < first + t.count; gate++) {
            if ((gates[gate / 64] >> (gate % 64) & 1) != 0) {
                return image_refuse(error, "table.gate", CTX_GATE_OPENED + gate,
                                    "a gate of two tables");
            }
            gates[gate / 64] |= UINT64_C(1) << (gate % 64);
        }
        bool ends = image_is_text(t.id, sizeof t.id) ? t.more[0] == 0
                                                     : image_is_text(t.more, sizeof t.more);
        if (!ends || t.id[0] == 0) {
            return image_refuse(error, "table.id", t.gate, "no id, or one without an end");
        }
    }
    return true;
}

/* What is kept in lists that are walked along for each entry has no more of them than apps have. */
static bool check_counts(const struct image *image, struct image_error *error)
{
    static const struct {
        uint32_t kind, most;
        const char *field;
    } limits[] = {
        {CTX_IMAGE_GRANTS, TABLES_MAX, "grants.count"},
        {CTX_IMAGE_HOSTS, HOSTS_MAX, "hosts.count"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(limits); i++) {
        uint64_t count = image->parts[limits[i].kind].count;
        if (count > limits[i].most) {
            return image_refuse(error, limits[i].field, count, "more than an app can have");
        }
    }
    return true;
}

static bool check_grant_items(const struct image *image, struct image_error *error)
{
    uint64_t at = 0, from = 0, count = 0;
    uint32_t what;
    struct grants_error why;
    for (const char *text;
         (text = image_next_text(image, CTX_IMAGE_GRANT_ITEMS, &at, &what)) != NULL; from = at) {
        enum grant_kind kind = (enum grant_kind)(what - CTX_IMAGE_ITEM_TABLE);
        bool known = what >= CTX_IMAGE_ITEM_TABLE && what <= CTX_IMAGE_ITEM_NIC;
        if (known && !grants_check(text, kind, &why)) {
            return image_refuse(error, "grant.item", from, why.reason);
        }
        count += known ? grants_items(text, kind) : 0;
        if (count > GRANTS_MOST + 2 * CTX_TABLES) { /* and ids that GRANTS has no place for */
            return image_refuse(error, "grant.items", count, "more than an app can have");
        }
    }
    return true;
}

static bool check_texts_of_lists(const struct image *image, struct image_error *error)
{
    if (!check_counts(image, error) ||
        !check_section_of_texts(image, CTX_IMAGE_GRANT_ITEMS, "grant.item", error) ||
        !check_grant_items(image, error)) {
        return false;
    }
    if (!check_section_of_texts(image, CTX_IMAGE_TEXTS, "texts", error)) {
        return false;
    }
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_GRANTS].count; i++) {
        struct ctx_image_grant g;
        image_entry(image, CTX_IMAGE_GRANTS, i, &g, sizeof g);
        if (!image_is_text(g.id, sizeof g.id) || g.granted > 1 || g.denied > 1) {
            return image_refuse(error, "grant.id", i, "not a grant");
        }
    }
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_HOSTS].count; i++) {
        struct ctx_image_host h;
        image_entry(image, CTX_IMAGE_HOSTS, i, &h, sizeof h);
        if (!image_is_text(h.words, sizeof h.words)) {
            return image_refuse(error, "host.words", i, "a text without an end");
        }
    }
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_HANDLES].count; i++) {
        struct ctx_image_handle h;
        image_entry(image, CTX_IMAGE_HANDLES, i, &h, sizeof h);
        if (!image_is_text(h.table, sizeof h.table)) {
            return image_refuse(error, "handle.table", i, "a text without an end");
        }
    }
    return true;
}

/* ---- input ---- */

static bool check_input(const struct image *image, struct image_error *error)
{
    const struct image_part *input = &image->parts[CTX_IMAGE_INPUT];
    if (image->parts[CTX_IMAGE_EVENTS].count > EVENTS_MAX ||
        image->parts[CTX_IMAGE_KEYS].count > KEYS_MAX) {
        return image_refuse(error, "events", image->parts[CTX_IMAGE_EVENTS].count,
                            "more events than anybody keeps");
    }
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_EVENTS].count; i++) {
        struct ctx_event event;
        image_entry(image, CTX_IMAGE_EVENTS, i, &event, sizeof event);
        if (event.kind == 0 || event.kind > 63) {
            return image_refuse(error, "event.kind", event.kind, "no kind of event");
        }
    }
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_KEYS].count; i++) {
        struct ctx_image_key key;
        image_entry(image, CTX_IMAGE_KEYS, i, &key, sizeof key);
        if (key.code >= 1024 || key.down > 1) {
            return image_refuse(error, "key.code", key.code, "no such key");
        }
    }
    if (input->len == 0) {
        return true;
    }
    const uint8_t *keys = input->stored + offsetof(struct ctx_input, keys);
    for (uint32_t code = 0; code < 1024; code++) {
        uint8_t k = keys[code];
        if (k != CTX_KEY_OFF && k != CTX_KEY_OFF_FROM_ON && k != CTX_KEY_OFF_TRANSIENT_ON &&
            k != CTX_KEY_ON_FROM_OFF && k != CTX_KEY_ON_TRANSIENT_OFF && k != CTX_KEY_ON) {
            return image_refuse(error, "input.keys", code, "no such state of a key");
        }
    }
    return true;
}

/* What only apps of version 3 have. */
static bool check_version(const struct image *image, struct image_error *error)
{
    static const uint32_t kinds[] = {CTX_IMAGE_TABLES,  CTX_IMAGE_SURFACES, CTX_IMAGE_EVENTS,
                                     CTX_IMAGE_HANDLES, CTX_IMAGE_SERVICES, CTX_IMAGE_SERVED,
                                     CTX_IMAGE_SHARES};
    for (size_t i = 0; image->app.version < 3 && i < ARRAY_COUNT(kinds); i++) {
        if (image->parts[kinds[i]].count > 0) {
            return image_refuse(error, "section.kind", kinds[i],
                                "apps of versions 1 and 2 have no such thing");
        }
    }
    return true;
}

bool image_check_app(struct image *image, struct image_error *error)
{
    const struct image_part *parts = image->parts;
    if (!check_head(image, error) || !check_version(image, error) ||
        !image_check_screen(image, error) || !check_shares(image, error) ||
        !image_check_runs(image, error) || !image_check_heap(image, error) ||
        !check_tables(image, error) || !image_check_services(image, error) ||
        !check_texts_of_lists(image, error) || !check_input(image, error) ||
        !image_check_program(image, error)) {
        return false;
    }
    uint64_t canvas = (image->app.flags & CTX_IMAGE_HAS_CANVAS) != 0
                          ? (uint64_t)image->app.canvas_w * image->app.canvas_h * 4
                          : 0;
    if (parts[CTX_IMAGE_CANVAS].len != 0 && parts[CTX_IMAGE_CANVAS].len != canvas) {
        return image_refuse(error, "canvas.len", parts[CTX_IMAGE_CANVAS].len,
                            "not the pixels of its canvas");
    }
    return true;
}

bool image_check_session(struct image *image, struct image_error *error)
{
    const struct image_part *head = &image->parts[CTX_IMAGE_SESSION_HEAD];
    struct ctx_image_session *s = &image->session;
    if (head->len < sizeof *s) {
        return image_refuse(error, "session.size", head->len,
                            "the session's own section is missing");
    }
    memcpy(s, head->stored, sizeof *s);
    if (s->size < sizeof *s || s->size > head->len) {
        return image_refuse(error, "session.size", s->size, "not the section's");
    }
    if (s->apps != image->parts[CTX_IMAGE_SESSION_APP].count) {
        return image_refuse(error, "session.apps", s->apps, "not as many apps as there are");
    }
    if (!image_is_line(s->name, sizeof s->name) ||
        !image_is_text(s->saved_by, sizeof s->saved_by)) {
        return image_refuse(error, "session.name", 0, "a control character, or no end");
    }
    uint64_t bytes = (uint64_t)s->canvas_w * s->canvas_h * 4;
    if (s->canvas_w > SIDE_MAX || s->canvas_h > SIDE_MAX ||
        (image->parts[CTX_IMAGE_CANVAS].len != 0 && image->parts[CTX_IMAGE_CANVAS].len != bytes)) {
        return image_refuse(error, "canvas.len", image->parts[CTX_IMAGE_CANVAS].len,
                            "not the pixels of its canvas");
    }
    return true;
}
