/* SPDX-License-Identifier: MIT */
#include "panel.hpp"

#include <ctx/key.h>

/* ---- words ---- */

Words::Words(struct ctx *ctx)
{
    const ctx_table *table = nullptr;
    if (ctx->iface->open(ctx->iface, CTX_ID_ARGS, sizeof CTX_ID_ARGS - 1, sizeof(ctx_args),
                         &table) == CTX_OK) {
        args = reinterpret_cast<const ctx_args *>(table);
    }
}

bool Words::next(View *word)
{
    uint32_t len = 0;
    if (args == nullptr || args->get(args, index, bytes, sizeof bytes - 1, &len) != CTX_OK) {
        return false;
    }
    index++;
    cut = len >= sizeof bytes;
    *word = {bytes, cut ? uint32_t{sizeof bytes - 1} : len};
    return true;
}

/* ---- its life ---- */

constexpr int32_t least_w = 200, least_h = 140; /* of a window */

static int32_t digits(View text, uint32_t *at)
{
    int32_t n = 0;
    uint32_t from = *at;
    for (; *at < text.len && text.bytes[*at] >= '0' && text.bytes[*at] <= '9' && *at < from + 5;
         ++*at) {
        n = n * 10 + (text.bytes[*at] - '0');
    }
    return *at > from ? n : -1;
}

bool Panel::take_word(View word)
{
    if (word == "hidden") {
        visible = false;
        return true;
    }
    for (uint32_t n = 0; word.begins("lang=") && n < ctx_keymap_count(); n++) {
        const ctx_keymap *map = ctx_keymap_get(n);
        uint32_t name = 0;
        while (name < sizeof map->name && map->name[name] != 0) {
            name++;
        }
        if (word.from(5) == View(map->name, name)) {
            keyboard.layout = n;
            return true;
        }
    }
    if (!word.begins("at=")) {
        return false;
    }
    uint32_t at = 3;
    int32_t x = digits(word, &at);
    bool comma = at < word.len && word.bytes[at] == ',';
    at++;
    int32_t y = comma ? digits(word, &at) : -1;
    if (x < 0 || y < 0 || at != word.len) {
        return false;
    }
    at_x = x;
    at_y = y;
    return true;
}

void Panel::open(struct ctx *ctx, View name, Corner in, int32_t most_w, int32_t most_h, uint32_t toggle)
{
    title = name;
    corner = in;
    want_w = most_w;
    want_h = most_h;
    toggle_key = toggle;
    if (visible) {
        show(ctx);
    }
}

void Panel::show(struct ctx *ctx)
{
    constexpr int32_t gap = 16;
    ctx_display_info screen = {};
    screen.size = sizeof screen;
    ctx->display->info(ctx->display, &screen);
    auto w = static_cast<int32_t>(screen.w), h = static_cast<int32_t>(screen.h);
    int32_t my_w = want_w < w - 2 * gap ? want_w : w - 2 * gap,
            my_h = want_h < h - 2 * gap ? want_h : h - 2 * gap;
    visible = my_w >= least_w && my_h >= least_h && canvas.open(ctx, my_w, my_h);
    if (!visible) {
        return;
    }
    canvas.managed = (screen.flags & CTX_DISPLAY_MANAGED) != 0;
    ctx->display->title(ctx->display, canvas.surface, title.bytes, title.len);
    ctx->display->ask_smallest(ctx->display, canvas.surface, 2 * least_w, 2 * least_h);
    left = at_x >= 0 ? at_x : w - my_w - gap;
    top = at_y >= 0 ? at_y : corner == Corner::top_right ? gap : h - my_h - gap;
    bool asked = !canvas.managed || at_x >= 0;
    if (asked && !canvas.place(ctx, left, top)) { /* then it lies in the middle */
        left = (w - my_w) / 2;
        top = (h - my_h) / 2;
    }
    focused = true;
    stale = true;
}

