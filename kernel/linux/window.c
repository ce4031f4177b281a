/* SPDX-License-Identifier: MIT */
/*
 * A window by SDL2: pixels 1:1, keyboard by position (scan codes, so that an app sees the same
 * codes as on the other machine), mouse. The core's display and input functions are all it talks
 * to: to them it is a driver task like any.
 */
#include "linux.h"
#include "outcome.h"
#include "route.h"
#include "scene.h"
#include "tool.h"

#include <kernel/input.h>
#include <kernel/klog.h>

#include <ctx/key.h>

#include <SDL.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_NS      (8 * NSEC_PER_MSEC)  /* twice a frame: nothing that is typed waits longer */
#define LOOK_CALM_NS (32 * NSEC_PER_MSEC) /* but when nobody has touched anything for a while */
#define LOOK_AWAY_NS (50 * NSEC_PER_MSEC) /* or nobody can see it */
#define CALM_AFTER   NSEC_PER_SEC
#define SIDE_MAX     4096 /* of a screen that changes its size: what a canvas may be */
#define KEYS         1024u

/* [boot, loop, panic] */
static struct {
    SDL_Window *window; /* NULL: there is none, or not yet */
    const char *title;
    bool late;            /* it is opened when there is something to be seen */
    SDL_Surface *picture; /* the display's pixels as SDL sees them */
    struct display display;
    struct task task;
    bool held[KEYS];
    bool hidden;
    bool relative;       /* the mouse tells how far it moved, and is not seen */
    uint64_t touched_ns; /* when the last event came */
} state;

static void open_late(void);

static void update(struct display *display, const struct rect *rects, uint32_t count)
{
    SDL_Rect areas[DISPLAY_RECTS];
    (void)display;
    open_late();
    SDL_Surface *surface = state.window != NULL ? SDL_GetWindowSurface(state.window) : NULL;
    for (uint32_t i = 0; surface != NULL && i < count; i++) {
        SDL_Rect area = {(int)rects[i].x, (int)rects[i].y, (int)rects[i].w, (int)rects[i].h};
        areas[i] = area;
        SDL_BlitSurface(state.picture, &areas[i], surface, &area);
    }
    if (surface != NULL) {
        SDL_UpdateWindowSurfaceRects(state.window, areas, (int)count);
    }
}

static void update_all(void)
{
    struct rect all = {0, 0, state.display.width, state.display.height};
    update(&state.display, &all, 1);
}

/* evdev codes of USB HID usages (HID Usage Tables 1.12, page 7), which SDL calls scan codes. 0: no
 * such key here. */
static const uint8_t evdev[] = {
    0,   0,   0,   0,   30,  48,  46,  32,
    18,  33,  34,  35,  23,  36,  37,  38, /* a-l */
    50,  49,  24,  25,  16,  19,  31,  20,
    22,  47,  17,  45,  21,  44,  2,   3, /* m-z 1 2 */
    4,   5,   6,   7,   8,   9,   10,  11,
    28,  1,   14,  15,  57,  12,  13,  26, /* 3-0 ret.. [ */
    27,  43,  43,  39,  40,  41,  51,  52,
    53,  58,  59,  60,  61,  62,  63,  64, /* ] .. F6 */
    65,  66,  67,  68,  87,  88,  99,  70,
    119, 110, 102, 104, 111, 107, 109, 106, /* F7 .. right */
    105, 108, 103, 69,  98,  55,  74,  78,
    96,  79,  80,  81,  75,  76,  77,  71, /* left .. kp 7 */
    72,  73,  82,  83,  86,  127, 116, 117,
    183, 184, 185, 186, 187, 188, 189, 190, /* .. F20 */
    191, 192, 193, 194, 134, 138, 130, 132,
    128, 129, 131, 137, 133, 135, 136, 113, /* .. mute */
    115, 114, 0,   0,   0,   121, 0,   89,
    93,  124, 92,  94,  95,  0,   0,   0, /* volume .. */
    122, 123, 90,  91,  85,               /* languages */
};

static const uint8_t evdev_modifiers[] = {29, 42, 56, 125, 97, 54, 100, 126}; /* from 224 on */

static uint32_t code_of(SDL_Scancode s)
{
    if (s >= SDL_SCANCODE_LCTRL && s <= SDL_SCANCODE_RGUI) {
        return evdev_modifiers[s - SDL_SCANCODE_LCTRL];
    }
    return (uint32_t)s < ARRAY_COUNT(evdev) ? evdev[s] : 0;
}

static void key(uint32_t code, uint32_t value)
{
    if (code != 0) {
        state.held[code] = value != INPUT_KEY_UP;
        input_key(code, value);
    }
}

