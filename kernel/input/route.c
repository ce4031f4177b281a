/* SPDX-License-Identifier: MIT */
#include "route.h"

#include "event.h"
#include "input.h"
#include "policy.h"
#include "resource.h"

#include <kernel/input.h>
#include <kernel/klog.h>
#include <kernel/string.h>

#include <ctx/key.h>

#define CHORD_MODS (CTX_MOD_SHIFT | CTX_MOD_CTRL | CTX_MOD_ALT | CTX_MOD_META | CTX_MOD_ALTGR)

struct grab {
    uint32_t code, modifiers;
};

/* [boot, loop, in a call] */
static struct {
    const struct route_screen *screen; /* NULL: there is only the canvas */
    struct app *manager;
    uint64_t terms; /* how often an app began to manage them */
    bool managed;   /* somebody manages windows, or has ended without a release */
    struct route focus;

    struct route captured; /* a button was pressed in it */
    bool capturing;
    struct route over; /* where the pointer was last */

    struct grab grabs[ROUTE_GRABS];
    uint32_t grab_count;
    bool chord;      /* all keys are the manager's until none is held */
    bool must_look;  /* it has been sent one that it may move the focus by */
    uint64_t looked; /* how often it had been called then */
    uint32_t alone;  /* modifiers that are held, and nothing else has been pressed since */
} state = {.focus = {ROUTE_CANVAS, 0}, .over = {ROUTE_CANVAS, 0}};

void route_set_screen(const struct route_screen *screen)
{
    state.screen = screen;
}

bool route_exposed(struct app *app, struct ctx_event *out)
{
    return state.screen != NULL && state.screen->exposed(app, out);
}

void route_exposed_end(struct app *app, bool told)
{
    if (state.screen != NULL) {
        state.screen->exposed_end(app, told);
    }
}

static bool same(struct route a, struct route b)
{
    return a.to == b.to && a.surface == b.surface;
}

bool route_hears(const struct app *app, uint64_t to)
{
    if (to == ROUTE_CANVAS) {
        return app != state.manager &&
               (app->windows == 0 || (app->version >= 3 && app->has_canvas));
    }
    return to == ROUTE_ALL || to == app->pid;
}

/* ---- the focus ---- */

static void tell(struct route to, uint32_t kind, uint32_t code, uint32_t value)
{
    if (to.surface != 0) {
        event_send(to.to, &(struct ctx_event){
                              .kind = kind, .code = code, .value = value, .surface = to.surface});
    }
}

void route_focus(struct route to)
{
    struct route was = state.focus;
    if (same(was, to)) {
        return;
    }
    input_release(was.to, ROUTE_NOBODY);
    tell(was, CTX_EVENT_LEAVE, 0, 0);
    state.focus = to;
    tell(to, CTX_EVENT_FOCUS, 0, 1);
}

struct route route_focused(void)
{
    return state.focus;
}

/* Who has the keys in fact: an image may name a surface that is not there. */
static struct route focus_now(bool *relative)
{
    *relative = false;
    if (state.focus.to == ROUTE_CANVAS ||
        (state.screen != NULL &&
         state.screen->look(state.focus.to, state.focus.surface, relative))) {
        return state.focus;
    }
    return (struct route){ROUTE_NOBODY, 0};
}

uint32_t route_surface_of(uint64_t to, bool button)
{
    if (button) {
        return state.capturing && to == state.captured.to ? state.captured.surface : 0;
    }
    return state.managed && to == state.focus.to ? state.focus.surface : 0;
}

bool route_is_relative(void)
{
    bool relative = false;
    if (state.manager != NULL && !state.chord) {
        (void)focus_now(&relative);
    }
    return relative;
}

/* ---- keys ---- */

static const struct grab *grab_of(uint32_t code, uint32_t modifiers)
{
    for (uint32_t i = 0; state.manager != NULL && i < state.grab_count; i++) {
        if (state.grabs[i].code == code && state.grabs[i].modifiers == (modifiers & CHORD_MODS)) {
            return &state.grabs[i];
        }
    }
    return NULL;
}

static struct route to_manager(void)
{
    return (struct route){state.manager->pid, 0};
}

static void manager_must_look(void)
{
    state.must_look = true;
    state.looked = state.manager->calls;
}

bool route_waits(void)
{
    const struct app *m = state.manager;
    return state.must_look && m != NULL && !state.chord && m->calls == state.looked &&
           (m->turn.where == TURN_READY || m->turn.where == TURN_FRAME);
}

