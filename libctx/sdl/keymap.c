/* SPDX-License-Identifier: MIT */
/* Keys: the Context's codes (evdev's) as scancodes, which are USB's; their names, and what is on
 * them. Pure. */
#include "private.h"

static const uint16_t scancodes[] = {
    [1] = SDL_SCANCODE_ESCAPE,
    [2] = SDL_SCANCODE_1,
    [3] = SDL_SCANCODE_2,
    [4] = SDL_SCANCODE_3,
    [5] = SDL_SCANCODE_4,
    [6] = SDL_SCANCODE_5,
    [7] = SDL_SCANCODE_6,
    [8] = SDL_SCANCODE_7,
    [9] = SDL_SCANCODE_8,
    [10] = SDL_SCANCODE_9,
    [11] = SDL_SCANCODE_0,
    [12] = SDL_SCANCODE_MINUS,
    [13] = SDL_SCANCODE_EQUALS,
    [14] = SDL_SCANCODE_BACKSPACE,
    [15] = SDL_SCANCODE_TAB,
    [16] = SDL_SCANCODE_Q,
    [17] = SDL_SCANCODE_W,
    [18] = SDL_SCANCODE_E,
    [19] = SDL_SCANCODE_R,
    [20] = SDL_SCANCODE_T,
    [21] = SDL_SCANCODE_Y,
    [22] = SDL_SCANCODE_U,
    [23] = SDL_SCANCODE_I,
    [24] = SDL_SCANCODE_O,
    [25] = SDL_SCANCODE_P,
    [26] = SDL_SCANCODE_LEFTBRACKET,
    [27] = SDL_SCANCODE_RIGHTBRACKET,
    [28] = SDL_SCANCODE_RETURN,
    [29] = SDL_SCANCODE_LCTRL,
    [30] = SDL_SCANCODE_A,
    [31] = SDL_SCANCODE_S,
    [32] = SDL_SCANCODE_D,
    [33] = SDL_SCANCODE_F,
    [34] = SDL_SCANCODE_G,
    [35] = SDL_SCANCODE_H,
    [36] = SDL_SCANCODE_J,
    [37] = SDL_SCANCODE_K,
    [38] = SDL_SCANCODE_L,
    [39] = SDL_SCANCODE_SEMICOLON,
    [40] = SDL_SCANCODE_APOSTROPHE,
    [41] = SDL_SCANCODE_GRAVE,
    [42] = SDL_SCANCODE_LSHIFT,
    [43] = SDL_SCANCODE_BACKSLASH,
    [44] = SDL_SCANCODE_Z,
    [45] = SDL_SCANCODE_X,
    [46] = SDL_SCANCODE_C,
    [47] = SDL_SCANCODE_V,
    [48] = SDL_SCANCODE_B,
    [49] = SDL_SCANCODE_N,
    [50] = SDL_SCANCODE_M,
    [51] = SDL_SCANCODE_COMMA,
    [52] = SDL_SCANCODE_PERIOD,
    [53] = SDL_SCANCODE_SLASH,
    [54] = SDL_SCANCODE_RSHIFT,
    [55] = SDL_SCANCODE_KP_MULTIPLY,
    [56] = SDL_SCANCODE_LALT,
    [57] = SDL_SCANCODE_SPACE,
    [58] = SDL_SCANCODE_CAPSLOCK,
    [59] = SDL_SCANCODE_F1,
    [60] = SDL_SCANCODE_F2,
    [61] = SDL_SCANCODE_F3,
    [62] = SDL_SCANCODE_F4,
    [63] = SDL_SCANCODE_F5,
    [64] = SDL_SCANCODE_F6,
    [65] = SDL_SCANCODE_F7,
    [66] = SDL_SCANCODE_F8,
    [67] = SDL_SCANCODE_F9,
    [68] = SDL_SCANCODE_F10,
    [69] = SDL_SCANCODE_NUMLOCKCLEAR,
    [70] = SDL_SCANCODE_SCROLLLOCK,
    [71] = SDL_SCANCODE_KP_7,
    [72] = SDL_SCANCODE_KP_8,
    [73] = SDL_SCANCODE_KP_9,
    [74] = SDL_SCANCODE_KP_MINUS,
    [75] = SDL_SCANCODE_KP_4,
    [76] = SDL_SCANCODE_KP_5,
    [77] = SDL_SCANCODE_KP_6,
    [78] = SDL_SCANCODE_KP_PLUS,
    [79] = SDL_SCANCODE_KP_1,
    [80] = SDL_SCANCODE_KP_2,
    [81] = SDL_SCANCODE_KP_3,
    [82] = SDL_SCANCODE_KP_0,
    [83] = SDL_SCANCODE_KP_PERIOD,
    [86] = SDL_SCANCODE_NONUSBACKSLASH,
    [87] = SDL_SCANCODE_F11,
    [88] = SDL_SCANCODE_F12,
    [89] = SDL_SCANCODE_INTERNATIONAL1,
    [92] = SDL_SCANCODE_INTERNATIONAL2,
    [96] = SDL_SCANCODE_KP_ENTER,
    [97] = SDL_SCANCODE_RCTRL,
    [98] = SDL_SCANCODE_KP_DIVIDE,
    [99] = SDL_SCANCODE_PRINTSCREEN,
    [100] = SDL_SCANCODE_RALT,
    [102] = SDL_SCANCODE_HOME,
    [103] = SDL_SCANCODE_UP,
    [104] = SDL_SCANCODE_PAGEUP,
    [105] = SDL_SCANCODE_LEFT,
    [106] = SDL_SCANCODE_RIGHT,
    [107] = SDL_SCANCODE_END,
    [108] = SDL_SCANCODE_DOWN,
    [109] = SDL_SCANCODE_PAGEDOWN,
    [110] = SDL_SCANCODE_INSERT,
    [111] = SDL_SCANCODE_DELETE,
    [113] = SDL_SCANCODE_MUTE,
    [114] = SDL_SCANCODE_VOLUMEDOWN,
    [115] = SDL_SCANCODE_VOLUMEUP,
    [116] = SDL_SCANCODE_POWER,
    [117] = SDL_SCANCODE_KP_EQUALS,
    [119] = SDL_SCANCODE_PAUSE,
    [121] = SDL_SCANCODE_KP_COMMA,
    [122] = SDL_SCANCODE_LANG1,
    [123] = SDL_SCANCODE_LANG2,
    [124] = SDL_SCANCODE_INTERNATIONAL3,
    [125] = SDL_SCANCODE_LGUI,
    [126] = SDL_SCANCODE_RGUI,
    [127] = SDL_SCANCODE_APPLICATION,
    [128] = SDL_SCANCODE_STOP,
    [129] = SDL_SCANCODE_AGAIN,
    [131] = SDL_SCANCODE_UNDO,
    [133] = SDL_SCANCODE_COPY,
    [135] = SDL_SCANCODE_PASTE,
    [136] = SDL_SCANCODE_FIND,
    [137] = SDL_SCANCODE_CUT,
    [138] = SDL_SCANCODE_HELP,
    [139] = SDL_SCANCODE_MENU,
    [140] = SDL_SCANCODE_CALCULATOR,
    [158] = SDL_SCANCODE_AC_BACK,
    [159] = SDL_SCANCODE_AC_FORWARD,
    [163] = SDL_SCANCODE_AUDIONEXT,
    [164] = SDL_SCANCODE_AUDIOPLAY,
    [165] = SDL_SCANCODE_AUDIOPREV,
    [166] = SDL_SCANCODE_AUDIOSTOP,
    [172] = SDL_SCANCODE_AC_HOME,
    [173] = SDL_SCANCODE_AC_REFRESH,
    [183] = SDL_SCANCODE_F13,
    [184] = SDL_SCANCODE_F14,
    [185] = SDL_SCANCODE_F15,
    [186] = SDL_SCANCODE_F16,
    [187] = SDL_SCANCODE_F17,
    [188] = SDL_SCANCODE_F18,
    [189] = SDL_SCANCODE_F19,
    [190] = SDL_SCANCODE_F20,
    [191] = SDL_SCANCODE_F21,
    [192] = SDL_SCANCODE_F22,
    [193] = SDL_SCANCODE_F23,
    [194] = SDL_SCANCODE_F24,
};

