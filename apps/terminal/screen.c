/* SPDX-License-Identifier: MIT */
#include "screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libvterm's own table; not in its header. */
int vterm_unicode_is_combining(uint32_t codepoint);

#define MARKS_MAX 32u   /* combining ones in a row: libvterm keeps them all, and shows five */
#define CELL      48u   /* bytes of a cell of libvterm's, at most */
#define PIECE     4096u /* bytes written at once */

/* ---- what libvterm says ---- */

static void mark_rows(struct screen *s, int from, int to)
{
    from = from < 0 ? 0 : from;
    for (int row = from; row < to && row < s->rows; row++) {
        s->dirty[row] = 1;
    }
    s->changed = 1;
}

static int on_damage(VTermRect rect, void *user)
{
    mark_rows(user, rect.start_row, rect.end_row);
    return 1;
}

static int on_move_cursor(VTermPos pos, VTermPos old, int visible, void *user)
{
    struct screen *s = user;
    (void)visible;
    mark_rows(s, old.row, old.row + 1);
    mark_rows(s, pos.row, pos.row + 1);
    s->cursor = pos;
    return 1;
}

/* Printable UTF-8, whole characters, as a window's title may be. */
static uint32_t clean_title(const char *in, uint32_t len, char *out)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < len;) {
        uint8_t b = (uint8_t)in[i];
        uint32_t size = b < 0x80   ? 1
                        : b < 0xc2 ? 0
                        : b < 0xe0 ? 2
                        : b < 0xf0 ? 3
                        : b < 0xf5 ? 4
                                   : 0;
        uint32_t good = size != 0 && i + size <= len && b >= 0x20 && b != 0x7f;
        for (uint32_t k = 1; good && k < size; k++) {
            good = ((uint8_t)in[i + k] & 0xc0) == 0x80;
        }
        /* What UTF-8 has no place for, and C1. */
        uint8_t next = size > 1 && good ? (uint8_t)in[i + 1] : 0;
        good = good && !(b == 0xc2 && next < 0xa0) && !(b == 0xe0 && next < 0xa0) &&
               !(b == 0xed && next >= 0xa0) && !(b == 0xf0 && next < 0x90) &&
               !(b == 0xf4 && next >= 0x90);
        if (!good) {
            i++;
            continue;
        }
        memcpy(out + n, in + i, size);
        n += size;
        i += size;
    }
    return n;
}

static void on_title(struct screen *s, const VTermStringFragment *part)
{
    s->title_more = part->initial ? 0 : s->title_more;
    uint32_t room = SCREEN_TITLE - s->title_more;
    uint32_t len = part->len < room ? (uint32_t)part->len : room;
    memcpy(s->title_next + s->title_more, part->str, len);
    s->title_more += len;
    if (part->final) {
        s->title_len = clean_title(s->title_next, s->title_more, s->title);
        s->title[s->title_len] = 0;
        s->titled = 1;
    }
}

static int on_property(VTermProp prop, VTermValue *val, void *user)
{
    struct screen *s = user;
    switch (prop) {
    case VTERM_PROP_CURSORVISIBLE:
        s->visible = val->boolean != 0;
        mark_rows(s, s->cursor.row, s->cursor.row + 1);
        break;
    case VTERM_PROP_CURSORBLINK:
        s->blinks = val->boolean != 0;
        break;
    case VTERM_PROP_CURSORSHAPE:
        s->shape = (uint8_t)val->number;
        mark_rows(s, s->cursor.row, s->cursor.row + 1);
        break;
    case VTERM_PROP_ALTSCREEN:
        s->alternate = val->boolean != 0;
        s->cleared++;
        mark_rows(s, 0, s->rows);
        break;
    case VTERM_PROP_MOUSE:
        s->mouse = (uint8_t)val->number;
        break;
    case VTERM_PROP_FOCUSREPORT:
        s->wants_focus = val->boolean != 0;
        break;
    case VTERM_PROP_TITLE:
        on_title(s, &val->string);
        break;
    default:
        break;
    }
    return 1;
}

