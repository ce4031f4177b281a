/* SPDX-License-Identifier: MIT */
/* Between the files of our SDL; no program sees this. */
#ifndef CTX_SDL_PRIVATE_H
#define CTX_SDL_PRIVATE_H

#include "SDL.h"

#include <stdbool.h>

/* ---- rows.c, blit.c, stretch.c: pure, and tested alone ---- */

/* Pixels on their way are RGBA bytes in this order, as a surface of ctx.display has them, in a
 * uint32_t: red lowest. That is SDL_PIXELFORMAT_RGBA32. */
#define SDL_RGBA(r, g, b, a)                                                                       \
    ((uint32_t)(r) | (uint32_t)(g) << 8 | (uint32_t)(b) << 16 | (uint32_t)(a) << 24)
#define SDL_WHITE 0xffffffffu /* as a modulation: none */

extern const SDL_PixelFormat sdl_rgba32;

/* Pixels of a format. */
struct sdl_side {
    const SDL_PixelFormat *format;
    void *pixels;
    int pitch; /* bytes */
};

/* A copy of `src` (inside of `from`) to `dst` in `to`, of which `clip` (inside of `to`) is drawn.
 */
struct sdl_blit {
    struct sdl_side from, to;
    SDL_Rect src, dst, clip;
    int flip; /* SDL_FLIP_* */
    SDL_BlendMode mode;
    uint32_t mod;
    bool keyed;
    uint32_t key; /* in the format of `from` */
};

uint32_t sdl_pixel_in(const SDL_PixelFormat *format, uint32_t pixel);
uint32_t sdl_pixel_out(const SDL_PixelFormat *format, uint32_t rgba);
uint32_t sdl_pixel_read(const void *at, int bytes);
void sdl_pixel_write(void *at, int bytes, uint32_t pixel);
uint32_t sdl_blend(uint32_t s, uint32_t d, SDL_BlendMode mode);
uint32_t sdl_modulate(uint32_t s, uint32_t mod);
bool sdl_mode_known(SDL_BlendMode mode);

void sdl_blit(const struct sdl_blit *b);

/* The same turned around (cx, cy) in dst by degrees, clockwise; of RGBA32 to RGBA32. */
void sdl_blit_turned(const struct sdl_blit *b, double angle, double cx, double cy);

/* A rectangle of RGBA32; only what lies in clip. */
void sdl_fill(uint32_t *pixels, int pitch_px, const SDL_Rect *clip, const SDL_Rect *rect,
              uint32_t rgba, SDL_BlendMode mode);

/* Where a picture of w x h lies, as large as can be, in the middle of in_w x in_h; whole: by whole
 * numbers, where it is larger. */
SDL_Rect sdl_fit(int w, int h, int in_w, int in_h, bool whole);

/* All of a picture, averaged over what each pixel of dst covers. */
void sdl_stretch(const uint32_t *from, int from_w, int from_h, uint32_t *to, int to_pitch_px,
                 const SDL_Rect *dst);

/* A place in what is shown, to a pixel of the picture that is shown there, at most its edge. */
int sdl_unscale(int at, int start, int shown, int size);

/* ---- keymap.c ---- */

SDL_Scancode sdl_scancode(uint32_t code); /* of the Context's code */

/* ---- surface.c ---- */

/* What lies behind an SDL_Surface's own fields. */
struct sdl_surface {
    SDL_Surface s;
    SDL_BlendMode mode;
    uint32_t mod;
    bool keyed;
    uint32_t key;
};

SDL_Surface *sdl_surface_over(void *pixels, int w, int h, int pitch, Uint32 format);

/* ---- time.c: waiting ---- */

uint64_t sdl_now(void); /* nanoseconds */

/* Timers and audio that are due. */
void sdl_turn(void);

/* Let the others go on until this moment, or something of the mask happens; timers and audio
 * meanwhile. Outside of a fiber it comes back at once, and answers false. */
bool sdl_wait(uint64_t mask, uint64_t deadline);

/* A picture is done: where the program has not waited since the last one, and works for long
 * already, the others get their turn. */
void sdl_breathe(void);

/* An empty queue was asked for an event: who does nothing else waits for a millisecond, who works
 * in between lets the others have their turn now and then. Whether it waited. */
bool sdl_poll_empty(void);

/* Until the next picture. */
void sdl_next_picture(void);

/* ---- audio.c ---- */

/* Call back what is due; the moment when the next is. UINT64_MAX: never. */
uint64_t sdl_audio_turn(uint64_t now);

/* ---- window.c ---- */

struct SDL_Window {
    struct SDL_Window *next;
    Uint32 id, flags;
    char title[64];
    int x, y, w, h;   /* the program's; flags' FULLSCREEN may show them elsewhere */
    int was_w, was_h; /* before FULLSCREEN_DESKTOP */
    int least_w, least_h, most_w, most_h;
    bool asked;      /* x and y */
    uint32_t handle; /* of ctx.display; 0: not shown */
    uint64_t handle_flags;
    int shown_w, shown_h;
    SDL_Rect box;   /* where the window's pixels lie in that */
    uint32_t *back; /* w x h pixels */
    SDL_Surface *surface;
    SDL_Renderer *renderer;
    void *data;
    char data_name[16];
};

extern struct SDL_Window *sdl_windows;

void sdl_window_present(SDL_Window *window);
SDL_Window *sdl_window_of(uint32_t handle);                /* 0: the one that has keys */
void sdl_window_resized(SDL_Window *window, int w, int h); /* its surface is asked to be */
void sdl_screen_resized(int w, int h);
void sdl_window_show_pointer(void); /* cursor and relative mode have changed */
bool sdl_screen(int *w, int *h, uint64_t *frame_ns, bool *managed);
void sdl_video_quit(void);

/* ---- render.c ---- */

void sdl_renderer_resized(SDL_Renderer *renderer);
/* From the window's pixels to the logical size's, if it has one. */
void sdl_renderer_to_logical(SDL_Renderer *renderer, int *x, int *y);
void sdl_renderer_scale_motion(SDL_Renderer *renderer, int *x, int *y);

/* ---- events.c ---- */

void sdl_event_add(SDL_Event *event);
void sdl_window_event(SDL_Window *window, int which, int data1, int data2);
bool sdl_event_wanted(Uint32 type);

/* ---- input.c ---- */

#define SDL_EVENT_MASK sdl_input_mask()
uint64_t sdl_input_mask(void);
void sdl_input_pump(void);
void sdl_input_focus(SDL_Window *window);  /* NULL: none */
void sdl_input_forget(SDL_Window *window); /* it goes */

/* ---- keyboard.c, mouse.c ---- */

void sdl_key(SDL_Window *window, uint32_t code, uint32_t value, uint32_t modifiers);
void sdl_text(SDL_Window *window, uint32_t c);
void sdl_motion(SDL_Window *window, int x, int y, int dx, int dy);
void sdl_button(SDL_Window *window, uint32_t code, bool down);
void sdl_wheel(SDL_Window *window, const int32_t steps[2], const int32_t parts[2]);
bool sdl_mouse_hidden(void);
bool sdl_mouse_relative(void);
uint32_t sdl_mouse_shape(void); /* CTX_CURSOR_* */
void sdl_mouse_focus(SDL_Window *window);
void sdl_keyboard_focus(SDL_Window *window);

/* ---- main.c ---- */

/* One line of the log; as printf has it. */
__attribute__((format(printf, 2, 3))) void sdl_say(uint32_t level, const char *format, ...);

#endif
