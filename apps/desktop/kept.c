/* SPDX-License-Identifier: MIT */
/*
 * Settings that outlive the session: ctx.kv/1 keeps them where somebody offers it, one key for each
 * that somebody has chosen, its value as the words of the line have it. What was chosen last wins,
 * over the line and over what an image brings back: so they are read whenever the desktop begins,
 * goes back to an earlier state, or an interface comes. Nothing waits for them; what is chosen
 * before they are there stays. A kiosk has its line, and nothing else.
 */
#include "desktop.h"

#include <kv.h>

#define VALUE 80u /* bytes of the longest, a layout's name */

static const char *const keys[KEPT] = {
    [KEPT_SCALE] = "scale",         [KEPT_CONTRAST] = "contrast", [KEPT_POINTER] = "pointer",
    [KEPT_WALLPAPER] = "wallpaper", [KEPT_ZONE] = "zone",         [KEPT_RTC] = "rtc",
    [KEPT_LAYOUT] = "layout",
};

/* A disk that has to be waited for is asked once more. 1: so it is to be. */
static int again(struct kv_client *kv, ctx_status *status)
{
    if (*status != CTX_E_AGAIN) {
        return 0;
    }
    ctx_status waited = kv_call_wait(kv);
    if (waited < 0 && waited != CTX_E_STALE) {
        *status = waited;
        return 0;
    }
    return 1;
}

/* ---- from there ---- */

static void use(struct desktop *d, uint32_t key, const char *value)
{
    if (key == KEPT_LAYOUT) {
        /* One that this system does not have leaves what there is. */
        (void)d->windows->set_layout(d->windows, value, text_len(value));
        return;
    }
    struct line word;
    line_clear(&word);
    line_put(&word, keys[key]);
    line_put(&word, "=");
    line_put(&word, value);
    if (!settings_word(&d->settings, word.text)) { /* somebody else wrote there */
        struct line line;
        line_clear(&line);
        line_put(&line, "what ctx.kv/1 keeps as ");
        line_put(&line, keys[key]);
        line_put(&line, " is no such setting: ");
        line_put(&line, value);
        desktop_say(d, &line);
    }
}

static void read_all(struct desktop *d, struct kv_client *kv)
{
    struct settings before = d->settings;
    for (uint32_t i = 0; i < KEPT; i++) {
        struct kv_about about;
        char value[VALUE + 1] = {0};
        ctx_status status = CTX_OK;
        do {
            status = kv_call_get(kv, keys[i], text_len(keys[i]), value, VALUE, &about);
        } while (again(kv, &status));
        if (status != CTX_OK && status != CTX_E_NOENT) {
            d->kept.trouble = status;
            return;
        }
        if (status == CTX_OK && (d->kept.due >> i & 1) == 0) {
            use(d, i, value);
        }
    }
    struct ctx_files_space space = {.size = sizeof space};
    d->kept.trouble = CTX_OK;
    d->kept.in_memory = raw_space(&d->kept_job, "/disk", &space) == CTX_OK &&
                        (space.flags & CTX_FILES_IN_MEMORY) != 0;
    d->look_changed |= __builtin_memcmp(&before, &d->settings, sizeof before) != 0;
    d->panels[PANEL_SETTINGS].stale = 1;
}

/* ---- to there ---- */

static void value_of(struct desktop *d, uint32_t key, struct line *value)
{
    const struct settings *s = &d->settings;
    line_clear(value);
    switch (key) {
    case KEPT_SCALE:
        line_put_number(value, s->scale);
        break;
    case KEPT_CONTRAST:
        line_put(value, s->contrast != 0 ? "high" : "usual");
        break;
    case KEPT_POINTER:
        line_put_number(value, s->pointer);
        break;
    case KEPT_WALLPAPER:
        line_put_number(value, s->wallpaper);
        break;
    case KEPT_ZONE:
        line_put(value, s->zone_text);
        break;
    case KEPT_RTC:
        line_put(value, s->rtc_local != 0 ? "local" : "utc");
        break;
    default:
        settings_layout(d, value);
    }
}

static void write_due(struct desktop *d, struct kv_client *kv)
{
    for (uint32_t i = 0; i < KEPT; i++) {
        struct line value;
        ctx_status status = CTX_OK;
        if ((d->kept.due >> i & 1) == 0) {
            continue;
        }
        d->kept.due &= ~(1u << i);
        value_of(d, i, &value);
        do {
            status = kv_call_put(kv, keys[i], text_len(keys[i]), value.text, value.len);
        } while (again(kv, &status));
        if (status != CTX_OK) {
            d->kept.trouble = status;
            notices_say(d, 1, "The setting is not kept", raw_why(status));
            return;
        }
    }
}

/* ---- both ---- */

static void job(struct job *job, void *arg)
{
    struct desktop *d = arg;
    struct kv_client kv = CTX_CLIENT(job->ctx);
    if (!d->kept.read) {
        d->kept.read = 1;
        read_all(d, &kv);
    }
    while (d->kept.due != 0 && d->kept.trouble == CTX_OK) {
        write_due(d, &kv);
    }
}

void kept_look(struct desktop *d)
{
    const struct kv_table *table = NULL;
    if (kiosk_is(d) || d->kept.read || d->kept_job.fiber != NULL) {
        return;
    }
    d->kept.trouble = kv_open(d->ctx, &table);
    if (d->kept.trouble == CTX_OK) {
        job_begin(&d->kept_job, d->ctx, job, d);
    }
}

void kept_forget(struct desktop *d)
{
    d->kept.read = 0;
    kept_look(d);
}

void kept_changed(struct desktop *d, enum kept_key key)
{
    const struct kv_table *table = NULL;
    d->kept.due |= 1u << key;
    if (d->kept_job.fiber != NULL) {
        return; /* it sees to it */
    }
    d->kept.trouble = kv_open(d->ctx, &table);
    if (d->kept.trouble == CTX_OK) {
        job_begin(&d->kept_job, d->ctx, job, d);
    }
}

const char *kept_why_not(const struct desktop *d)
{
    switch (d->kept.trouble) {
    case CTX_OK:
        return d->kept.in_memory ? "There is no disk: these end with the machine." : NULL;
    case CTX_E_DENIED:
    case CTX_E_NOENT:
    case CTX_E_NOSYS:
        return "Nobody keeps settings here (ctx.kv/1): these end with the session.";
    default:
        return "The disk failed: these end with the session.";
    }
}
