/* SPDX-License-Identifier: MIT */
/* The keyboard: what is down, and its events. */
#include "private.h"

#include <ctx/tables.h>

static struct {
    Uint8 down[SDL_NUM_SCANCODES];
    Uint16 mod;
    SDL_Window *focus;
    bool no_text;
} state;

SDL_Window *SDL_GetKeyboardFocus(void)
{
    return state.focus;
}

void sdl_keyboard_focus(SDL_Window *window)
{
    if (window == state.focus) {
        return;
    }
    if (state.focus != NULL) {
        SDL_ResetKeyboard();
        state.focus->flags &= ~(Uint32)SDL_WINDOW_INPUT_FOCUS;
        sdl_window_event(state.focus, SDL_WINDOWEVENT_FOCUS_LOST, 0, 0);
    }
    state.focus = window;
    if (window != NULL) {
        window->flags |= SDL_WINDOW_INPUT_FOCUS;
        sdl_window_event(window, SDL_WINDOWEVENT_FOCUS_GAINED, 0, 0);
    }
}

/* The modifier that a key is; 0: none. */
static Uint16 modifier(SDL_Scancode scancode)
{
    static const Uint16 mods[] = {KMOD_LCTRL, KMOD_LSHIFT, KMOD_LALT, KMOD_LGUI,
                                  KMOD_RCTRL, KMOD_RSHIFT, KMOD_RALT, KMOD_RGUI};
    return scancode >= SDL_SCANCODE_LCTRL && scancode <= SDL_SCANCODE_RGUI
               ? mods[scancode - SDL_SCANCODE_LCTRL]
               : 0;
}

static void send(SDL_Window *window, SDL_Scancode scancode, bool down, bool again)
{
    Uint16 bit = modifier(scancode);
    state.mod = down ? state.mod | bit : state.mod & (Uint16)~bit;
    state.down[scancode] = down;
    SDL_Event event = {.key = {.type = down ? SDL_KEYDOWN : SDL_KEYUP,
                               .windowID = window != NULL ? window->id : 0,
                               .state = down ? SDL_PRESSED : SDL_RELEASED,
                               .repeat = again,
                               .keysym = {.scancode = scancode,
                                          .sym = SDL_GetKeyFromScancode(scancode),
                                          .mod = state.mod}}};
    sdl_event_add(&event);
}

void sdl_key(SDL_Window *window, uint32_t code, uint32_t value, uint32_t modifiers)
{
    SDL_Scancode scancode = sdl_scancode(code);
    state.mod = (Uint16)((state.mod & ~(KMOD_CAPS | KMOD_NUM)) |
                         ((modifiers & CTX_MOD_CAPS) != 0 ? KMOD_CAPS : 0) |
                         ((modifiers & CTX_MOD_NUM) != 0 ? KMOD_NUM : 0));
    if (scancode == SDL_SCANCODE_UNKNOWN || (value == 0 && state.down[scancode] == 0)) {
        return;
    }
    send(window, scancode, value != 0, value != 0 && state.down[scancode] != 0);
}

void sdl_text(SDL_Window *window, uint32_t c)
{
    if (state.no_text || c < 0x20 || c == 0x7f) {
        return;
    }
    SDL_Event event = {.text = {.type = SDL_TEXTINPUT, .windowID = window->id}};
    char *to = event.text.text;
    if (c < 0x80) {
        *to = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xc0 | c >> 6);
        *to = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *to++ = (char)(0xe0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to = (char)(0x80 | (c & 0x3f));
    } else {
        *to++ = (char)(0xf0 | (c >> 18 & 7));
        *to++ = (char)(0x80 | (c >> 12 & 0x3f));
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to = (char)(0x80 | (c & 0x3f));
    }
    sdl_event_add(&event);
}

const Uint8 *SDL_GetKeyboardState(int *count)
{
    if (count != NULL) {
        *count = SDL_NUM_SCANCODES;
    }
    return state.down;
}

void SDL_ResetKeyboard(void)
{
    for (int i = 0; i < SDL_NUM_SCANCODES; i++) {
        if (state.down[i] != 0) {
            send(state.focus, (SDL_Scancode)i, false, false);
        }
    }
}

SDL_Keymod SDL_GetModState(void)
{
    return (SDL_Keymod)state.mod;
}

void SDL_SetModState(SDL_Keymod mod)
{
    state.mod = (Uint16)mod;
}

/* clang-format off */
void SDL_StartTextInput(void) { state.no_text = false; }
SDL_bool SDL_IsTextInputActive(void) { return state.no_text ? SDL_FALSE : SDL_TRUE; }
void SDL_StopTextInput(void) { state.no_text = true; }
void SDL_SetTextInputRect(const SDL_Rect *rect) { (void)rect; }
SDL_bool SDL_HasScreenKeyboardSupport(void) { return SDL_FALSE; }
SDL_bool SDL_IsScreenKeyboardShown(SDL_Window *window) { (void)window; return SDL_FALSE; }
/* clang-format on */
