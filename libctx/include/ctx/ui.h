/* SPDX-License-Identifier: MIT */
/*
 * <ctx/ui.h> - buttons, lists, text fields, menus into a surface. In libctx_ui.a; libctx/doc/ui.md
 * has a whole app.
 *
 * Nothing is built and kept: the app calls one function for each control, each time, and that
 * function draws it if it looks other than before and answers what the user did with it. State is
 * in structs of the app's (struct ctx_ui, and one for each field and list), on its store, so undo,
 * images and restarts need nothing special; the library has no memory of its own and allocates
 * none. Times, keys and pointers come from events of version 3 only.
 *
 *     struct ctx_event e[16];
 *     ... events->read(events, e, sizeof e, sizeof e[0], &count) ...
 *     for (uint32_t i = 0; i < count; i++) {
 *         ctx_ui_feed(ui, &e[i]);
 *         do {
 *             ctx_ui_begin(ui, pixels, w, h, w);
 *             if (ctx_ui_button(ui, CTX_RECT(10, 10, 80, 30), "Save")) { save(); }
 *         } while (ctx_ui_end(ui));
 *     }
 *     for (uint32_t i = 0; i < ui->damages; i++) { ... display->damage(..., ui->damage[i]) ... }
 *     ui->damages = 0;
 *
 * One pass, begin to end, hands one event to the controls; end answers 1 when another pass must
 * follow at once, because what was drawn is out of date. The first pass draws everything. Colours
 * behind controls come from ui->back, so that what changes can be wiped out.
 *
 * Keys: Tab and Shift-Tab go to the next and previous control, arrows too where a control has no
 * use for them; Enter and Space press; Esc closes a menu. A control's id is its text: of two with
 * the same text in one pass the second's id is another, by order. Two controls may lie over each
 * other only where the lower one does not change.
 *
 * All functions are for one ui at a time and touch only it, the target and what they are given
 * [any]. Texts are UTF-8 and NUL-terminated unless a length is given, and need live only until end.
 */
#ifndef CTX_UI_H
#define CTX_UI_H

#include <ctx/draw.h>
#include <ctx/tables.h>
#include <ctx/theme.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a control answers: bits. */
#define CTX_UI_CLICKED                                                                             \
    1u                     /* pressed and let go over it, or Enter or Space while it has the focus \
                            */
#define CTX_UI_CHANGED 2u  /* its value is another than before */
#define CTX_UI_ENTER   4u  /* Enter in a field; Enter or a double click in a list */
#define CTX_UI_HOVER   8u  /* the pointer is over it */
#define CTX_UI_HELD    16u /* the pointer's left button went down over it and is still down */
#define CTX_UI_FOCUS   32u /* keys go to it */
#define CTX_UI_DOWN    64u /* the left button went down over it in this pass */
#define CTX_UI_MENU    128u /* the right button went down over it in this pass */

/* How a control is: flags that go in. */
#define CTX_UI_DISABLED 1u      /* only seen */
#define CTX_UI_PRIMARY  2u      /* the one that most will want: in the accent */
#define CTX_UI_DANGER   4u      /* cannot be taken back */
#define CTX_UI_FLAT     8u      /* no plane unless pointed at: bars, titles */
#define CTX_UI_ON       16u     /* chosen, open, down */
#define CTX_UI_LEFT     32u     /* text to the left instead of the middle */
#define CTX_UI_NO_FOCUS 64u     /* Tab passes it by, and a press leaves the focus where it is */
#define CTX_UI_OWN_KEYS 128u    /* ctx_ui_control: Enter and Space are left to the caller */
#define CTX_UI_CHOSEN   131072u /* the one of several that is chosen */
/* Of labels. */
#define CTX_UI_MUTED  256u
#define CTX_UI_BOLD   512u
#define CTX_UI_SMALL  1024u
#define CTX_UI_HEAD   2048u
#define CTX_UI_MONO   4096u
#define CTX_UI_CENTER 8192u
#define CTX_UI_RIGHT  16384u
/* Of a row of a menu or list. */
#define CTX_UI_RULE    32768u /* a menu: a line, nothing to choose */
#define CTX_UI_CHECKED 65536u /* a check mark instead of an icon */