/* The window lost the keyboard: what is let go now, nobody would tell. */
static void release_all(void)
{
    for (uint32_t code = 0; code < KEYS; code++) {
        if (state.held[code]) {
            key(code, INPUT_KEY_UP);
        }
    }
}

static uint32_t button_of(uint8_t button)
{
    static const uint16_t codes[] = {[SDL_BUTTON_LEFT] = CTX_BTN_LEFT,
                                     [SDL_BUTTON_MIDDLE] = CTX_BTN_MIDDLE,
                                     [SDL_BUTTON_RIGHT] = CTX_BTN_RIGHT,
                                     [SDL_BUTTON_X1] = CTX_BTN_SIDE};
    return button < ARRAY_COUNT(codes) ? codes[button] : 0;
}

static void pointer(int32_t x, int32_t y)
{
    uint32_t max_x = state.display.width - 1;
    uint32_t max_y = state.display.height - 1;
    input_pointer_set((uint32_t)MAX(x, 0), max_x, (uint32_t)MAX(y, 0), max_y);
}

/* Black pixels of that size. NULL: no memory. */
static uint32_t *make_pixels(uint32_t width, uint32_t height)
{
    uint64_t bytes = ALIGN_UP((uint64_t)width * height * 4, (uint64_t)PAGE_SIZE);
    uint32_t *pixels = aligned_alloc(PAGE_SIZE, bytes);
    if (pixels != NULL) {
        memset(pixels, 0, bytes);
    }
    return pixels;
}

/* SDL's view of them. NULL: no memory. */
static SDL_Surface *make_picture(uint32_t *pixels, uint32_t width, uint32_t height)
{
    SDL_Surface *picture = SDL_CreateRGBSurfaceWithFormatFrom(
        pixels, (int)width, (int)height, 32, (int)width * 4, SDL_PIXELFORMAT_RGBA32);
    if (picture != NULL) {
        SDL_SetSurfaceBlendMode(picture, SDL_BLENDMODE_NONE); /* the fourth byte means nothing */
    }
    return picture;
}

/* Whoever sits before it has pulled at its edge. */
static void resized(int32_t width, int32_t height)
{
    SDL_Surface *old_picture = state.picture;
    uint32_t *old = state.display.pixels;
    uint32_t w = (uint32_t)MAX(1, MIN(width, SIDE_MAX)),
             h = (uint32_t)MAX(1, MIN(height, SIDE_MAX));
    if (w == state.display.width && h == state.display.height) {
        return;
    }
    uint32_t *pixels = make_pixels(w, h);
    SDL_Surface *picture = pixels != NULL ? make_picture(pixels, w, h) : NULL;
    if (picture == NULL) {
        free(pixels);
        log_warn("window", "not enough memory for width=%u height=%u", w, h);
        return;
    }
    bool done = display_resize(&state.display, w, h, pixels);
    if (done) {
        state.picture = picture;
    }
    SDL_FreeSurface(done ? old_picture : picture);
    free(done ? old : pixels);
}

static void window_event(const SDL_WindowEvent *e)
{
    switch (e->event) {
    case SDL_WINDOWEVENT_SIZE_CHANGED:
        resized(e->data1, e->data2);
        break;
    case SDL_WINDOWEVENT_FOCUS_LOST:
        release_all();
        break;
    case SDL_WINDOWEVENT_EXPOSED:
        update_all();
        break;
    case SDL_WINDOWEVENT_HIDDEN:
    case SDL_WINDOWEVENT_MINIMIZED:
        state.hidden = true;
        break;
    case SDL_WINDOWEVENT_SHOWN:
    case SDL_WINDOWEVENT_RESTORED:
        state.hidden = false;
        break;
    default:
        break;
    }
}

static void one_event(const SDL_Event *e)
{
    switch (e->type) {
    case SDL_QUIT:
        log_info("window", "closed");
        outcome_because("window", 0);
        tool_end(true);
        break;
    case SDL_KEYDOWN:
        key(code_of(e->key.keysym.scancode),
            e->key.repeat != 0 ? INPUT_KEY_REPEAT : INPUT_KEY_DOWN);
        break;
    case SDL_KEYUP:
        key(code_of(e->key.keysym.scancode), INPUT_KEY_UP);
        break;
    case SDL_MOUSEMOTION:
        if (state.relative) {
            input_pointer_move(e->motion.xrel, e->motion.yrel);
        } else {
            pointer(e->motion.x, e->motion.y);
        }
        break;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
        if (!state.relative) {
            pointer(e->button.x, e->button.y);
        }
        key(button_of(e->button.button),
            e->type == SDL_MOUSEBUTTONDOWN ? INPUT_KEY_DOWN : INPUT_KEY_UP);
        break;
    case SDL_MOUSEWHEEL:
        input_wheel(e->wheel.x, e->wheel.y);
        break;
    case SDL_WINDOWEVENT:
        window_event(&e->window);
        break;
    default:
        break;
    }
}

