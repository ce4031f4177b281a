/* SPDX-License-Identifier: MIT */
#include "discipline.h"

#define DISC_ENDS 0x100u /* behind this byte a line ends: a canonical read goes no further */
#define DISC_END  0x200u /* no byte: the end was typed (^D) */

#define TENTH_NS  UINT64_C(100000000)
#define TAB       8u

static int on(uint32_t set, uint32_t bit)
{
    return (set & bit) != 0;
}

static int canonical(const struct discipline *d)
{
    return on(d->modes.local, DISC_ICANON);
}

static int is_char(const struct discipline *d, uint32_t which, uint8_t byte)
{
    return d->modes.cc[which] != 0 && d->modes.cc[which] == byte;
}

void discipline_init(struct discipline *d, const struct disc_screen *screen)
{
    static const uint8_t cc[DISC_CHARS] = {
        [DISC_INTR] = 3,  [DISC_QUIT] = 28,   [DISC_ERASE] = 127, [DISC_KILL] = 21,
        [DISC_EOF] = 4,   [DISC_MIN] = 1,     [DISC_START] = 17,  [DISC_STOP] = 19,
        [DISC_SUSP] = 26, [DISC_WERASE] = 23, [DISC_LNEXT] = 22,  [12] = 18,
    };
    __builtin_memset(d, 0, sizeof *d);
    d->screen = *screen;
    d->modes.input = DISC_ICRNL | DISC_IXON | DISC_IUTF8;
    d->modes.output = DISC_OPOST | DISC_ONLCR;
    d->modes.control = DISC_CS8 | DISC_CREAD;
    d->modes.local = DISC_ISIG | DISC_ICANON | DISC_ECHO | DISC_ECHOE | DISC_ECHOK | DISC_ECHOCTL |
                     DISC_ECHOKE | DISC_IEXTEN;
    __builtin_memcpy(d->modes.cc, cc, sizeof cc);
}

/* ---- the queue ---- */

static int put(struct discipline *d, uint16_t entry)
{
    if (d->queued == DISC_QUEUE) {
        return 0;
    }
    d->queue[(d->head + d->queued++) % DISC_QUEUE] = entry;
    return 1;
}

/* The line, or what there is of it, may be read. There is room: see take_line_byte(). */
static void line_to_queue(struct discipline *d, uint16_t last)
{
    for (uint32_t i = 0; i < d->line_len; i++) {
        put(d, (uint16_t)(d->line[i] | (i + 1 == d->line_len ? last & DISC_ENDS : 0u)));
    }
    if (on(last, DISC_END)) {
        put(d, DISC_END | DISC_ENDS);
    }
    d->line_len = 0;
}

static void forget(struct discipline *d)
{
    d->queued = d->line_len = 0;
    d->quote = 0;
}

/* ---- what is shown ---- */

void discipline_write(struct discipline *d, const uint8_t *bytes, uint32_t len)
{
    uint32_t from = 0;
    if (!on(d->modes.output, DISC_OPOST) || !on(d->modes.output, DISC_ONLCR | DISC_OCRNL)) {
        d->screen.show(d->screen.self, bytes, len);
        return;
    }
    for (uint32_t i = 0; i < len; i++) {
        int nl = bytes[i] == '\n' && on(d->modes.output, DISC_ONLCR);
        int cr = bytes[i] == '\r' && on(d->modes.output, DISC_OCRNL);
        if (!nl && !cr) {
            continue;
        }
        if (i > from) {
            d->screen.show(d->screen.self, bytes + from, i - from);
        }
        d->screen.show(d->screen.self, (const uint8_t *)(nl ? "\r\n" : "\n"), nl ? 2 : 1);
        from = i + 1;
    }
    if (len > from) {
        d->screen.show(d->screen.self, bytes + from, len - from);
    }
}

static int is_control(const struct discipline *d, uint8_t byte)
{
    return on(d->modes.local, DISC_ECHOCTL) && byte != '\t' && byte != '\n' &&
           (byte < 0x20 || byte == 0x7f);
}

