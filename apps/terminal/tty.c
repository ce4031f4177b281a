/* SPDX-License-Identifier: MIT */
#include "tty.h"

#include <stdlib.h>
#include <string.h>

/* libvterm is never entered while it is in a callback: what it sends waits for its end. */
static void take_sent(void *self, const uint8_t *bytes, uint32_t len)
{
    struct tty *t = self;
    if (len <= TTY_SENT - t->sent_len) {
        memcpy(t->sent + t->sent_len, bytes, len);
        t->sent_len += len;
    }
}

static void show(void *self, const uint8_t *bytes, uint32_t len)
{
    screen_write(&((struct tty *)self)->screen, bytes, len);
}

static void ring(void *self)
{
    ((struct tty *)self)->bell = 1;
}

static uint32_t column(void *self)
{
    return (uint32_t)((struct tty *)self)->screen.cursor.col;
}

int tty_init(struct tty *t, int rows, int columns)
{
    const struct disc_screen screen = {show, ring, column, t};
    memset(t, 0, sizeof *t);
    discipline_init(&t->line, &screen);
    return screen_init(&t->screen, rows, columns, take_sent, t);
}

void tty_free(struct tty *t)
{
    screen_free(&t->screen);
    free(t->paste);
    t->paste = NULL;
}

/* Echo of what was sent may make the screen send more: an answer to an answer, as often as there is
 * room for it. Nobody types for ever. */
void tty_settle(struct tty *t)
{
    for (uint32_t i = 0; i < t->sent_len; i++) {
        discipline_type(&t->line, t->sent[i], t->now_ns);
    }
    t->sent_len = 0;
}

void tty_send(struct tty *t, const uint8_t *bytes, uint32_t len)
{
    take_sent(t, bytes, len);
    tty_settle(t);
}

void tty_write(struct tty *t, const uint8_t *bytes, uint32_t len)
{
    discipline_write(&t->line, bytes, len);
    tty_settle(t);
}

int tty_paste(struct tty *t, const uint8_t *text, uint32_t len)
{
    uint8_t *copy = malloc(len + 16);
    if (copy == NULL) {
        return 0;
    }
    free(t->paste);
    t->paste = copy;
    t->paste_len = t->paste_at = 0;
    tty_settle(t);
    vterm_keyboard_start_paste(t->screen.vt);
    tty_settle(t);
    for (uint32_t i = 0; i < len; i++) {
        uint8_t b = text[i] == '\n' ? '\r' : text[i];
        if ((b >= 0x20 && b != 0x7f) || b == '\r' || b == '\t') {
            copy[t->paste_len++] = b;
        }
    }
    tty_pump(t);
    return 1;
}

void tty_pump(struct tty *t)
{
    if (t->paste == NULL) {
        return;
    }
    /* A line that is full and that nobody can read: what comes is refused, with a bell. */
    uint32_t room = discipline_room(&t->line);
    if (room == 0 && !discipline_readable(&t->line, t->now_ns)) {
        room = 1;
    }
    while (t->paste_at < t->paste_len && room > 0) {
        discipline_type(&t->line, t->paste[t->paste_at++], t->now_ns);
        room = discipline_room(&t->line);
    }
    tty_settle(t);
    if (t->paste_at == t->paste_len) {
        vterm_keyboard_end_paste(t->screen.vt);
        tty_settle(t);
        free(t->paste);
        t->paste = NULL;
    }
}
