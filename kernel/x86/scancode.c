/* SPDX-License-Identifier: MIT */
#include "scancode.h"

#include <kernel/string.h>

#define PREFIX       0xe0
#define PREFIX_PAUSE 0xe1
#define ANSWER_ACK   0xfa
#define ANSWER_AGAIN 0xfe
#define HANJA        0x71 /* two Korean keys are sent as if released, and once only */
#define HANGUL       0x72
#define KEY_HANGUL   122
#define KEY_HANJA    123
#define KEY_PAUSE    119

/* From 0x54 on; below, a code is its own evdev number. */
static const uint8_t plain[] = {
    [0x54] = 99,                              /* SysRq: Alt and Print */
    [0x55] = 186,                             /* F16 */
    [0x56] = 86,                              /* the key beside the left shift */
    [0x57] = 87,  [0x58] = 88,                /* F11 F12 */
    [0x59] = 117,                             /* keypad = */
    [0x5a] = 190,                             /* F20 */
    [0x5b] = 101,                             /* line feed */
    [0x5c] = 95,                              /* keypad comma, Japanese */
    [0x5d] = 183, [0x5e] = 184, [0x5f] = 185, /* F13 F14 F15 */
    [0x63] = 169,                             /* phone */
    [0x64] = 134, [0x65] = 135,               /* open, paste */
    [0x66] = 141,                             /* setup */
    [0x67] = 144, [0x68] = 145, [0x69] = 146, /* file, send file, delete file */
    [0x6a] = 151,                             /* MS-DOS */
    [0x6c] = 161,                             /* eject */
    [0x6d] = 193,                             /* F23 */
    [0x6f] = 194,                             /* F24 */
    [0x70] = 93,                              /* Katakana/Hiragana */
    [0x71] = 174, [0x72] = 175,               /* exit, move */
    [0x73] = 89,                              /* Ro */
    [0x74] = 191,                             /* F21 */
    [0x75] = 177,                             /* scroll up */
    [0x76] = 85,                              /* Zenkaku/Hankaku */
    [0x77] = 91,                              /* Hiragana */
    [0x78] = 90,                              /* Katakana */
    [0x79] = 92,                              /* Henkan */
    [0x7b] = 94,                              /* Muhenkan */
    [0x7d] = 124,                             /* Yen */
    [0x7e] = 121,                             /* keypad comma, Brazilian */
};

/* Behind 0xe0. 0x2a, 0x36 and 0xaa, 0xb6 are the shifts around the grey keys, which nobody pressed.
 */
static const uint8_t extended_codes[128] = {
    [0x01] = 171,                                   /* config */
    [0x02] = 150,                                   /* WWW */
    [0x03] = 187,       [0x04] = 189,               /* F17 F19 */
    [0x05] = 129,       [0x06] = 130, [0x07] = 131, /* again, props, undo */
    [0x08] = 176,                                   /* edit */
    [0x0c] = 132,                                   /* front */
    [0x0f] = 178,                                   /* scroll down */
    [0x10] = 165,                                   /* previous song */
    [0x12] = 152,                                   /* lock the screen */
    [0x13] = 147,                                   /* xfer */
    [0x17] = 149,       [0x1f] = 148,               /* programs 2 and 1 */
    [0x18] = 168,                                   /* rewind */
    [0x19] = 163,                                   /* next song */
    [0x1c] = 96,        [0x1d] = 97,                /* keypad enter, right Ctrl */
    [0x1e] = 139,                                   /* menu */
    [0x20] = 113,                                   /* mute */
    [0x21] = 140,                                   /* calculator */
    [0x22] = 164,       [0x24] = 166,               /* play, stop */
    [0x23] = 160,                                   /* close the CD */
    [0x26] = 154,                                   /* cycle windows */
    [0x2e] = 114,       [0x30] = 115,               /* volume down, up */
    [0x31] = 167,                                   /* record */
    [0x32] = 172,                                   /* home page */
    [0x35] = 98,                                    /* keypad / */
    [0x37] = 99,                                    /* Print */
    [0x38] = 100,                                   /* right Alt */
    [0x3c] = 137,                                   /* cut */
    [0x41] = 136,                                   /* find */
    [0x46] = KEY_PAUSE,                             /* Break: Ctrl and Pause */
    [0x47] = 102,       [0x48] = 103, [0x49] = 104,
    [0x4b] = 105,       [0x4d] = 106, /* Home Up PageUp Left Right */
    [0x4e] = 118,                     /* keypad +- */
    [0x4f] = 107,       [0x50] = 108, [0x51] = 109,
    [0x52] = 110,       [0x53] = 111,               /* End Down PageDown Insert Delete */
    [0x5b] = 125,       [0x5c] = 126, [0x5d] = 127, /* left and right Meta, Compose */
    [0x5e] = 116,       [0x5f] = 142, [0x63] = 143, /* power, sleep, wake up */
    [0x65] = 217,                                   /* search */
    [0x66] = 156,                                   /* bookmarks */
    [0x67] = 173,                                   /* refresh */
    [0x68] = 128,                                   /* stop */
    [0x69] = 159,       [0x6a] = 158,               /* forward, back */
    [0x6b] = 157,                                   /* computer */
    [0x6c] = 155,                                   /* mail */
    [0x6d] = 226,                                   /* media */
    [0x6f] = 112,                                   /* macro */
    [0x75] = 138,                                   /* help */
    [0x77] = 188,       [0x79] = 192,               /* F18 F22 */
    [0x78] = 133,                                   /* copy */
    [0x7d] = 162,                                   /* eject and close */
};

