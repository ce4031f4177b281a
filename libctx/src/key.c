/* SPDX-License-Identifier: MIT */
/* Names of evdev codes, after linux/input-event-codes.h without its KEY_ prefix. */
#include <ctx/key.h>

/* Strings of a fixed size need no relocations, so apps of every kind can link this. */
static const char names[128][11] = {
    [1] = "ESC", [2] = "1", [3] = "2", [4] = "3", [5] = "4", [6] = "5", [7] = "6", [8] = "7",
    [9] = "8", [10] = "9", [11] = "0", [12] = "MINUS", [13] = "EQUAL", [14] = "BACKSPACE",
    [15] = "TAB", [16] = "Q", [17] = "W", [18] = "E", [19] = "R", [20] = "T", [21] = "Y",
    [22] = "U", [23] = "I", [24] = "O", [25] = "P", [26] = "LEFTBRACE", [27] = "RIGHTBRACE",
    [28] = "ENTER", [29] = "LEFTCTRL", [30] = "A", [31] = "S", [32] = "D", [33] = "F", [34] = "G",
    [35] = "H", [36] = "J", [37] = "K", [38] = "L", [39] = "SEMICOLON", [40] = "APOSTROPHE",
    [41] = "GRAVE", [42] = "LEFTSHIFT", [43] = "BACKSLASH", [44] = "Z", [45] = "X", [46] = "C",
    [47] = "V", [48] = "B", [49] = "N", [50] = "M", [51] = "COMMA", [52] = "DOT", [53] = "SLASH",
    [54] = "RIGHTSHIFT", [55] = "KPASTERISK", [56] = "LEFTALT", [57] = "SPACE", [58] = "CAPSLOCK",
    [59] = "F1", [60] = "F2", [61] = "F3", [62] = "F4", [63] = "F5", [64] = "F6", [65] = "F7",
    [66] = "F8", [67] = "F9", [68] = "F10", [69] = "NUMLOCK", [70] = "SCROLLLOCK", [71] = "KP7",
    [72] = "KP8", [73] = "KP9", [74] = "KPMINUS", [75] = "KP4", [76] = "KP5", [77] = "KP6",
    [78] = "KPPLUS", [79] = "KP1", [80] = "KP2", [81] = "KP3", [82] = "KP0", [83] = "KPDOT",
    [86] = "102ND", [87] = "F11", [88] = "F12", [96] = "KPENTER", [97] = "RIGHTCTRL",
    [98] = "KPSLASH", [99] = "SYSRQ", [100] = "RIGHTALT", [102] = "HOME", [103] = "UP",
    [104] = "PAGEUP", [105] = "LEFT", [106] = "RIGHT", [107] = "END", [108] = "DOWN",
    [109] = "PAGEDOWN", [110] = "INSERT", [111] = "DELETE", [113] = "MUTE", [114] = "VOLUMEDOWN",
    [115] = "VOLUMEUP", [116] = "POWER", [119] = "PAUSE", [125] = "LEFTMETA", [126] = "RIGHTMETA",
    [127] = "MENU",
};

static const char buttons[4][11] = { "BTN_LEFT", "BTN_RIGHT", "BTN_MIDDLE", "BTN_SIDE" };

const char *ctx_key_name(uint64_t code)
{
    if (code >= CTX_BTN_LEFT && code <= CTX_BTN_SIDE) {
        return buttons[code - CTX_BTN_LEFT];
    }
    return code < 128 && names[code][0] != 0 ? names[code] : 0;
}