#define CTX_UI_DAMAGES 8 /* rectangles to be shown; more are joined */
#define CTX_UI_KEPT                                                                                \
    256 /* looks that are remembered, a power of two; three quarters are used.                     \
           Controls beyond that are drawn in every pass */

/* Where copied text goes and comes from; the app's, filled once. Without one a field copies
 * nothing. */
struct ctx_ui_clipboard {
    void *self;
    /* len bytes of UTF-8, which need live only during the call. */
    void (*put)(void *self, const char *text, uint32_t len);
    /* Into text, at most room bytes; answers how many. 0: none, or not yet: then ctx_ui_paste. */
    uint32_t (*get)(void *self, char *text, uint32_t room);
};

/* One row of a list or a menu. */
struct ctx_ui_item {
    const char *text;
    const char *more; /* at the right, muted: keys, a size; NULL: nothing */
    uint32_t icon;    /* CTX_ICON_* */
    uint32_t flags;   /* CTX_UI_DISABLED, _RULE, _CHECKED */
};

/* A line of text that can be edited. The app sets text and room, and len with what is in it. */
struct ctx_ui_field {
    char *text;     /* the app's, room bytes: UTF-8, always NUL-terminated */
    uint32_t room;  /* bytes, at least 1 */
    uint32_t len;   /* bytes without the NUL */
    uint32_t caret; /* bytes before it */
    uint32_t mark;  /* the other end of what is chosen; == caret: nothing is */
    int32_t scroll; /* pixels that are out of sight at the left */
    uint32_t rsv;   /* 0 */
};

/* A list. All 0 to begin with. */
struct ctx_ui_list {
    uint32_t chosen; /* row, or CTX_UI_NO_ROW */
    uint32_t first;  /* the first row in sight */
};
#define CTX_UI_NO_ROW UINT32_MAX

struct ctx_ui_seen {
    uint32_t key, look, pass;
};

struct ctx_ui {
    /* The app may set these at any time. */
    const struct ctx_ui_clipboard *clipboard; /* kept by the app; NULL: none */
    int32_t at_x, at_y; /* where the target lies on the screen, for events without a surface */
    uint32_t back;      /* the colour behind what comes next; begin sets it to theme.window */
    uint32_t format;    /* of the target, CTX_SURFACE_* */
    /* The app may read these. */
    struct ctx_draw draw; /* between begin and end */
    struct ctx_theme theme;
    struct ctx_rect damage[CTX_UI_DAMAGES]; /* grow until the app sets damages to 0 */
    uint32_t damages;
    uint32_t cursor; /* CTX_CURSOR_*: what the pointer should look like, after end */
    int32_t x, y;    /* the pointer, in the target; far outside when it is not there */
    /* This pass's event; who uses it sets it to 0. */
    uint32_t key;       /* a key that went down or repeats, 0: none */
    uint32_t text;      /* a character that was typed, 0: none */
    uint32_t modifiers; /* CTX_MOD_* */
    int32_t wheel;      /* steps away from the user */
    /* The library's own. */
    uint32_t buttons, went_down, went_up, pointed, ring, keys_here, all, drawn, again, repeated;
    uint32_t focus, active, first, last, before, after, wanted; /* ids */
    uint32_t popup, popup_count, popup_row, popup_first, popup_got, popup_ready, popup_look, given;
    uint32_t pasted_len;
    struct ctx_rect popup_rect, popup_from;
    const struct ctx_ui_item *popup_items; /* until end */
    uint64_t time_ns, click_ns;
    uint32_t click_id, pass, ids, unkept, unkept_before, live, touched;
    int32_t grip; /* where in its thumb a scroll bar was taken */
    const char *pasted;
    uint32_t id[CTX_UI_KEPT]; /* of this pass, to tell two of one name apart */
    struct ctx_ui_seen seen[CTX_UI_KEPT];
};

/* ---- passes ---- */