/* An app whose surface is RELATIVE has the keys, or has not any more: meanwhile the mouse moves on
 * where the window ends. */
static void follow(void)
{
    bool relative = state.window != NULL && (route_is_relative() || scene_is_relative());
    if (relative != state.relative && SDL_SetRelativeMouseMode(relative) == 0) {
        state.relative = relative;
    }
}

static uint64_t look_again_ns(void)
{
    bool calm = machine_now_ns() - state.touched_ns > CALM_AFTER;
    return state.hidden ? LOOK_AWAY_NS : calm ? LOOK_CALM_NS : LOOK_NS;
}

static void window_run(struct task *task)
{
    SDL_Event e;
    TASK_BEGIN(task);
    for (;;) {
        TASK_AWAIT_FOR(task, false, look_again_ns());
        follow();
        while (input_room() > 0 && SDL_PollEvent(&e) != 0) {
            one_event(&e);
            state.touched_ns = machine_now_ns();
        }
    }
    TASK_END(task);
}

void linux_window_stay(void)
{
    SDL_Event e;
    while (state.window != NULL && SDL_WaitEvent(&e) != 0 && e.type != SDL_QUIT) {
        if (e.type == SDL_WINDOWEVENT && e.window.event == SDL_WINDOWEVENT_EXPOSED) {
            update_all();
        }
    }
}

static void close_window(void)
{
    SDL_Quit();
}

/* SDL has drivers that show nothing, and takes one when no other works. */
static bool shows_nothing(const char *driver)
{
    static const char *const blind[] = {"offscreen", "dummy", "evdev"};
    for (size_t i = 0; driver != NULL && i < ARRAY_COUNT(blind); i++) {
        if (strcmp(driver, blind[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* How a variable of the environment is set, for the log. */
static const char *setting(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && *value != 0 ? value : "(not set)";
}

/* NULL: done; else why not. With a driver that shows nothing there is none, and a warning. */
static const char *open_window(void)
{
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
    SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION,
                "0"); /* a few rectangles a frame: no GPU needed */
    state.late = false;
    if (SDL_Init(SDL_INIT_VIDEO) != 0) {
        return SDL_GetError();
    }
    if (shows_nothing(SDL_GetCurrentVideoDriver())) {
        SDL_Quit();
        log_warn("window",
                 "headless: SDL finds no display; DISPLAY=%s WAYLAND_DISPLAY=%s SDL_VIDEODRIVER=%s",
                 setting("DISPLAY"), setting("WAYLAND_DISPLAY"), setting("SDL_VIDEODRIVER"));
        return NULL;
    }
    state.picture = make_picture(state.display.pixels, state.display.width, state.display.height);
    state.window = state.picture != NULL
                       ? SDL_CreateWindow(state.title, SDL_WINDOWPOS_UNDEFINED,
                                          SDL_WINDOWPOS_UNDEFINED, (int)state.display.width,
                                          (int)state.display.height, SDL_WINDOW_RESIZABLE)
                       : NULL;
    if (state.window == NULL) {
        return SDL_GetError();
    }
    SDL_ShowCursor(SDL_DISABLE); /* showing one is an app's business */
    (void)atexit(close_window);
    task_start(&state.task, "window", window_run);
    return NULL;
}

/* There is something to be seen. */
static void open_late(void)
{
    const char *why = state.late ? open_window() : NULL;
    if (why != NULL) {
        linux_no_window(why);
    }
}

void linux_window_show(void)
{
    open_late();
}

const char *linux_window_start(uint32_t width, uint32_t height, const char *title, bool late)
{
    uint32_t *pixels = make_pixels(width, height);
    if (pixels == NULL) {
        return "not enough memory";
    }
    state.title = title;
    state.late = true;
    state.display = (struct display){
        .name = "window",
        .width = width,
        .height = height,
        .pixels = pixels,
        .rank = 2,
        .update = update,
    };
    const char *why = late ? NULL : open_window();
    if (why != NULL) {
        return why;
    }
    if (!late && state.window == NULL) {
        free(pixels);
        return linux_headless_start(width, height) ? NULL : "not enough memory";
    }
    display_offer(&state.display);
    return NULL;
}