static void echo(struct discipline *d, uint8_t byte)
{
    if (is_control(d, byte)) {
        const uint8_t shown[2] = {'^', byte ^ 0x40};
        d->screen.show(d->screen.self, shown, 2);
    } else {
        discipline_write(d, &byte, 1);
    }
}

/* The column behind the first len bytes of the line. Only the first byte of a character counts, and
 * wide ones take two, as far as that is known here. */
static uint32_t column_of(const struct discipline *d, uint32_t len)
{
    uint32_t column = d->start_column;
    for (uint32_t i = 0; i < len; i++) {
        uint8_t b = d->line[i];
        if (b == '\t') {
            column += TAB - column % TAB;
        } else if (is_control(d, b)) {
            column += 2;
        } else if ((b & 0xc0) == 0x80) {
            continue;
        } else {
            /* E3 84..ED: kana, Han, Hangul; F0 9F: pictures. */
            uint8_t next = i + 1 < len ? d->line[i + 1] : 0;
            int wide = (b == 0xe3 && next >= 0x81) || (b >= 0xe4 && b <= 0xed) ||
                       (b == 0xf0 && next == 0x9f);
            column += wide ? 2 : 1;
        }
    }
    return column;
}

/* The line gets shorter, on the screen too. */
static void erase_to(struct discipline *d, uint32_t len)
{
    uint32_t was = column_of(d, d->line_len), is = column_of(d, len);
    d->line_len = len;
    if (!on(d->modes.local, DISC_ECHO)) {
        return;
    }
    for (; was > is; was--) {
        d->screen.show(d->screen.self, (const uint8_t *)"\b \b", 3);
    }
}

/* ---- editing ---- */

static uint32_t before(const struct discipline *d, uint32_t at)
{
    uint32_t start = at - 1;
    if (on(d->modes.input, DISC_IUTF8)) {
        while (start > 0 && at - start < 4 && (d->line[start] & 0xc0) == 0x80) {
            start--;
        }
    }
    return start;
}