static bool is_modifier(uint32_t code)
{
    switch (code) {
    case CTX_KEY_LEFTSHIFT:
    case CTX_KEY_RIGHTSHIFT:
    case CTX_KEY_LEFTCTRL:
    case CTX_KEY_RIGHTCTRL:
    case CTX_KEY_LEFTALT:
    case CTX_KEY_RIGHTALT:
    case CTX_KEY_LEFTMETA:
    case CTX_KEY_RIGHTMETA:
        return true;
    default:
        return false;
    }
}

static struct route key_down(uint32_t code, uint32_t modifiers)
{
    if (!state.managed) {
        return (struct route){ROUTE_ALL, 0};
    }
    bool relative;
    state.alone = is_modifier(code) && (state.alone != 0 || (modifiers & CHORD_MODS) == 0);
    if (!state.chord && grab_of(code, modifiers) != NULL) {
        /* What is held has been pressed for this: whoever has the focus must not keep it down. */
        if (state.focus.to != state.manager->pid) {
            input_release(state.focus.to, state.manager->pid);
        }
        state.chord = true;
    }
    if (state.chord) {
        manager_must_look();
    }
    return state.chord ? to_manager() : focus_now(&relative);
}

/* ---- the pointer ---- */

static struct route under(uint32_t x, uint32_t y, int32_t *in_x, int32_t *in_y)
{
    struct route_spot spot;
    if (state.screen == NULL || !state.screen->hit(x, y, &spot)) {
        return (struct route){ROUTE_CANVAS, 0};
    }
    *in_x = spot.x;
    *in_y = spot.y;
    return (struct route){spot.pid, spot.surface};
}

/* Somebody else's window, and the one who manages them wants to know. */
static void tell_pressed(struct route at, uint32_t code, uint32_t x, uint32_t y)
{
    if (state.manager == NULL) { /* somebody must see to it that it can be typed into */
        if (at.surface != 0 || at.to == ROUTE_CANVAS) {
            route_focus(at);
        }
        return;
    }
    if (at.to != state.manager->pid) {
        event_send(state.manager->pid, &(struct ctx_event){
                                           .kind = CTX_EVENT_PRESSED,
                                           .code = code,
                                           .x = (int32_t)x,
                                           .y = (int32_t)y,
                                           .surface = at.surface,
                                           .cookie = at.to == ROUTE_CANVAS ? UINT64_MAX : at.to,
                                       });
    }
}

static struct route button_down(uint32_t code, uint32_t modifiers, uint32_t x, uint32_t y)
{
    int32_t in_x, in_y;
    state.alone = false;
    if (!state.managed) {
        return (struct route){ROUTE_ALL, 0};
    }
    if (!state.capturing) {
        bool grabbed = grab_of(code, modifiers) != NULL;
        state.captured = grabbed               ? to_manager()
                         : route_is_relative() ? state.focus
                                               : under(x, y, &in_x, &in_y);
        state.capturing = true;
        if (!grabbed) {
            tell_pressed(state.captured, code, x, y);
        }
    }
    return state.captured;
}

struct route route_down(uint32_t code, uint32_t modifiers, uint32_t x, uint32_t y)
{
    return input_is_button(code) ? button_down(code, modifiers, x, y) : key_down(code, modifiers);
}

void route_up(uint32_t code, uint32_t modifiers, uint32_t keys, uint32_t buttons)
{
    if (buttons == 0) {
        state.capturing = false;
    }
    if (input_is_button(code)) {
        return;
    }
    if (state.alone && is_modifier(code) && !state.chord && grab_of(0, modifiers) != NULL) {
        event_send(state.manager->pid, &(struct ctx_event){.kind = CTX_EVENT_KEY,
                                                           .value = INPUT_KEY_DOWN,
                                                           .modifiers = modifiers});
        manager_must_look();
    }
    state.alone = false;
    state.chord = state.chord && keys > 0;
}

struct route route_pointer(uint32_t x, uint32_t y, int32_t *in_x, int32_t *in_y)
{
    struct route_spot spot;
    *in_x = (int32_t)x;
    *in_y = (int32_t)y;
    if (!state.managed) {
        return (struct route){ROUTE_ALL, 0};
    }
    if (route_is_relative()) {
        *in_x = 0;
        *in_y = 0;
        return state.focus;
    }
    if (state.capturing) {
        if (state.captured.surface != 0 &&
            state.screen->locate(state.captured.to, state.captured.surface, x, y, &spot)) {
            *in_x = spot.x;
            *in_y = spot.y;
        }
        return state.captured;
    }
    struct route now = under(x, y, in_x, in_y);
    if (!same(now, state.over)) {
        tell(state.over, CTX_EVENT_LEAVE, 1, 0);
        state.over = now;
    }
    return now;
}

