/* SPDX-License-Identifier: MIT */
/*
 * A window of controls (<ctx/ui.h>) that people can make larger and smaller: its surface, theme,
 * clipboard and events. An app may have several. All of it hangs on the app's state, so it is saved
 * and undone with it.
 */
#ifndef PANE_H
#define PANE_H

#include <clip.h>
#include <ctx/ctx.h>
#include <ctx/ui.h>

#include <stdint.h>

struct pane {
    struct ctx *ctx;
    struct ctx_ui ui;
    uint32_t surface; /* 0: it is not open */
    uint32_t w, h, least_w, least_h;
    uint32_t scale; /* of the screen, in 1/120 */
    uint32_t flags; /* CTX_THEME_* */
    uint32_t cursor;
    struct clip clip;
    struct ctx_ui_clipboard clipboard;
};

typedef void (*pane_draw)(void *app, struct pane *pane);

struct pane_size {
    uint32_t w, h, least_w, least_h; /* pixels at scale 120; it is never made smaller than least */
};

/* flags: CTX_THEME_CONTRAST. 0: there is no memory for it. */
int pane_open(struct pane *pane, struct ctx *ctx, const char *title, const struct pane_size *size,
              uint32_t flags);
void pane_close(struct pane *pane);

/* What people call it; cut at 63 bytes. */
void pane_title(struct pane *pane, const char *title);

/*
 * An event of this window, or NULL: one pass without any. draw is called once for each pass.
 * 1: the user asks that the window be closed.
 */
int pane_event(struct pane *pane, const struct ctx_event *event, pane_draw draw, void *app);

/* Show what changed. At the end of each call. */
void pane_show(struct pane *pane);

/* All events of the call, for an app with one window; then pane_show. 1: the user asks that it be
 * closed. */
int pane_run(struct pane *pane, struct ctx *ctx, pane_draw draw, void *app);

/* What such an app waits for. */
#define PANE_EVENTS                                                                                \
    (1u << CTX_EVENT_KEY | 1u << CTX_EVENT_TEXT | 1u << CTX_EVENT_POINTER |                        \
     1u << CTX_EVENT_WHEEL | 1u << CTX_EVENT_CLOSE | 1u << CTX_EVENT_FOCUS |                       \
     1u << CTX_EVENT_LEAVE | 1u << CTX_EVENT_EXPOSE | 1u << CTX_EVENT_RESIZE |                     \
     1u << CTX_EVENT_SCALE)

#endif