static const char *const names[SDL_NUM_SCANCODES] = {
    [SDL_SCANCODE_RETURN] = "Return",
    [SDL_SCANCODE_ESCAPE] = "Escape",
    [SDL_SCANCODE_BACKSPACE] = "Backspace",
    [SDL_SCANCODE_TAB] = "Tab",
    [SDL_SCANCODE_SPACE] = "Space",
    [SDL_SCANCODE_MINUS] = "-",
    [SDL_SCANCODE_EQUALS] = "=",
    [SDL_SCANCODE_LEFTBRACKET] = "[",
    [SDL_SCANCODE_RIGHTBRACKET] = "]",
    [SDL_SCANCODE_BACKSLASH] = "\\",
    [SDL_SCANCODE_NONUSHASH] = "#",
    [SDL_SCANCODE_SEMICOLON] = ";",
    [SDL_SCANCODE_APOSTROPHE] = "'",
    [SDL_SCANCODE_GRAVE] = "`",
    [SDL_SCANCODE_COMMA] = ",",
    [SDL_SCANCODE_PERIOD] = ".",
    [SDL_SCANCODE_SLASH] = "/",
    [SDL_SCANCODE_CAPSLOCK] = "CapsLock",
    [SDL_SCANCODE_PRINTSCREEN] = "PrintScreen",
    [SDL_SCANCODE_SCROLLLOCK] = "ScrollLock",
    [SDL_SCANCODE_PAUSE] = "Pause",
    [SDL_SCANCODE_INSERT] = "Insert",
    [SDL_SCANCODE_HOME] = "Home",
    [SDL_SCANCODE_PAGEUP] = "PageUp",
    [SDL_SCANCODE_DELETE] = "Delete",
    [SDL_SCANCODE_END] = "End",
    [SDL_SCANCODE_PAGEDOWN] = "PageDown",
    [SDL_SCANCODE_RIGHT] = "Right",
    [SDL_SCANCODE_LEFT] = "Left",
    [SDL_SCANCODE_DOWN] = "Down",
    [SDL_SCANCODE_UP] = "Up",
    [SDL_SCANCODE_NUMLOCKCLEAR] = "Numlock",
    [SDL_SCANCODE_KP_DIVIDE] = "Keypad /",
    [SDL_SCANCODE_KP_MULTIPLY] = "Keypad *",
    [SDL_SCANCODE_KP_MINUS] = "Keypad -",
    [SDL_SCANCODE_KP_PLUS] = "Keypad +",
    [SDL_SCANCODE_KP_ENTER] = "Keypad Enter",
    [SDL_SCANCODE_KP_PERIOD] = "Keypad .",
    [SDL_SCANCODE_KP_EQUALS] = "Keypad =",
    [SDL_SCANCODE_KP_COMMA] = "Keypad ,",
    [SDL_SCANCODE_APPLICATION] = "Application",
    [SDL_SCANCODE_POWER] = "Power",
    [SDL_SCANCODE_HELP] = "Help",
    [SDL_SCANCODE_MENU] = "Menu",
    [SDL_SCANCODE_STOP] = "Stop",
    [SDL_SCANCODE_AGAIN] = "Again",
    [SDL_SCANCODE_UNDO] = "Undo",
    [SDL_SCANCODE_CUT] = "Cut",
    [SDL_SCANCODE_COPY] = "Copy",
    [SDL_SCANCODE_PASTE] = "Paste",
    [SDL_SCANCODE_FIND] = "Find",
    [SDL_SCANCODE_MUTE] = "Mute",
    [SDL_SCANCODE_VOLUMEUP] = "VolumeUp",
    [SDL_SCANCODE_VOLUMEDOWN] = "VolumeDown",
    [SDL_SCANCODE_LCTRL] = "Left Ctrl",
    [SDL_SCANCODE_LSHIFT] = "Left Shift",
    [SDL_SCANCODE_LALT] = "Left Alt",
    [SDL_SCANCODE_LGUI] = "Left GUI",
    [SDL_SCANCODE_RCTRL] = "Right Ctrl",
    [SDL_SCANCODE_RSHIFT] = "Right Shift",
    [SDL_SCANCODE_RALT] = "Right Alt",
    [SDL_SCANCODE_RGUI] = "Right GUI",
    [SDL_SCANCODE_MODE] = "ModeSwitch",
    [SDL_SCANCODE_AUDIONEXT] = "AudioNext",
    [SDL_SCANCODE_AUDIOPREV] = "AudioPrev",
    [SDL_SCANCODE_AUDIOSTOP] = "AudioStop",
    [SDL_SCANCODE_AUDIOPLAY] = "AudioPlay",
    [SDL_SCANCODE_CALCULATOR] = "Calculator",
    [SDL_SCANCODE_AC_BACK] = "AC Back",
    [SDL_SCANCODE_AC_FORWARD] = "AC Forward",
    [SDL_SCANCODE_AC_HOME] = "AC Home",
    [SDL_SCANCODE_AC_REFRESH] = "AC Refresh",
    [SDL_SCANCODE_KP_0] = "Keypad 0",
    [SDL_SCANCODE_KP_1] = "Keypad 1",
    [SDL_SCANCODE_KP_2] = "Keypad 2",
    [SDL_SCANCODE_KP_3] = "Keypad 3",
    [SDL_SCANCODE_KP_4] = "Keypad 4",
    [SDL_SCANCODE_KP_5] = "Keypad 5",
    [SDL_SCANCODE_KP_6] = "Keypad 6",
    [SDL_SCANCODE_KP_7] = "Keypad 7",
    [SDL_SCANCODE_KP_8] = "Keypad 8",
    [SDL_SCANCODE_KP_9] = "Keypad 9",
};