static int on_bell(void *user)
{
    ((struct screen *)user)->bell = 1;
    return 1;
}

/* When lines move up libvterm has moved what it knows of them already: the first row's is that of
 * the line behind this one. When it resizes it has not, and a full line is taken for one that goes
 * on. */
static int on_push(int columns, const VTermScreenCell *cells, void *user)
{
    struct screen *s = user;
    int wraps = s->resizes ? cells[columns - 1].chars[0] != 0
                           : vterm_state_get_lineinfo(s->state, 0)->continuation;
    history_push(&s->history, cells, (uint32_t)columns, wraps);
    return 1;
}

static int on_pop(int columns, VTermScreenCell *cells, void *user)
{
    return history_pop(&((struct screen *)user)->history, cells, (uint32_t)columns);
}

static int on_clear(void *user)
{
    struct screen *s = user;
    history_clear(&s->history);
    s->cleared++;
    return 1;
}

static const VTermScreenCallbacks callbacks = {
    .damage = on_damage,
    .movecursor = on_move_cursor,
    .settermprop = on_property,
    .bell = on_bell,
    .sb_pushline = on_push,
    .sb_popline = on_pop,
    .sb_clear = on_clear,
};

/* ---- what libvterm does not answer ---- */

static void answer(struct screen *s, const char *text)
{
    s->send(s->self, (const uint8_t *)text, (uint32_t)strlen(text));
}

/* XTWINOPS 18: the size in characters. */
static int on_csi(const char *leader, const long args[], int count, const char *intermed,
                  char command, void *user)
{
    struct screen *s = user;
    char text[40];
    if (command != 't' || count < 1 || CSI_ARG(args[0]) != 18 ||
        (leader != NULL && leader[0] != 0) || (intermed != NULL && intermed[0] != 0)) {
        return 0;
    }
    snprintf(text, sizeof text, "\x1b[8;%d;%dt", s->rows, s->columns);
    answer(s, text);
    return 1;
}

/* OSC 10 and 11 with a question mark: the colours of text and of what lies behind it. */
static int on_osc(int command, VTermStringFragment part, void *user)
{
    struct screen *s = user;
    char text[48];
    if ((command != 10 && command != 11) || !part.initial || part.len != 1 || part.str[0] != '?') {
        return 0;
    }
    uint32_t c = command == 10 ? s->text : s->back;
    uint32_t r = c >> 16 & 0xff, g = c >> 8 & 0xff, b = c & 0xff;
    snprintf(text, sizeof text, "\x1b]%d;rgb:%02x%02x/%02x%02x/%02x%02x\x1b\\", command,
             (unsigned)r, (unsigned)r, (unsigned)g, (unsigned)g, (unsigned)b, (unsigned)b);
    answer(s, text);
    return 1;
}

static const VTermStateFallbacks fallbacks = {.csi = on_csi, .osc = on_osc};

static void on_output(const char *bytes, size_t len, void *user)
{
    struct screen *s = user;
    s->send(s->self, (const uint8_t *)bytes, (uint32_t)len);
}

/* ---- its life ---- */

static void *vt_malloc(size_t size, void *data)
{
    (void)data;
    return calloc(1, size);
}

static void vt_free(void *p, void *data)
{
    (void)data;
    free(p);
}

/* Whether so much can be had: in four pieces, for no heap promises more. */
static int is_there(size_t bytes)
{
    void *piece[4];
    int all = 1;
    for (int i = 0; i < 4; i++) {
        piece[i] = malloc(bytes / 4 + 1);
        all &= piece[i] != NULL;
    }
    for (int i = 0; i < 4; i++) {
        free(piece[i]);
    }
    return all;
}

static size_t bytes_for(int rows, int columns)
{
    return ((size_t)rows + 2) * ((size_t)columns + 2) * CELL * 2 + 65536;
}

