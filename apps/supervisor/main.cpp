/* SPDX-License-Identifier: MIT */
/*
 * supervisor - looks after the other apps: who runs, how much of what they take, who crashed and
 * why; restarts, stops and pauses them. An app of version 3 in C++. It looks twice a second and
 * sleeps in between.
 *
 * Words: `hidden` - not to be seen before F12 is pressed; `lang=NAME` - another keyboard. To act it
 * takes grant=ctx.control/1; without it, it only looks.
 */
#include "window.hpp"

#include <ctx/key.h>
#include <ctx/keymap.h>
#include <ctx/note.h>

#include <new>

CTX_NOTE(3);

namespace
{

constexpr uint32_t key_f12 = 88;
constexpr int32_t least_w = 640, least_h = 300; /* of the window, if people choose */

class Supervisor
{
  public:
    bool open(struct ctx *ctx);
    int32_t call(struct ctx *ctx);

  private:
    void read_words(struct ctx *ctx);
    bool show(struct ctx *ctx);
    void hide(struct ctx *ctx);
    void event(struct ctx *ctx, const ctx_event &e);
    void key(struct ctx *ctx, const ctx_event &e);
    void button(const ctx_event &e);
    void move(struct ctx *ctx, const ctx_event &e);
    void managed(struct ctx *ctx, const ctx_event &e);
    void act(Action action, uint64_t arg);
    void command(Action action);

