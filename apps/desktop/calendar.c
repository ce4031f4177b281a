/* SPDX-License-Identifier: MIT */
/*
 * People's time: the rule of where they live, made the number that the kernel has for everybody
 * (ctx.calendar/1), and another number when summer time begins or ends. Whoever else sets the zone
 * is believed: then it is that offset, all the year.
 *
 * A PC's clock that has local time (`rtc=local`) is nobody's summer time: it goes on as it was
 * when a rule changes the zone. So the kernel, which takes the zone off what it shows, is told what
 * time it is once more if that jumped.
 */
#include "desktop.h"

#define HOUR (3600 * SECOND)

/* Nanoseconds since 1970; 0: this machine does not know. */
static int64_t wall_ns(struct desktop *d)
{
    int64_t wall = 0;
    return d->ctx->time->wall(d->ctx->time, &wall) == CTX_OK && wall > 0 ? wall : 0;
}

static int64_t wall_s(struct desktop *d)
{
    return wall_ns(d) / (int64_t)SECOND;
}

/* Without a calendar: as it is when there is no summer. */
static int32_t ahead_now(struct desktop *d)
{
    int64_t wall = wall_s(d);
    return wall > 0 ? zone_at(&d->settings.zone, wall) : d->settings.zone.usual;
}

int settings_zone(struct settings *s, const char *text)
{
    struct zone zone;
    if (!zone_read(text, &zone)) {
        return 0;
    }
    uint32_t at = zone_find(text);
    const char *name = at < ZONES ? zone_list[at].name : text;
    s->zone = zone;
    __builtin_memset(s->zone_text, 0, sizeof s->zone_text);
    __builtin_memcpy(s->zone_text, name, text_len(name));
    return 1;
}

/* That offset, all the year. */
static void use_offset(struct desktop *d, int64_t seconds)
{
    uint32_t minutes = (uint32_t)((seconds < 0 ? -seconds : seconds) / 60);
    struct settings *s = &d->settings;
    struct line text;
    line_clear(&text);
    line_put(&text, seconds < 0 ? "-" : "+");
    line_put_number(&text, minutes / 60);
    line_put(&text, ":");
    line_put_two(&text, minutes % 60);
    if (!settings_zone(s, text.text)) { /* farther than anybody lives, but somebody says so */
        __builtin_memset(s->zone_text, 0, sizeof s->zone_text);
        __builtin_memcpy(s->zone_text, text.text, text.len);
    }
    s->zone = (struct zone){.usual = (int32_t)seconds, .summer = (int32_t)seconds};
}

int desktop_tells_zone(const struct desktop *d)
{
    return d->calendar != NULL && CTX_TABLE_HAS(struct ctx_calendar, d->calendar, set_zone);
}

/* ---- from the kernel ---- */

static void hear(struct desktop *d, int first)
{
    int64_t zone = 0;
    if (CTX_TABLE_HAS(struct ctx_time, d->ctx->time, zone)) {
        d->ctx->time->zone(d->ctx->time, &zone);
    }
    d->panels[PANEL_BAR].stale = 1;
    if (first || zone != d->told.ahead) {
        use_offset(d, zone);
        d->told.ahead = (int32_t)zone;
        __builtin_memcpy(d->told.zone, d->settings.zone_text, sizeof d->told.zone);
    }
}

void calendar_begin(struct desktop *d)
{
    hear(d, 1);
}

void calendar_hear(struct desktop *d)
{
    if (d->told.zone[0] != 0) { /* else what was chosen has still to be told */
        hear(d, 0);
    }
}

/* ---- to the kernel ---- */

static void set_zone(struct desktop *d, int32_t ahead, uint32_t local)
{
    d->told.ahead = ahead;
    d->calendar->set_zone(d->calendar, ahead, local);
    d->panels[PANEL_BAR].stale = 1;
}

/* By a rule: only what people's clocks show is another, not what time it is. */
static void change_zone(struct desktop *d, int32_t ahead)
{
    uint64_t before_ns = 0, after_ns = 0;
    int64_t before = wall_ns(d);
    d->ctx->time->now(d->ctx->time, &before_ns);
    set_zone(d, ahead, 2);
    d->ctx->time->now(d->ctx->time, &after_ns);
    int64_t is = before + (int64_t)(after_ns - before_ns), jump = wall_ns(d) - is;
    if (before > 0 && (jump > (int64_t)SECOND || jump < -(int64_t)SECOND)) {
        d->calendar->set(d->calendar, is);
    }
}

/* People have chosen where they live, or that the machine's clock has local time: with that the
 * time is another one, by which summer may be over. A word of the boot line that it has local time
 * counts until somebody chooses. */
static void choose_zone(struct desktop *d)
{
    const struct settings *s = &d->settings;
    uint32_t local = s->rtc_local != d->told.local ? (uint32_t)s->rtc_local : 2;
    __builtin_memcpy(d->told.zone, s->zone_text, sizeof d->told.zone);
    d->told.local = s->rtc_local;
    int32_t ahead = ahead_now(d);
    if (local != 2 || ahead != d->told.ahead) {
        set_zone(d, ahead, local);
        ahead = ahead_now(d);
        if (ahead != d->told.ahead) {
            set_zone(d, ahead, 2);
        }
    }
}

void calendar_tell(struct desktop *d)
{
    if (!desktop_tells_zone(d)) {
        return;
    }
    if (!same_text(d->settings.zone_text, d->told.zone) || d->settings.rtc_local != d->told.local) {
        choose_zone(d);
    }
    int32_t ahead = ahead_now(d);
    if (ahead != d->told.ahead) {
        change_zone(d, ahead);
    }
}

void calendar_forget(struct desktop *d)
{
    d->told.zone[0] = 0;
    d->told.ahead = INT32_MIN;
    d->told.local = 0;
}

/* ---- what time it is ---- */

uint32_t calendar_minute(struct desktop *d)
{
    int64_t wall = wall_s(d);
    if (wall == 0) {
        return 0;
    }
    int32_t shown = d->settings.rtc_local && !desktop_tells_zone(d) ? 0 : ahead_now(d);
    wall += shown;
    return wall >= 60 ? (uint32_t)(wall / 60) : 0;
}

/* When it has to be called for this: the minute that a clock shows, or the zone's next change. Of
 * that somebody may have told the time meanwhile, or stopped the machine, so not later than in an
 * hour. */
uint64_t calendar_next_ns(struct desktop *d, int shows_minutes)
{
    const uint64_t minute = 60 * SECOND;
    uint64_t now = 0, wall = (uint64_t)wall_ns(d);
    int64_t next = zone_next(&d->settings.zone, (int64_t)(wall / SECOND));
    d->ctx->time->now(d->ctx->time, &now);
    if (wall == 0 || (!shows_minutes && (next == INT64_MAX || !desktop_tells_zone(d)))) {
        return UINT64_MAX;
    }
    uint64_t in = shows_minutes ? minute - wall % minute : HOUR;
    if (next != INT64_MAX && (uint64_t)next < (wall + in) / SECOND) {
        in = (uint64_t)next * SECOND - wall;
    }
    return now + in;
}