/* Once, and after it all state is new. format: CTX_SURFACE_RGBX or RGBA. theme is copied. */
void ctx_ui_init(struct ctx_ui *ui, const struct ctx_theme *theme, uint32_t format);
/* Another theme from the next pass on. */
void ctx_ui_set_theme(struct ctx_ui *ui, const struct ctx_theme *theme);
/* The next pass draws everything: its pixels were lost (EXPOSE, RESIZE), or the app drew there. */
void ctx_ui_redraw(struct ctx_ui *ui);
/* Hand over an event of any kind. It is used up by the next pass, so run passes after each one. */
void ctx_ui_feed(struct ctx_ui *ui, const struct ctx_event *event);
/* As if it was typed: what a clipboard brings later. It goes to the field with the focus in the
 * next pass, and lives until that ends. */
void ctx_ui_paste(struct ctx_ui *ui, const char *text, uint32_t len);
/* Of several events in a row that are only motion the last is enough; answers how many are left. */
uint32_t ctx_ui_merge(struct ctx_event *events, uint32_t count);

/* The target: w times h pixels, pitch from row to row; another size draws everything. */
void ctx_ui_begin(struct ctx_ui *ui, void *pixels, uint32_t w, uint32_t h, uint32_t pitch);
/* 1: run another pass now, with no new event. */
int ctx_ui_end(struct ctx_ui *ui);

/* 1: this key went down in this pass with exactly these of SHIFT, CTRL, ALT and META, and no
 * control before used it. It counts as used. */
int ctx_ui_key(struct ctx_ui *ui, uint32_t code, uint32_t modifiers);
/* Keys go to the control of this text (a field's or list's: its name) from the next pass on. */
void ctx_ui_focus(struct ctx_ui *ui, const char *name);

/* ---- what an app draws itself ---- */

/* The id of the control of this name in this pass; each call gives another. Never 0. */
uint32_t ctx_ui_id(struct ctx_ui *ui, const char *name);
/* Whatever is pressed: answers CLICKED, HOVER, HELD, FOCUS, DOWN, MENU. flags: DISABLED, NO_FOCUS,
 * OWN_KEYS. */
uint32_t ctx_ui_control(struct ctx_ui *ui, uint32_t id, struct ctx_rect r, uint32_t flags);
/*
 * 1: r looks other than `look` says (any number made of all that is seen there), or was not drawn
 * yet. Then it has been filled with ui->back and counts as damage, draw's clip is r, and the caller
 * draws now and calls ctx_ui_drawn.
 */
int ctx_ui_look(struct ctx_ui *ui, struct ctx_rect r, uint32_t look);
void ctx_ui_drawn(struct ctx_ui *ui);
/* Numbers for that: begin with any, and mix in what counts. */
uint32_t ctx_ui_mix(uint32_t look, uint32_t number);
uint32_t ctx_ui_mix_text(uint32_t look, const char *text, uint32_t len);
/* 1: keys go to control id and that should be seen: draw a ring. */
int ctx_ui_ring(const struct ctx_ui *ui, uint32_t id);
/* 1: the control with that ring was called already in this pass. Who scrolls what is higher than
 * its window asks after each row, and brings the first one that says so into sight. */
int ctx_ui_ringed(const struct ctx_ui *ui);

/* ---- controls ---- */

/* A plane with a thin line at its edge (line = 1, and in high contrast); ui->back is its colour
 * from then on. */
void ctx_ui_panel(struct ctx_ui *ui, struct ctx_rect r, uint32_t color, int line);
/* Text: flags MUTED, BOLD, SMALL, HEAD, MONO, CENTER, RIGHT, DISABLED, DANGER. */
void ctx_ui_label(struct ctx_ui *ui, struct ctx_rect r, const char *text, uint32_t flags);
/* 1: pressed. */
int ctx_ui_button(struct ctx_ui *ui, struct ctx_rect r, const char *text);
/* With an icon, and flags DISABLED, PRIMARY, DANGER, FLAT, ON, LEFT, NO_FOCUS. A text that begins
 * with "#" is the control's name only and not shown. Answers all bits of ctx_ui_control. */