static int is_word(uint8_t b)
{
    return (b >= '0' && b <= '9') || (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || b == '_' ||
           b >= 0x80;
}

static void erase_word(struct discipline *d)
{
    uint32_t at = d->line_len;
    while (at > 0 && !is_word(d->line[at - 1])) {
        at--;
    }
    while (at > 0 && is_word(d->line[at - 1])) {
        at--;
    }
    erase_to(d, at);
}

static void kill_line(struct discipline *d)
{
    if (on(d->modes.local, DISC_ECHOKE) && on(d->modes.local, DISC_ECHOE)) {
        erase_to(d, 0);
        return;
    }
    d->line_len = 0;
    if (on(d->modes.local, DISC_ECHO)) {
        echo(d, d->modes.cc[DISC_KILL]);
    }
    if (on(d->modes.local, DISC_ECHO) && on(d->modes.local, DISC_ECHOK)) {
        discipline_write(d, (const uint8_t *)"\n", 1);
    }
}

static void erase_one(struct discipline *d)
{
    if (d->line_len == 0) {
        return;
    }
    if (on(d->modes.local, DISC_ECHOE)) {
        erase_to(d, before(d, d->line_len));
        return;
    }
    d->line_len = before(d, d->line_len);
    if (on(d->modes.local, DISC_ECHO)) {
        echo(d, d->modes.cc[DISC_ERASE]);
    }
}

/* Room for the byte, and for the line's end that is to follow; it all fits into the queue then. */
static int has_room(const struct discipline *d, uint32_t reserve)
{
    return d->line_len + 1 + reserve <= DISC_LINE &&
           d->queued + d->line_len + 1 + reserve <= DISC_QUEUE;
}

static void take_line_byte(struct discipline *d, uint8_t byte, int ends)
{
    if (!has_room(d, ends ? 0 : 1)) {
        d->screen.bell(d->screen.self);
        return;
    }
    if (d->line_len == 0) {
        d->start_column = d->screen.column(d->screen.self);
    }
    d->line[d->line_len++] = byte;
    if (on(d->modes.local, DISC_ECHO) || (byte == '\n' && on(d->modes.local, DISC_ECHONL))) {
        echo(d, byte);
    }
    if (ends) {
        line_to_queue(d, DISC_ENDS);
    }
}

static void type_canonical(struct discipline *d, uint8_t byte)
{
    int extended = on(d->modes.local, DISC_IEXTEN);
    if (is_char(d, DISC_ERASE, byte)) {
        erase_one(d);
    } else if (extended && is_char(d, DISC_WERASE, byte)) {
        erase_word(d);
    } else if (is_char(d, DISC_KILL, byte)) {
        kill_line(d);
    } else if (extended && is_char(d, DISC_LNEXT, byte)) {
        d->quote = 1;
    } else if (is_char(d, DISC_EOF, byte)) {
        if (has_room(d, 0)) {
            line_to_queue(d, DISC_END);
        } else {
            d->screen.bell(d->screen.self);
        }
    } else {
        take_line_byte(d, byte, byte == '\n' || is_char(d, DISC_EOL, byte));
    }
}

static int is_signal(struct discipline *d, uint8_t byte)
{
    uint32_t number = is_char(d, DISC_INTR, byte)   ? DISC_SIGINT
                      : is_char(d, DISC_QUIT, byte) ? DISC_SIGQUIT
                      : is_char(d, DISC_SUSP, byte) ? DISC_SIGTSTP
                                                    : 0;
    if (number == 0 || !on(d->modes.local, DISC_ISIG)) {
        return 0;
    }
    d->stopped = 0;
    if (!on(d->modes.local, DISC_NOFLSH)) {
        forget(d);
    }
    if (on(d->modes.local, DISC_ECHO)) {
        echo(d, byte);
    }
    d->signals |= 1u << number;
    return 1;
}

static int is_flow(struct discipline *d, uint8_t byte)
{
    if (!on(d->modes.input, DISC_IXON)) {
        return 0;
    }
    if (is_char(d, DISC_STOP, byte)) {
        d->stopped = !is_char(d, DISC_START, byte) || !d->stopped;
        return 1;
    }
    if (is_char(d, DISC_START, byte)) {
        d->stopped = 0;
        return 1;
    }
    if (on(d->modes.input, DISC_IXANY)) {
        d->stopped = 0;
    }
    return 0;
}

void discipline_type(struct discipline *d, uint8_t byte, uint64_t now_ns)
{
    if (on(d->modes.input, DISC_ISTRIP)) {
        byte &= 0x7f;
    }
    if (d->quote) {
        d->quote = 0;
        take_line_byte(d, byte, 0);
        return;
    }
    if (is_flow(d, byte) || is_signal(d, byte)) {
        return;
    }
    if (byte == '\r' && on(d->modes.input, DISC_IGNCR)) {
        return;
    }
    if (byte == '\r' && on(d->modes.input, DISC_ICRNL)) {
        byte = '\n';
    } else if (byte == '\n' && on(d->modes.input, DISC_INLCR)) {
        byte = '\r';
    }
    if (canonical(d)) {
        type_canonical(d, byte);
        return;
    }
    if (!put(d, byte)) {
        d->screen.bell(d->screen.self);
        return;
    }
    d->typed_ns = now_ns;
    if (on(d->modes.local, DISC_ECHO)) {
        echo(d, byte);
    }
}

uint32_t discipline_room(const struct discipline *d)
{
    uint32_t queue = DISC_QUEUE - d->queued;
    if (!canonical(d)) {
        return queue;
    }
    uint32_t line = DISC_LINE - d->line_len;
    queue = queue > d->line_len ? queue - d->line_len : 0;
    queue = queue < line ? queue : line;
    return queue > 1 ? queue - 1 : 0;
}

/* What was not read stays: as a line, if lines are asked for now. */
void discipline_set(struct discipline *d, const struct disc_modes *modes, int forgets)
{
    int was = canonical(d);
    d->modes = *modes;
    d->waits = 0;
    if (forgets) {
        forget(d);
    }
    if (!on(modes->input, DISC_IXON)) {
        d->stopped = 0;
    }
    if (was && !canonical(d)) {
        line_to_queue(d, 0);
        d->quote = 0;
    } else if (!was && canonical(d) && d->queued > 0) {
        d->queue[(d->head + d->queued - 1) % DISC_QUEUE] |= DISC_ENDS;
    }
}

/* ---- reading ---- */

static int has_line(const struct discipline *d)
{
    for (uint32_t i = 0; i < d->queued; i++) {
        if (on(d->queue[(d->head + i) % DISC_QUEUE], DISC_ENDS)) {
            return 1;
        }
    }
    return 0;
}

/* At most len bytes; in canonical mode up to a line's end. */
static uint32_t take(struct discipline *d, uint8_t *bytes, uint32_t len)
{
    uint32_t count = 0;
    while (d->queued > 0) {
        uint16_t entry = d->queue[d->head];
        int end = on(entry, DISC_END);
        if (count == len && !end) {
            break;
        }
        d->head = (d->head + 1) % DISC_QUEUE;
        d->queued--;
        if (!end) {
            bytes[count++] = (uint8_t)entry;
        }
        if (canonical(d) && on(entry, DISC_ENDS)) {
            break;
        }
    }
    return count;
}

static uint64_t wait_ns(const struct discipline *d)
{
    return d->modes.cc[DISC_TIME] * TENTH_NS;
}

/* Without lines: 1 if VMIN and VTIME let a reader of so many bytes go on. */
static int may_go_on(const struct discipline *d, uint32_t len, uint64_t now_ns)
{
    uint32_t least = d->modes.cc[DISC_MIN];
    if (least == 0) {
        return d->queued > 0 || wait_ns(d) == 0 || (d->waits && now_ns - d->since_ns >= wait_ns(d));
    }
    if (d->queued >= (least < len ? least : len)) {
        return 1;
    }
    return d->queued > 0 && wait_ns(d) != 0 && now_ns - d->typed_ns >= wait_ns(d);
}

enum disc_read discipline_read(struct discipline *d, uint8_t *bytes, uint32_t len, uint32_t *count,
                               uint64_t now_ns)
{
    *count = 0;
    int goes_on = canonical(d) ? has_line(d) : may_go_on(d, len, now_ns);
    if (!goes_on) {
        d->since_ns = d->waits ? d->since_ns : now_ns;
        d->waits = 1;
        return DISC_READ_AGAIN;
    }
    d->waits = 0;
    if (len > 0) {
        *count = take(d, bytes, len);
    }
    return *count > 0 ? DISC_READ_SOME : DISC_READ_END;
}

int discipline_readable(const struct discipline *d, uint64_t now_ns)
{
    if (canonical(d)) {
        return has_line(d);
    }
    return (d->queued > 0 || d->waits) && may_go_on(d, UINT32_MAX, now_ns);
}

uint64_t discipline_deadline(const struct discipline *d)
{
    if (canonical(d) || wait_ns(d) == 0) {
        return UINT64_MAX;
    }
    if (d->modes.cc[DISC_MIN] == 0) {
        return d->waits && d->queued == 0 ? d->since_ns + wait_ns(d) : UINT64_MAX;
    }
    return d->queued > 0 && d->queued < d->modes.cc[DISC_MIN] ? d->typed_ns + wait_ns(d)
                                                              : UINT64_MAX;
}

uint32_t discipline_signal(struct discipline *d)
{
    for (uint32_t n = 1; n < 32; n++) {
        if (on(d->signals, 1u << n)) {
            d->signals &= ~(1u << n);
            return n;
        }
    }
    return 0;
}