    Model model;
    Window window;
    Canvas canvas;
    ctx_keyboard keyboard;
    bool visible;
    bool stale; /* what is seen is not what is */
    bool ended; /* its window was closed, and who manages windows can begin it again */
    bool acted; /* what was asked for happens when this call is over */
    uint64_t next_look;
};

/* ---- its life ---- */

void Supervisor::read_words(struct ctx *ctx)
{
    const ctx_table *table = nullptr;
    ctx->iface->open(ctx->iface, CTX_ID_ARGS, sizeof CTX_ID_ARGS - 1, sizeof(ctx_args), &table);
    auto *args = reinterpret_cast<const ctx_args *>(table);
    char bytes[32];
    uint32_t len = 0;
    visible = true;
    for (uint32_t i = 0; args != nullptr && args->get(args, i, bytes, sizeof bytes, &len) == CTX_OK;
         i++) {
        View word = {bytes, len < sizeof bytes ? len : uint32_t{sizeof bytes}};
        visible = visible && !(word == "hidden");
        for (uint32_t n = 0; word.begins("lang=") && n < ctx_keymap_count(); n++) {
            const ctx_keymap *map = ctx_keymap_get(n);
            uint32_t name = 0;
            while (name < sizeof map->name && map->name[name] != 0) {
                name++;
            }
            keyboard.layout = word.from(5) == View(map->name, name) ? n : keyboard.layout;
        }
    }
}

bool Supervisor::show(struct ctx *ctx)
{
    ctx_display_info screen = {};
    screen.size = sizeof screen;
    ctx->display->info(ctx->display, &screen);
    auto w = static_cast<int32_t>(screen.w), h = static_cast<int32_t>(screen.h);
    int32_t most_w = w < 840 ? w - 32 : w < 1320 ? w - 160 : 1160;
    int32_t most_h = h < 640 ? h - 32 : h < 800 ? h - 100 : 600;
    visible = w > 0 && canvas.open(ctx, most_w, most_h);
    if (!visible) {
        return false;
    }
    constexpr View title = "Supervisor";
    canvas.managed = (screen.flags & CTX_DISPLAY_MANAGED) != 0;
    ctx->display->title(ctx->display, canvas.surface, title.bytes, title.len);
    ctx->display->ask_smallest(ctx->display, canvas.surface, least_w, least_h);
    window.focused = true;
    stale = true;
    next_look = 0;
    return visible;
}

void Supervisor::hide(struct ctx *ctx)
{
    canvas.close(ctx);
    visible = false;
}

bool Supervisor::open(struct ctx *ctx)
{
    model.open(ctx);
    read_words(ctx);
    window.mouse_x = window.mouse_y = -100; /* nobody has told */
    return !visible || show(ctx);
}

/* ---- what hands do ---- */

void Supervisor::command(Action action)
{
    const App *app = window.meant(model);
    Line said;
    if (app == nullptr) {
        return;
    }
    if (!model.may_act) {
        window.say(model.now, Tone::bad, said << "Refused: it takes grant=" CTX_ID_CONTROL);
        return;
    }
    if (app->info.pid == model.me) {
        window.say(model.now, Tone::bad, said << "Not me: nobody could undo it");
        return;
    }
    uint64_t pid = app->info.pid;
    bool paused = app->mood == Mood::paused;
    const ctx_control *c = model.control;
    ctx_status status = action == Action::restart ? c->restart(c, pid)
                        : action == Action::stop  ? c->stop(c, pid)
                        : paused                  ? c->resume(c, pid)
                                                  : c->pause(c, pid);
    View verb = action == Action::restart ? View("Restarted ")
                : action == Action::stop  ? View("Stopped ")
                : paused                  ? View("Resumed ")
                                          : View("Paused ");
    if (status == CTX_OK) {
        window.say(model.now, Tone::good, said << verb << app->name());
    } else {
        View why = View::string(ctx_status_name(status));
        window.say(model.now, Tone::bad,
                   said << app->name() << " can not do that now (" << why << ")");
    }
    acted = true;
}

void Supervisor::act(Action action, uint64_t arg)
{
    stale = true;
    switch (action) {
    case Action::none:
        break;
    case Action::apps:
        window.go(Page::apps);
        break;
    case Action::crashes:
        window.go(Page::crashes);
        if (arg != 0) {
            window.choose(arg);
        }
        break;
    case Action::services:
        window.go(Page::services);
        break;
    case Action::other_page:
        window.go_on(model);
        break;
    case Action::row:
        if (window.is_chosen(arg)) {
            window.open_chosen(model);
        } else {
            window.choose(arg);
        }
        break;
    case Action::open:
        window.open_chosen(model);
        break;
    case Action::back:
        window.back();
        break;
    case Action::older:
    case Action::newer:
        window.beside(model, action == Action::newer);
        break;
    case Action::restart:
    case Action::stop:
    case Action::pause:
        command(action);
        break;
    }
}

void Supervisor::button(const ctx_event &e)
{
    bool inside = window.mouse_x >= 0 && window.mouse_y >= 0 && window.mouse_x < canvas.w &&
                  window.mouse_y < canvas.h;
    if (e.value == 1) {
        if (!canvas.managed) { /* else it is told */
            stale = stale || inside != window.focused;
            window.focused = inside;
        }
        uint64_t arg = 0;
        if (inside && e.code == CTX_BTN_LEFT) {
            Action action = window.at(window.mouse_x, window.mouse_y, &arg);
            act(action, arg);
        }
    }
}

void Supervisor::key(struct ctx *ctx, const ctx_event &e)
{
    uint32_t also = 0;
    uint32_t letter = ctx_keyboard_event(&keyboard, e.code, e.value != 0, &also);
    if (e.value == 1 && e.code == key_f12) {
        if (visible) {
            hide(ctx);
        } else {
            show(ctx);
        }
        return;
    }
    if (!visible || !window.focused || e.value == 0 || keyboard.ctrl != 0) {
        return;
    }
    constexpr int32_t far = 10;
    switch (e.code) {
    case CTX_KEY_UP:
    case CTX_KEY_DOWN:
        window.step(model, e.code == CTX_KEY_UP ? -1 : 1);
        break;
    case CTX_KEY_PAGEUP:
    case CTX_KEY_PAGEDOWN:
        window.step(model, e.code == CTX_KEY_PAGEUP ? -far : far);
        break;
    case CTX_KEY_HOME:
    case CTX_KEY_END:
        window.step(model, e.code == CTX_KEY_HOME ? -1000 : 1000);
        break;
    case CTX_KEY_LEFT:
    case CTX_KEY_RIGHT:
        act(e.code == CTX_KEY_LEFT ? Action::older : Action::newer, 0);
        break;
    case CTX_KEY_ENTER:
        act(Action::open, 0);
        break;
    case CTX_KEY_ESC:
        act(Action::back, 0);
        break;
    case CTX_KEY_TAB:
        act(Action::other_page, 0);
        break;
    default:
        if (e.value == 1) { /* none of them by repetition */
            letter |= 0x20;
            act(letter == 'r'   ? Action::restart
                : letter == 's' ? Action::stop
                : letter == 'p' ? Action::pause
                                : Action::none,
                0);
        }
    }
    stale = true;
}

void Supervisor::move(struct ctx *ctx, const ctx_event &e)
{
    ctx_display_info screen = {};
    screen.size = sizeof screen;
    ctx->display->info(ctx->display, &screen);
    /* The kernel puts surfaces into the middle, where nobody else puts them elsewhere. */
    bool mine = e.surface != 0;
    int32_t x = mine ? e.x : e.x - (static_cast<int32_t>(screen.w) - canvas.w) / 2;
    int32_t y = mine ? e.y : e.y - (static_cast<int32_t>(screen.h) - canvas.h) / 2;
    uint64_t old_arg = 0, new_arg = 0;
    Action old = window.at(window.mouse_x, window.mouse_y, &old_arg),
           now = window.at(x, y, &new_arg);
    stale = stale || old != now || old_arg != new_arg; /* what lies under the arrow is lit */
    window.mouse_x = x;
    window.mouse_y = y;
}

/* What whoever manages windows says of this one. */
void Supervisor::managed(struct ctx *ctx, const ctx_event &e)
{
    if (e.surface != canvas.surface || !visible) {
        return;
    }
    if (e.kind == CTX_EVENT_FOCUS || (e.kind == CTX_EVENT_LEAVE && e.code == 0)) {
        window.focused = e.kind == CTX_EVENT_FOCUS;
        stale = true;
    } else if (e.kind == CTX_EVENT_LEAVE) {
        window.mouse_x = window.mouse_y = -100;
        stale = true;
    } else if (e.kind == CTX_EVENT_CLOSE) {
        ended = true;
    } else if (e.kind == CTX_EVENT_RESIZE && e.x >= least_w && e.y >= least_h) {
        stale = canvas.resize(ctx, e.x, e.y) || stale;
    }
}

void Supervisor::event(struct ctx *ctx, const ctx_event &e)
{
    if (e.kind == CTX_EVENT_KEY && e.code >= CTX_BTN_LEFT) {
        if (visible) {
            button(e);
        }
    } else if (e.kind == CTX_EVENT_KEY) {
        key(ctx, e);
    } else if (e.kind == CTX_EVENT_POINTER && visible) {
        move(ctx, e);
    } else if (e.kind == CTX_EVENT_WHEEL && visible && window.mouse_x >= 0 &&
               window.mouse_x < canvas.w) {
        window.step(model, -e.y);
        stale = true;
    } else {
        managed(ctx, e);
    }
}

/* ---- a call ---- */

int32_t Supervisor::call(struct ctx *ctx)
{
    ctx_event events[16];
    uint32_t count = 0;
    while (ctx->events->read(ctx->events, events, sizeof events, sizeof events[0], &count) ==
           CTX_OK) {
        for (uint32_t i = 0; i < count; i++) {
            event(ctx, events[i]);
        }
    }
    if (ended) {
        return CTX_EXIT(0);
    }
    uint64_t keys = 1u << CTX_EVENT_KEY,
             hands = 1u << CTX_EVENT_POINTER | 1u << CTX_EVENT_WHEEL | 1u << CTX_EVENT_FOCUS |
                     1u << CTX_EVENT_LEAVE | 1u << CTX_EVENT_CLOSE | 1u << CTX_EVENT_RESIZE;
    ctx->events->wait(ctx->events, visible ? keys | hands : keys);
    if (!visible) {
        return CTX_WAIT;
    }
    uint64_t now = 0;
    ctx->time->now(ctx->time, &now);
    if (now >= next_look) {
        model.look(now);
        next_look = now + refresh;
        stale = true;
    }
    if (acted) {
        next_look = now + refresh / 10;
        acted = false;
    }
    if (stale) {
        window.draw(canvas, model);
        canvas.show(ctx);
        stale = false;
    }
    canvas.point_at(ctx, window.mouse_x, window.mouse_y);
    ctx->time->wake_at(ctx->time, next_look);
    return CTX_WAIT;
}

} // namespace

int32_t CTX_CALL _start(struct ctx *ctx)
{
    if (*ctx->store == nullptr) {
        void *memory = ctx->mem->alloc(ctx->mem, sizeof(Supervisor), 64, 0);
        if (memory == nullptr) {
            return CTX_EXIT(1);
        }
        auto *fresh = new (memory) Supervisor{};
        if (!fresh->open(ctx)) {
            return CTX_EXIT(1);
        }
        *ctx->store = fresh;
    }
    return static_cast<Supervisor *>(*ctx->store)->call(ctx);
}