/* Characters, where it is not a letter or a digit. */
static const char characters[] = {
    [SDL_SCANCODE_RETURN] = '\r',         [SDL_SCANCODE_ESCAPE] = '\x1b',
    [SDL_SCANCODE_BACKSPACE] = '\b',      [SDL_SCANCODE_TAB] = '\t',
    [SDL_SCANCODE_SPACE] = ' ',           [SDL_SCANCODE_MINUS] = '-',
    [SDL_SCANCODE_EQUALS] = '=',          [SDL_SCANCODE_LEFTBRACKET] = '[',
    [SDL_SCANCODE_RIGHTBRACKET] = ']',    [SDL_SCANCODE_BACKSLASH] = '\\',
    [SDL_SCANCODE_NONUSHASH] = '#',       [SDL_SCANCODE_SEMICOLON] = ';',
    [SDL_SCANCODE_APOSTROPHE] = '\'',     [SDL_SCANCODE_GRAVE] = '`',
    [SDL_SCANCODE_COMMA] = ',',           [SDL_SCANCODE_PERIOD] = '.',
    [SDL_SCANCODE_SLASH] = '/',           [SDL_SCANCODE_DELETE] = '\x7f',
    [SDL_SCANCODE_NONUSBACKSLASH] = '\\',
};

SDL_Scancode sdl_scancode(uint32_t code)
{
    return code < SDL_arraysize(scancodes) ? (SDL_Scancode)scancodes[code] : SDL_SCANCODE_UNKNOWN;
}