void Panel::hide(struct ctx *ctx)
{
    canvas.close(ctx);
    visible = false;
}

/* ---- what hands do ---- */

const Panel::Spot *Panel::under_arrow() const
{
    for (uint32_t i = 0; i < spot_count; i++) {
        if (spots[i].where.has(mouse_x, mouse_y)) {
            return &spots[i];
        }
    }
    return nullptr;
}

void Panel::move(const ctx_event &e)
{
    const Spot *before = under_arrow();
    mouse_x = e.surface != 0 ? e.x : e.x - left;
    mouse_y = e.surface != 0 ? e.y : e.y - top;
    stale = stale || before != under_arrow(); /* what lies under the arrow is lit */
}

bool Panel::click(const ctx_event &e, Input *in)
{
    bool inside = mouse_x >= 0 && mouse_y >= 0 && mouse_x < canvas.w && mouse_y < canvas.h;
    if (e.value != 1) {
        return false;
    }
    if (!canvas.managed) { /* else it is told */
        stale = stale || inside != focused;
        focused = inside;
    }
    const Spot *spot = inside && e.code == CTX_BTN_LEFT ? under_arrow() : nullptr;
    if (spot == nullptr) {
        return false;
    }
    in->action = spot->action;
    in->arg = spot->arg;
    return true;
}

bool Panel::press(struct ctx *ctx, const ctx_event &e, Input *in)
{
    uint32_t also = 0;
    uint32_t letter = ctx_keyboard_event(&keyboard, e.code, e.value != 0, &also);
    if (e.value == 1 && e.code == toggle_key) {
        if (visible) {
            hide(ctx);
        } else {
            show(ctx);
        }
        return false;
    }
    if (!visible || !focused || e.value == 0 || keyboard.ctrl != 0) {
        return false;
    }
    in->letter = letter >= 'A' && letter <= 'Z' ? letter | 0x20 : letter;
    in->code = e.code;
    return true;
}

/* What whoever manages windows says of this one. */
void Panel::managed(struct ctx *ctx, const ctx_event &e)
{
    if (e.surface != canvas.surface || !visible) {
        return;
    }
    if (e.kind == CTX_EVENT_FOCUS || (e.kind == CTX_EVENT_LEAVE && e.code == 0)) {
        focused = e.kind == CTX_EVENT_FOCUS;
        stale = true;
    } else if (e.kind == CTX_EVENT_LEAVE) {
        mouse_x = mouse_y = -100;
        stale = true;
    } else if (e.kind == CTX_EVENT_CLOSE) {
        hide(ctx); /* its work goes on; the key brings it back */
    } else if (e.kind == CTX_EVENT_RESIZE && e.x >= least_w && e.y >= least_h) {
        stale = canvas.resize(ctx, e.x, e.y) || stale;
    }
}

bool Panel::next(struct ctx *ctx, Input *in)
{
    for (;;) {
        if (read == count) {
            read = count = 0;
            if (ctx->events->read(ctx->events, events, sizeof events, sizeof events[0], &count) !=
                    CTX_OK ||
                count == 0) {
                count = 0;
                return false;
            }
        }
        const ctx_event &e = events[read++];
        *in = {};
        bool means = false;
        if (e.kind == CTX_EVENT_KEY && e.code >= CTX_BTN_LEFT) {
            means = visible && click(e, in);
        } else if (e.kind == CTX_EVENT_KEY) {
            means = press(ctx, e, in);
        } else if (e.kind == CTX_EVENT_POINTER && visible) {
            move(e);
        } else if (e.kind == CTX_EVENT_WHEEL && visible && body().has(mouse_x, mouse_y)) {
            in->steps = -e.y;
            means = true;
        } else {
            managed(ctx, e);
        }
        if (means) {
            stale = true;
            return true;
        }
    }
}