uint32_t scancode_key(uint8_t code, bool extended)
{
    code &= 0x7f;
    if (extended) {
        return extended_codes[code];
    }
    return code < 0x54 ? code : code < sizeof plain ? plain[code] : 0;
}

/* Whether the key goes from down to up: what never went down can not. */
static bool is_release(struct scancode_keyboard *k, uint8_t byte, bool extended)
{
    uint8_t *bits = &k->down[extended][(byte & 0x7f) / 8], bit = (uint8_t)(1u << byte % 8);
    bool was = (*bits & bit) != 0;
    *bits = (uint8_t)(byte < 0x80 ? *bits | bit : *bits & ~bit);
    return was;
}

static uint32_t tap(uint16_t code, struct scancode_key out[SCANCODE_KEYS])
{
    out[0] = (struct scancode_key){code, true};
    out[1] = (struct scancode_key){code, false};
    return 2;
}

uint32_t scancode_byte(struct scancode_keyboard *k, uint8_t byte,
                       struct scancode_key out[SCANCODE_KEYS])
{
    if (k->skip > 0) { /* Pause: e1 1d 45, and the same released right away */
        out[0] = (struct scancode_key){KEY_PAUSE, byte < 0x80};
        return --k->skip == 0 ? 1 : 0;
    }
    if (byte == PREFIX_PAUSE) {
        k->skip = 2;
        return 0;
    }
    if (byte == PREFIX) {
        k->prefix = byte;
        return 0;
    }
    bool extended = k->prefix != 0;
    k->prefix = 0;
    if (!extended && (byte == 0 || byte == 0xff)) {
        return 0; /* overruns, not keys */
    }
    if (!extended && k->answers && (byte == ANSWER_ACK || byte == ANSWER_AGAIN)) {
        k->answers = false;
        return 0;
    }
    bool was_down = is_release(k, byte, extended);
    if (!extended && !was_down && (byte == (HANJA | 0x80) || byte == (HANGUL | 0x80))) {
        return tap(byte == (HANJA | 0x80) ? KEY_HANJA : KEY_HANGUL, out);
    }
    out[0] = (struct scancode_key){(uint16_t)scancode_key(byte, extended), byte < 0x80};
    return out[0].code != 0 && (byte < 0x80 || was_down) ? 1 : 0;
}

void scancode_packet(enum scancode_mouse mouse, const uint8_t packet[4],
                     struct scancode_motion *out)
{
    uint8_t flags = packet[0];
    *out = (struct scancode_motion){.buttons = flags & 7};
    if ((flags & 0xc0) == 0) { /* no overflow */
        out->dx = packet[1] - ((flags & 0x10) != 0 ? 256 : 0);
        out->dy = -(packet[2] - ((flags & 0x20) != 0 ? 256 : 0));
    }
    if (mouse != MOUSE_PLAIN) { /* four bits, towards the user is positive there */
        int32_t steps = packet[3] & 15;
        out->wheel = -(steps > 7 ? steps - 16 : steps);
    }
    if (mouse == MOUSE_FIVE) {
        out->buttons |= (uint32_t)(packet[3] >> 4 & 3) << 3;
    }
}
