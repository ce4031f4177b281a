/* SPDX-License-Identifier: MIT */
/*
 * The machine's page and its token, where the desktop's line has use=ctx.web/1: a notice says a new
 * token, and the overview has it as long as there is one. It is asked for when an interface has
 * come and while the overview is open; nothing waits for it. Over a kiosk's app it is never shown.
 */
#include "desktop.h"

static void put_address(struct line *line, const struct web_state *state)
{
    const uint8_t *ip = state->ip4;
    if ((ip[0] | ip[1] | ip[2] | ip[3]) == 0) {
        line_put(line, "no address yet");
        return;
    }
    line_put(line, state->port != 0 ? "http://" : "https://");
    for (uint32_t i = 0; i < 4; i++) {
        line_put(line, i > 0 ? "." : "");
        line_put_number(line, ip[i]);
    }
    uint32_t port = state->port != 0 ? state->port : state->tls_port;
    if (port != (state->port != 0 ? 80u : 443u)) {
        line_put(line, ":");
        line_put_number(line, port);
    }
}

static void ask(struct job *job, void *arg)
{
    struct desktop *d = arg;
    struct web_client web = CTX_CLIENT(job->ctx);
    struct web_state now = {.size = sizeof now};
    if (web_call_tell(&web, &now) != CTX_OK) {
        d->web = (struct web_state){0};
        return;
    }
    struct web_state *was = &d->web;
    int other = __builtin_memcmp(was->token, now.token, sizeof now.token) != 0;
    *was = now;
    d->panels[PANEL_OVERVIEW].stale |= other;
    if (other && now.mode == 2 && now.made != 0) {
        struct line line;
        line_clear(&line);
        put_address(&line, &now);
        line_put(&line, ", token ");
        line_put_bytes(&line, now.token, sizeof now.token);
        notices_say(d, 0, "A new token for the web page", line.text);
    }
}

void web_look(struct desktop *d)
{
    const struct web_table *table = NULL;
    if (kiosk_is(d) || d->web_job.fiber != NULL) {
        return;
    }
    if (web_open(d->ctx, &table) == CTX_OK) {
        job_begin(&d->web_job, d->ctx, ask, d);
    } else {
        d->web = (struct web_state){0};
    }
}

int web_line(const struct desktop *d, struct line *line)
{
    line_clear(line);
    if (d->web.mode == 0) {
        return 0;
    }
    put_address(line, &d->web);
    if (d->web.mode == 2) {
        line_put(line, "  token ");
        line_put_bytes(line, d->web.token, sizeof d->web.token);
    } else {
        line_put(line, ", only to be looked at");
    }
    return 1;
}