uint32_t ctx_ui_button_with(struct ctx_ui *ui, struct ctx_rect r, uint32_t icon, const char *text,
                            uint32_t flags);
/* A box to be checked, and a switch: *on is 0 or 1. 1: changed. */
int ctx_ui_check(struct ctx_ui *ui, struct ctx_rect r, const char *text, int32_t *on,
                 uint32_t flags);
int ctx_ui_switch(struct ctx_ui *ui, struct ctx_rect r, const char *text, int32_t *on,
                  uint32_t flags);
/* One of several, side by side; each has a focus of its own. 1: *chosen is another. */
int ctx_ui_tabs(struct ctx_ui *ui, struct ctx_rect r, const char *name, const char *const *texts,
                uint32_t count, uint32_t *chosen);
/* A number from low to high (high > low, their difference fits 31 bits) in steps. 1: changed.
 * Arrows, Home, End, PageUp, PageDown, wheel. */
int ctx_ui_slider(struct ctx_ui *ui, struct ctx_rect r, const char *name, int32_t *value,
                  int32_t low, int32_t high, int32_t step);
/* How much of `of` is done. */
void ctx_ui_progress(struct ctx_ui *ui, struct ctx_rect r, uint32_t part, uint32_t of);
/* A scroll bar: `page` of `total` are in sight, from *first on. 1: *first is another. The list has
 * its own. */
int ctx_ui_scroll(struct ctx_ui *ui, struct ctx_rect r, const char *name, uint32_t *first,
                  uint32_t page, uint32_t total);
/* Answers CHANGED, ENTER and the bits of ctx_ui_control. hint: what is seen while it is empty, or
 * NULL. flags: DISABLED. */
uint32_t ctx_ui_field(struct ctx_ui *ui, struct ctx_rect r, const char *name,
                      struct ctx_ui_field *field, const char *hint, uint32_t flags);
/* A list of `count` rows; item fills in one row, called for those in sight. Answers CHANGED (chosen
 * is another), ENTER, and the bits of ctx_ui_control. */
uint32_t ctx_ui_list(struct ctx_ui *ui, struct ctx_rect r, const char *name,
                     struct ctx_ui_list *list, uint32_t count,
                     void (*item)(void *self, uint32_t row, struct ctx_ui_item *out), void *self);
/* A button that opens a menu; answers the row that was chosen in it, or CTX_UI_NO_ROW. */
uint32_t ctx_ui_menu(struct ctx_ui *ui, struct ctx_rect r, uint32_t icon, const char *text,
                     const struct ctx_ui_item *items, uint32_t count, uint32_t flags);
/* A button that shows the chosen item and opens a menu of all. 1: *chosen is another. */
int ctx_ui_choice(struct ctx_ui *ui, struct ctx_rect r, const char *name,
                  const struct ctx_ui_item *items, uint32_t count, uint32_t *chosen);
/* A menu anywhere: open it once (at a press with the right button: MENU), then call
 * ctx_ui_menu_of in each pass. Both take the same name. */
void ctx_ui_open_menu(struct ctx_ui *ui, const char *name, int32_t x, int32_t y);
uint32_t ctx_ui_menu_of(struct ctx_ui *ui, const char *name, const struct ctx_ui_item *items,
                        uint32_t count);
/* 1: a menu is open, and gets all input. */
int ctx_ui_is_open(const struct ctx_ui *ui);

/* ---- editing without a screen ---- */

/* Replace what is chosen by len bytes; only whole characters that fit. 1: all of it went in.
 * Control characters become spaces. */
int ctx_ui_field_put(struct ctx_ui_field *field, const char *text, uint32_t len);
/* A key of an editor's: 1: the text is another. Moves caret and mark by CTX_MOD_SHIFT and CTRL. */
int ctx_ui_field_key(struct ctx_ui_field *field, uint32_t code, uint32_t modifiers);
/* Another text, caret at its end, cut to the room at a whole character. */
void ctx_ui_field_set(struct ctx_ui_field *field, const char *text);

#ifdef __cplusplus
}
#endif
#endif