SDL_Keycode SDL_GetKeyFromScancode(SDL_Scancode scancode)
{
    unsigned n = (unsigned)scancode;
    if (n >= SDL_SCANCODE_A && n <= SDL_SCANCODE_Z) {
        return 'a' + (SDL_Keycode)(n - SDL_SCANCODE_A);
    }
    if (n >= SDL_SCANCODE_1 && n <= SDL_SCANCODE_0) {
        return "1234567890"[n - SDL_SCANCODE_1];
    }
    if (n < SDL_arraysize(characters) && characters[n] != 0) {
        return characters[n];
    }
    return n == 0 || n >= SDL_NUM_SCANCODES ? SDLK_UNKNOWN
                                            : SDL_SCANCODE_TO_KEYCODE((SDL_Keycode)n);
}

SDL_Scancode SDL_GetScancodeFromKey(SDL_Keycode key)
{
    for (int i = 1; i < SDL_NUM_SCANCODES && key != SDLK_UNKNOWN; i++) {
        if (SDL_GetKeyFromScancode((SDL_Scancode)i) == key) {
            return (SDL_Scancode)i;
        }
    }
    return SDL_SCANCODE_UNKNOWN;
}

const char *SDL_GetScancodeName(SDL_Scancode scancode)
{
    static char text[8]; /* of letters, digits and F1 to F24: until the next question */
    unsigned n = (unsigned)scancode;
    if (n < SDL_NUM_SCANCODES && names[n] != NULL) {
        return names[n];
    }
    if (n >= SDL_SCANCODE_A && n <= SDL_SCANCODE_0) {
        text[0] = (char)toupper(SDL_GetKeyFromScancode(scancode));
        text[1] = 0;
        return text;
    }
    bool low = n >= SDL_SCANCODE_F1 && n <= SDL_SCANCODE_F12;
    bool high = n >= SDL_SCANCODE_F13 && n <= SDL_SCANCODE_F24;
    if (low || high) {
        snprintf(text, sizeof text, "F%u",
                 low ? n - SDL_SCANCODE_F1 + 1 : n - SDL_SCANCODE_F13 + 13);
        return text;
    }
    return "";
}

SDL_Scancode SDL_GetScancodeFromName(const char *name)
{
    for (int i = 1; i < SDL_NUM_SCANCODES && name != NULL && name[0] != 0; i++) {
        if (strcasecmp(SDL_GetScancodeName((SDL_Scancode)i), name) == 0) {
            return (SDL_Scancode)i;
        }
    }
    SDL_SetError("there is no key of this name");
    return SDL_SCANCODE_UNKNOWN;
}

const char *SDL_GetKeyName(SDL_Keycode key)
{
    static char text[2]; /* until the next question */
    SDL_Scancode scancode = (key & SDLK_SCANCODE_MASK) != 0
                                ? (SDL_Scancode)(key & ~SDLK_SCANCODE_MASK)
                                : SDL_GetScancodeFromKey(key);
    if (scancode == SDL_SCANCODE_UNKNOWN && key > ' ' && key < 0x7f) {
        text[0] = (char)key; /* one that takes shift */
        return text;
    }
    return SDL_GetScancodeName(scancode);
}

SDL_Keycode SDL_GetKeyFromName(const char *name)
{
    if (name != NULL && name[0] > ' ' && name[1] == 0) {
        return tolower((unsigned char)name[0]);
    }
    return SDL_GetKeyFromScancode(SDL_GetScancodeFromName(name));
}