void Panel::wait(struct ctx *ctx) const
{
    uint64_t keys = 1u << CTX_EVENT_KEY,
             hands = 1u << CTX_EVENT_POINTER | 1u << CTX_EVENT_WHEEL | 1u << CTX_EVENT_FOCUS |
                     1u << CTX_EVENT_LEAVE | 1u << CTX_EVENT_CLOSE | 1u << CTX_EVENT_RESIZE;
    ctx->events->wait(ctx->events, visible ? keys | hands : keys);
}

/* ---- drawing ---- */

void Panel::spot(Rect where, uint32_t action, uint64_t arg)
{
    if (spot_count < sizeof spots / sizeof *spots) {
        spots[spot_count++] = {where, action, arg};
    }
}

bool Panel::hovers(Rect r) const
{
    return r.has(mouse_x, mouse_y);
}

Rect Panel::body() const
{
    return {0, title_h, canvas.w, canvas.h - title_h - footer_h};
}

int32_t Panel::begin(View subject, Color lamp)
{
    Canvas &c = canvas;
    spot_count = 0;
    c.clip_all();
    c.fill({0, 0, c.w, c.h}, ground);
    c.fill({0, 0, c.w, title_h}, raised);
    c.fill({0, title_h - 1, c.w, 1}, line_color);
    c.fill({0, c.h - footer_h, c.w, footer_h}, raised);
    c.fill({0, c.h - footer_h, c.w, 1}, line_color);
    c.dot(margin + 5, title_h / 2, 5, focused ? lamp : edge);
    int32_t x = margin + 20;
    if (!c.managed) { /* else its frame has the name */
        x = c.bold(x, 17, title, focused ? bright : plain) + letter_w;
    }
    return c.text(x, 17, subject, dim, 24 * letter_w) + 20;
}

int32_t Panel::tab(int32_t x, View name, bool here, uint32_t action)
{
    Rect r = {x, 10, 28 + Canvas::width_of(name), 32};
    if (here || hovers(r)) {
        canvas.round(r, 8, here ? chosen_ground : hover_ground);
    }
    canvas.text(x + 14, r.y + 7, name, here ? bright : plain);
    spot(r, action);
    return r.right() + 8;
}

int32_t Panel::key(int32_t x, View cap, View what, uint32_t action, bool lit)
{
    Canvas &c = canvas;
    int32_t y = c.h - footer_h;
    Rect box = {x, y + 12, Canvas::width_of(cap) + 14, 24};
    Rect all = {x - 4, y + 8, box.w + 8 + Canvas::width_of(what) + 10, 32};
    if (hovers(all)) {
        c.round(all, 8, hover_ground);
    }
    c.round(box, 6, lit ? accent : focused ? edge : line_color);
    c.round(box.inset(1, 1), 5, focused ? cap_ground : raised);
    c.text(x + 7, y + 14, cap, focused ? bright : faint);
    c.text(box.right() + 8, y + 14, what, lit ? accent : focused ? plain : faint);
    spot(all, action);
    return all.right() + 10;
}

void Panel::note(int32_t x, View text, Color color)
{
    int32_t room = canvas.w - margin - x, width = Canvas::width_of(text);
    if (room > 8 * letter_w) {
        canvas.text(width < room ? canvas.w - margin - width : x, canvas.h - footer_h + 14, text,
                    color, room);
    }
}

void Panel::end(struct ctx *ctx)
{
    Canvas &c = canvas;
    Color frame = focused ? edge : line_color;
    c.clip_all();
    if (!c.managed) {
        c.fill({0, 0, c.w, 1}, frame);
        c.fill({0, c.h - 1, c.w, 1}, frame);
        c.fill({0, 0, 1, c.h}, frame);
        c.fill({c.w - 1, 0, 1, c.h}, frame);
    }
    c.show(ctx);
    stale = false;
}

void Panel::point(struct ctx *ctx)
{
    canvas.point_at(ctx, mouse_x, mouse_y);
}
