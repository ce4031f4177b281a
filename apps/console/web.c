/* SPDX-License-Identifier: MIT */
/* web: where the machine's page is, and the token with which something can be done there. */
#include "files.h"

#include <web.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void show(struct console *c, const struct web_state *state)
{
    char at[32] = "no address yet";
    static const uint8_t none[4];
    if (memcmp(state->ip4, none, 4) != 0) {
        snprintf(at, sizeof at, "%u.%u.%u.%u", state->ip4[0], state->ip4[1], state->ip4[2],
                 state->ip4[3]);
    }
    console_printf(c, TEXT_RESULT, "%s", at);
    if (state->port != 0) {
        console_printf(c, TEXT_PLAIN, "  http port %lu", (unsigned long)state->port);
    }
    if (state->tls_port != 0) {
        console_printf(c, TEXT_PLAIN, "  https port %lu", (unsigned long)state->tls_port);
    }
    console_print(c, TEXT_PLAIN, "\n");
    if (state->mode < 2) {
        console_print(c, TEXT_DIM, "the page can be looked at, nothing can be done: web=look\n");
        return;
    }
    console_printf(c, TEXT_RESULT, "token %.32s\n", (const char *)state->token);
    console_print(c, TEXT_DIM,
                  state->kept
                      ? "it is kept; web new makes another one\n"
                      : "it is the same until the server begins anew; web new makes another one\n");
}

void web_command(struct console *c, int argc, char **argv)
{
    struct web_client web = CTX_CLIENT(c->ctx);
    struct web_state state = {.size = sizeof state};
    bool fresh = argc > 1 && strcmp(argv[1], "new") == 0;
    if (argc > 2 || (argc == 2 && !fresh)) {
        console_print(c, TEXT_ERROR, "web, web new\n");
        return;
    }
    ctx_status status = fresh ? web_call_renew(&web, &state) : web_call_tell(&web, &state);
    if (status == CTX_OK) {
        show(c, &state);
        return;
    }
    files_complain(c, argv[0],
                   status == CTX_E_NOSYS ? "nobody serves a page here, or does not offer ctx.web/1"
                   : status == CTX_E_DENIED ? "the console's line needs use=ctx.web/1"
                   : status == CTX_E_NOENT  ? "there is no token: web=look"
                   : status == CTX_E_AGAIN  ? "another one is just being made"
                   : status == CTX_E_EXIST  ? "another server made one at the same time; try web"
                                            : ctx_status_name(status));
}