static int is_size(int rows, int columns)
{
    return rows >= SCREEN_ROWS_MIN && rows <= SCREEN_ROWS_MAX && columns >= SCREEN_COLUMNS_MIN &&
           columns <= SCREEN_COLUMNS_MAX;
}

int screen_init(struct screen *s, int rows, int columns, screen_send *send, void *self)
{
    static const VTermAllocatorFunctions memory = {vt_malloc, vt_free};
    memset(s, 0, sizeof *s);
    if (!is_size(rows, columns) || !is_there(bytes_for(rows, columns))) {
        return 0;
    }
    const struct VTermBuilder builder = {.rows = rows, .cols = columns, .allocator = &memory};
    s->send = send;
    s->self = self;
    s->rows = rows;
    s->columns = columns;
    s->vt = vterm_build(&builder);
    vterm_set_utf8(s->vt, 1);
    vterm_output_set_callback(s->vt, on_output, s);
    s->state = vterm_obtain_state(s->vt);
    s->cells = vterm_obtain_screen(s->vt);
    vterm_screen_set_callbacks(s->cells, &callbacks, s);
    vterm_screen_set_unrecognised_fallbacks(s->cells, &fallbacks, s);
    vterm_screen_enable_altscreen(s->cells, 1);
    vterm_screen_enable_reflow(s->cells, true);
    vterm_screen_set_damage_merge(s->cells, VTERM_DAMAGE_SCROLL);
    vterm_screen_reset(s->cells, 1);
    vterm_state_set_bold_highbright(s->state, 1);
    s->blinks = 0;
    screen_touch(s);
    return 1;
}

void screen_free(struct screen *s)
{
    history_clear(&s->history);
    if (s->vt != NULL) {
        vterm_free(s->vt);
    }
    s->vt = NULL;
}

int screen_resize(struct screen *s, int rows, int columns)
{
    if (!is_size(rows, columns) || !is_there(2 * bytes_for(rows, columns))) {
        return 0;
    }
    if (rows == s->rows && columns == s->columns) {
        return 1;
    }
    s->resizes = 1;
    vterm_set_size(s->vt, rows, columns);
    s->resizes = 0;
    s->rows = rows;
    s->columns = columns;
    s->cleared++;
    vterm_state_get_cursorpos(s->state, &s->cursor);
    screen_touch(s);
    return 1;
}

/* ---- writing ---- */

/* The character at bytes, and its length; 0: it is cut off at the end. What is none has length 1
 * and is no mark. */
static uint32_t decode(const uint8_t *b, uint32_t len, uint32_t *code)
{
    uint32_t need = b[0] < 0xc2 ? 1 : b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : b[0] < 0xf5 ? 4 : 1;
    *code = need == 1 ? b[0] : b[0] & (0xffu >> (need + 1));
    for (uint32_t i = 1; i < need; i++) {
        if (i == len) {
            return 0;
        }
        if ((b[i] & 0xc0) != 0x80) {
            *code = 0xfffd;
            return 1;
        }
        *code = *code << 6 | (b[i] & 0x3fu);
    }
    return need;
}

/* How many bytes at the end begin a character that is not whole. */
static uint32_t cut_off(const uint8_t *bytes, uint32_t len)
{
    for (uint32_t back = 1; back <= 3 && back <= len; back++) {
        uint32_t code;
        uint8_t b = bytes[len - back];
        if (b < 0x80) {
            return 0;
        }
        if (b >= 0xc0) {
            return decode(bytes + len - back, back, &code) == 0 ? back : 0;
        }
    }
    return 0;
}

/* Marks that begin a piece join what was written before; libvterm's memory for them has no end. */
static uint32_t leading_marks(struct screen *s, const uint8_t *bytes, uint32_t len)
{
    uint32_t at = 0, code, size;
    while (at < len && (size = decode(bytes + at, len - at, &code)) != 0 &&
           vterm_unicode_is_combining(code)) {
        if (s->marks < MARKS_MAX) {
            s->marks++;
            vterm_input_write(s->vt, (const char *)bytes + at, size);
        }
        at += size;
    }
    s->marks = at < len ? 0 : s->marks;
    return at;
}

