/* SPDX-License-Identifier: MIT */
/*
 * A tool's window: title bar, key caps along its foot, where clicks mean something, and the events
 * that are for it. It is an app's only surface, above all else; a key hides it and shows it again.
 * Where somebody manages windows it is one like all others: of a size that people choose, with the
 * manager's frame and title.
 */
#ifndef PANEL_PANEL_HPP
#define PANEL_PANEL_HPP

#include "palette.hpp"

#include <ctx/ctx.h>
#include <ctx/keymap.h>

/* The words of an app's line, one after the other. */
class Words
{
  public:
    explicit Words(struct ctx *ctx);

    /* The next one, good until the one after it is asked for; cut at 511 bytes, then it is `cut`. */
    bool next(View *word);

    bool cut = false;

  private:
    const ctx_args *args = nullptr;
    uint32_t index = 0;
    char bytes[512];
};

/* Which of the screen's corners it is put into; `at=X,Y` on the line is more exact. */
enum class Corner : uint8_t { top_right, bottom_right };

/* What somebody did. */
struct Input {
    uint32_t action; /* of the place that was clicked; 0: it was a key */
    uint64_t arg;
    uint32_t letter; /* that the key gives, lower case; 0: none */
    uint32_t code;   /* the key's */
    int32_t steps;   /* of the wheel, down */
};

class Panel
{
  public:
    /* A word of the line that is for every panel: hidden, lang=NAME, at=X,Y. False: it is not. */
    bool take_word(View word);

    /* Before the first call of the others. name: a literal. toggle: the key that hides it and shows
     * it (evdev). */
    void open(struct ctx *ctx, View name, Corner in, int32_t most_w, int32_t most_h, uint32_t toggle);

    /* The next event that means something to the app. False: there are no more. */
    bool next(struct ctx *ctx, Input *in);

    /* What a call asks the kernel for at its end: it is called for these events. */
    void wait(struct ctx *ctx) const;

    /* ---- drawing: begin, whatever, end ---- */

    /* Ground and title bar. Returns where in the bar there is room from. */
    int32_t begin(View subject, Color lamp);
    /* A word in the title bar that can be clicked. */
    int32_t tab(int32_t x, View name, bool here, uint32_t action);
    /* A key's cap and what it does, along the foot. */
    int32_t key(int32_t x, View cap, View what, uint32_t action, bool lit = false);
    void note(int32_t x, View text, Color color);
    void spot(Rect where, uint32_t action, uint64_t arg = 0);
    bool hovers(Rect r) const;
    Rect body() const;
    void end(struct ctx *ctx);
    void point(struct ctx *ctx); /* the arrow, where the pointer is; whether drawn or not */

    Canvas canvas;
    bool visible = true, focused = true;
    bool stale = true; /* something is seen differently by now */

  private:
    struct Spot {
        Rect where;
        uint32_t action;
        uint64_t arg;
    };

    void show(struct ctx *ctx);
    void hide(struct ctx *ctx);
    void move(const ctx_event &e);
    void managed(struct ctx *ctx, const ctx_event &e);
    bool click(const ctx_event &e, Input *in);
    bool press(struct ctx *ctx, const ctx_event &e, Input *in);
    const Spot *under_arrow() const;

    View title;
    ctx_keyboard keyboard = {};
    Corner corner = Corner::top_right;
    int32_t want_w = 0, want_h = 0, left = 0, top = 0, at_x = -1, at_y = -1;
    int32_t mouse_x = -100, mouse_y = -100;
    uint32_t toggle_key = 0, spot_count = 0, read = 0, count = 0;
    Spot spots[64];
    ctx_event events[16];
};

#endif