bool route_is_elsewhere(uint32_t x, uint32_t y)
{
    int32_t in_x, in_y;
    return state.managed && !state.capturing && !route_is_relative() &&
           !same(under(x, y, &in_x, &in_y), state.over);
}

struct route route_wheel(void)
{
    return !state.managed        ? (struct route){ROUTE_ALL, 0}
           : route_is_relative() ? state.focus
           : state.capturing     ? state.captured
                                 : state.over;
}

/* ---- who manages windows ---- */

const struct app *route_manager(void)
{
    return state.manager;
}

uint64_t route_term(void)
{
    return state.manager != NULL ? state.terms : 0;
}

bool route_is_managed(void)
{
    return state.managed;
}

ctx_status route_manage(struct app *app)
{
    if (state.manager != NULL) {
        return state.manager == app ? CTX_OK : CTX_E_EXIST;
    }
    if (!state.managed) {
        input_release(ROUTE_ALL, ROUTE_NOBODY);
        state.focus = (struct route){ROUTE_CANVAS, 0};
        state.over = state.focus;
    }
    bool heard = route_hears(app, ROUTE_CANVAS);
    state.manager = app;
    state.managed = true;
    state.terms++;
    if (heard) {
        input_leave_canvas(app);
    }
    if (policy_may_log(app)) {
        log_info("windows", "%s#%lu manages them", app->name, app->pid);
    }
    return CTX_OK;
}

/* What only a manager has. Its keys are nobody's: they go up unheard. */
static void end_management(void)
{
    input_release(state.manager->pid, ROUTE_NOBODY);
    if (state.capturing && state.captured.to == state.manager->pid) {
        state.captured = (struct route){ROUTE_NOBODY, 0};
    }
    state.manager = NULL;
    state.grab_count = 0;
    state.chord = false;
    state.must_look = false;
}

void route_release(void)
{
    struct app *was = state.manager;
    input_release(state.focus.to, ROUTE_NOBODY);
    tell(state.focus, CTX_EVENT_LEAVE, 0, 0);
    end_management();
    state.managed = false;
    state.capturing = false;
    state.focus = (struct route){ROUTE_CANVAS, 0};
    if (policy_may_log(was)) {
        log_info("windows", "%s#%lu manages them no longer", was->name, was->pid);
    }
}

ctx_status route_grab(uint32_t code, uint32_t modifiers)
{
    if (grab_of(code, modifiers) != NULL) {
        return CTX_E_EXIST;
    }
    if (state.grab_count == ROUTE_GRABS) {
        return CTX_E_NOSPC;
    }
    state.grabs[state.grab_count++] = (struct grab){code, modifiers};
    return CTX_OK;
}

ctx_status route_ungrab(uint32_t code, uint32_t modifiers)
{
    const struct grab *grab = grab_of(code, modifiers);
    if (grab == NULL) {
        return CTX_E_NOENT;
    }
    state.grabs[grab - state.grabs] = state.grabs[--state.grab_count];
    return CTX_OK;
}

bool route_grabbed(uint32_t no, uint32_t *code, uint32_t *modifiers)
{
    if (no >= state.grab_count) {
        return false;
    }
    *code = state.grabs[no].code;
    *modifiers = state.grabs[no].modifiers;
    return true;
}

void route_windows_changed(void)
{
    if (state.manager != NULL) {
        app_tell(state.manager, CTX_EVENT_WINDOWS);
    }
}

/* ---- when somebody goes ---- */

void route_surface_gone(uint64_t pid, uint32_t surface)
{
    struct route gone = {pid, surface};
    if (same(state.focus, gone)) {
        input_release(pid, ROUTE_NOBODY);
        state.focus = (struct route){state.manager != NULL ? ROUTE_NOBODY : ROUTE_CANVAS, 0};
    }
    if (state.capturing && same(state.captured, gone)) {
        state.captured = (struct route){ROUTE_NOBODY, 0};
    }
    if (same(state.over, gone)) {
        state.over = (struct route){ROUTE_CANVAS, 0};
    }
    route_windows_changed();
}

static void tear_down(struct app *app)
{
    if (state.manager == app) {
        log_info("windows", "%s#%lu has gone; they stay where they are", app->name, app->pid);
        end_management();
    }
}

static uint64_t count(const struct app *app)
{
    return state.manager == app;
}

const struct app_resource route_resource = {
    .name = "windows",
    .tear_down = tear_down,
    .image_bytes = route_image_bytes,
    .save = route_image_save,
    .restore = route_image_restore,
    .count = count,
};