static void write_piece(struct screen *s, const uint8_t *bytes, uint32_t len)
{
    uint32_t at = leading_marks(s, bytes, len);
    if (at < len) {
        vterm_input_write(s->vt, (const char *)bytes + at, len - at);
    }
}

/* A character that came in two pieces is one. */
static uint32_t finish_part(struct screen *s, const uint8_t *bytes, uint32_t len)
{
    uint32_t used = 0, code;
    while (s->part_len > 0 && used < len && s->part_len < sizeof s->part &&
           decode(s->part, s->part_len, &code) == 0 && (bytes[used] & 0xc0) == 0x80) {
        s->part[s->part_len++] = bytes[used++];
    }
    if (s->part_len > 0 && (used < len || decode(s->part, s->part_len, &code) != 0)) {
        uint32_t n = s->part_len;
        s->part_len = 0;
        write_piece(s, s->part, n);
    }
    return used;
}

void screen_write(struct screen *s, const uint8_t *bytes, uint32_t len)
{
    uint32_t at = finish_part(s, bytes, len);
    while (at < len) {
        uint32_t n = len - at < PIECE ? len - at : PIECE;
        uint32_t cut = cut_off(bytes + at, n);
        if (at + n < len && cut < n) {
            n -= cut; /* it begins the next piece */
            cut = 0;
        }
        if (n > cut) {
            write_piece(s, bytes + at, n - cut);
        }
        at += n - cut;
        if (cut > 0) {
            memcpy(s->part, bytes + at, cut);
            s->part_len = cut;
            at += cut;
        }
    }
}

void screen_flush(struct screen *s)
{
    vterm_screen_flush_damage(s->cells);
}

void screen_touch(struct screen *s)
{
    mark_rows(s, 0, s->rows);
}

void screen_soft_reset(struct screen *s)
{
    /* DECSTR does not know these: the screen for programs, mouse, paste, focus, keypad, the cursor.
     */
    static const uint8_t text[] = "\x18\x1b[?1049l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b"
                                  "[?1004l\x1b[?2004l\x1b[?1l\x1b>\x1b[?25h\x1b[?7h\x1b[?6l\x1b[r"
                                  "\x1b[0 q\x1b[0m";
    VTermPos was = s->cursor;
    char back[32];
    int moved = s->alternate;
    screen_write(s, text, sizeof text - 1);
    if (!moved) { /* ESC [ r went home */
        int n = snprintf(back, sizeof back, "\x1b[%d;%dH", was.row + 1, was.col + 1);
        screen_write(s, (const uint8_t *)back, (uint32_t)n);
    }
}

/* ---- looking ---- */

uint64_t screen_first(const struct screen *s)
{
    return s->alternate ? s->history.next : s->history.first;
}

uint64_t screen_top(const struct screen *s)
{
    return s->history.next;
}

void screen_line(const struct screen *s, uint64_t line, VTermScreenCell *cells)
{
    if (line < s->history.next) {
        if (!history_get(&s->history, line, cells, (uint32_t)s->columns)) {
            for (int i = 0; i < s->columns; i++) {
                history_empty_cell(&cells[i]);
            }
        }
        return;
    }
    VTermPos pos = {.row = (int)(line - s->history.next < SCREEN_ROWS_MAX ? line - s->history.next
                                                                          : SCREEN_ROWS_MAX)};
    for (pos.col = 0; pos.col < s->columns; pos.col++) {
        if (pos.row >= s->rows || !vterm_screen_get_cell(s->cells, pos, &cells[pos.col])) {
            history_empty_cell(&cells[pos.col]);
        }
    }
}

int screen_wraps(const struct screen *s, uint64_t line)
{
    if (line < s->history.next) {
        return history_wraps(&s->history, line);
    }
    uint64_t row = line - s->history.next + 1;
    return row < (uint64_t)s->rows && vterm_state_get_lineinfo(s->state, (int)row)->continuation;
}
