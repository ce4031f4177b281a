/* SPDX-License-Identifier: MIT */
/* What keys do to the text. Letters with Ctrl go by their place on a keyboard. */
#include "editor.h"

#include <ctx/key.h>

#include <stdlib.h>
#include <string.h>

enum {
    KEY_Q = 16,
    KEY_Y = 21,
    KEY_O = 24,
    KEY_A = 30,
    KEY_S,
    KEY_D,
    KEY_F,
    KEY_G,
    KEY_H,
    KEY_Z = 44,
    KEY_X,
    KEY_C,
    KEY_V,
    KEY_N = 49,
    KEY_F3 = 61,
    KEY_KP_ENTER = 96
};

#define INDENT 4u

uint32_t chosen_from(const struct editor *e)
{
    return e->caret < e->mark ? e->caret : e->mark;
}

uint32_t chosen_to(const struct editor *e)
{
    return e->caret < e->mark ? e->mark : e->caret;
}

void caret_to(struct editor *e, uint32_t at, int chooses)
{
    e->caret = at < e->text.len ? at : e->text.len;
    e->mark = chooses ? e->mark : e->caret;
    e->wish = NO_COLUMN;
    e->follow = 1;
}

static int is_word(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c >= 0x80;
}

static uint32_t word_left(struct editor *e, uint32_t at)
{
    while (at > 0 && !is_word(text_byte(&e->text, at - 1))) {
        at--;
    }
    while (at > 0 && is_word(text_byte(&e->text, at - 1))) {
        at--;
    }
    return at;
}

static uint32_t word_right(struct editor *e, uint32_t at)
{
    while (at < e->text.len && !is_word(text_byte(&e->text, at))) {
        at++;
    }
    while (at < e->text.len && is_word(text_byte(&e->text, at))) {
        at++;
    }
    return at;
}

void choose_word(struct editor *e, uint32_t at)
{
    uint32_t from = at, to = at;
    while (from > 0 && is_word(text_byte(&e->text, from - 1))) {
        from--;
    }
    while (to < e->text.len && is_word(text_byte(&e->text, to))) {
        to++;
    }
    to = to == from ? text_next(&e->text, from) : to;
    caret_to(e, from, 0);
    caret_to(e, to, 1);
}

void choose_line(struct editor *e, uint32_t at)
{
    uint32_t line = text_line_of(&e->text, at);
    caret_to(e, text_line_start(&e->text, line), 0);
    caret_to(e, text_line_start(&e->text, line + 1), 1);
}

int put_text(struct editor *e, const char *bytes, uint32_t len, int typed)
{
    uint32_t from = chosen_from(e), to = chosen_to(e);
    if (!typed || from != to) {
        text_group(&e->text);
    }
    if (!text_replace(&e->text, from, to - from, bytes, len, typed)) {
        complain(e, "There is not enough memory for that.");
        return 0;
    }
    caret_to(e, from + len, 0);
    return 1;
}

static void erase(struct editor *e, uint32_t from, uint32_t to)
{
    e->mark = from;
    e->caret = to;
    put_text(e, "", 0, 0);
}

/* ---- the clipboard: it takes 60,000 bytes; what is longer is the editor's own ---- */

void copy_chosen(struct editor *e, int cuts)
{
    uint32_t from = chosen_from(e), len = chosen_to(e) - from;
    char *own = len > 0 ? malloc(len) : NULL;
    if (own == NULL) {
        if (len > 0) {
            complain(e, "There is not enough memory to copy that.");
        }
        return;
    }
    text_copy(&e->text, from, own, len);
    free(e->own);
    e->own = own;
    e->own_len = len;
    uint32_t shown = len < CLIP_TEXT_MAX ? len : CLIP_TEXT_MAX;
    while (shown < len && shown > 0 && ((uint8_t)own[shown] & 0xc0) == 0x80) {
        shown--;
    }
    clip_put(&e->pane.clip, e->ctx, own, shown);
    if (shown < len) {
        note(e, "Other apps get the first %u bytes of it", (unsigned)shown);
    }
    if (cuts) {
        put_text(e, "", 0, 0);
    }
}

/* Texts of others may have lines that end otherwise, and bytes that are no text. */
static uint32_t tidy(char *text, uint32_t len)
{
    uint32_t to = 0, at = 0;
    while (at < len) {
        uint32_t from = at, c = ctx_utf8_next(text, len, &at);
        if (c == '\r' || c == 0 || (c == 0xfffd && at - from == 1)) {
            continue;
        }
        memmove(text + to, text + from, at - from);
        to += at - from;
    }
    return to;
}

void paste_text(struct editor *e)
{
    char *text = malloc(CLIP_TEXT_MAX);
    uint32_t len = text != NULL ? clip_get(&e->pane.clip, e->ctx, text, CLIP_TEXT_MAX) : 0;
    int ours = e->own != NULL && len <= e->own_len &&
               (len == 0 || memcmp(text, e->own, len) == 0) &&
               (len == 0 || len == e->own_len || e->own_len > CLIP_TEXT_MAX);
    if (ours) {
        put_text(e, e->own, e->own_len, 0);
    } else if (len > 0) {
        put_text(e, text, tidy(text, len), 0);
    }
    free(text);
}

void undo(struct editor *e, int again)
{
    uint32_t at = e->caret;
    if (again ? text_redo(&e->text, &at) : text_undo(&e->text, &at)) {
        caret_to(e, at, 0);
    } else {
        note(e, again ? "Nothing to do again" : "Nothing to take back");
    }
}

/* ---- lines ---- */

/* The blanks that a line begins with. */
static uint32_t indent_of(struct editor *e, uint32_t line, char *out, uint32_t room, uint32_t most)
{
    uint32_t at = text_line_start(&e->text, line), n = 0;
    while (n < room && at + n < most) {
        uint8_t c = text_byte(&e->text, at + n);
        if (c != ' ' && c != '\t') {
            break;
        }
        out[n++] = (char)c;
    }
    return n;
}

static void new_line(struct editor *e)
{
    char text[256] = "\n";
    uint32_t at = chosen_from(e), line = text_line_of(&e->text, at);
    uint32_t n = indent_of(e, line, text + 1, sizeof text - 2, at);
    put_text(e, text, n + 1, 1);
}

/* All lines of what is chosen, as one change. */
static void shift_lines(struct editor *e, int out)
{
    uint32_t from = chosen_from(e), to = chosen_to(e);
    uint32_t first = text_line_of(&e->text, from), last = text_line_of(&e->text, to);
    last -= last > first && text_line_start(&e->text, last) == to;
    text_group(&e->text);
    for (uint32_t line = first; line <= last; line++) {
        uint32_t at = text_line_start(&e->text, line);
        char blanks[INDENT];
        uint32_t n = 0;
        if (!out) {
            if (text_line_end(&e->text, line) > at &&
                !text_replace(&e->text, at, 0, "    ", INDENT, 0)) {
                complain(e, "There is not enough memory for that.");
                return;
            }
            continue;
        }
        n = indent_of(e, line, blanks, INDENT, e->text.len);
        n = n > 0 && blanks[0] == '\t' ? 1 : n;
        text_replace(&e->text, at, n, "", 0, 0);
    }
    caret_to(e, text_line_start(&e->text, first), 0);
    caret_to(e, text_line_start(&e->text, last + 1), 1);
}

/* To the next multiple of four, or a tab where lines begin with them. */
static void tab(struct editor *e)
{
    uint32_t line = text_line_of(&e->text, e->caret);
    uint8_t first = text_byte(&e->text, text_line_start(&e->text, line > 0 ? line - 1 : line));
    if (first == '\t') {
        put_text(e, "\t", 1, 1);
    } else {
        put_text(e, "    ", INDENT - view_column(e, chosen_from(e)) % INDENT, 1);
    }
}

/* ---- moving ---- */

static void vertical(struct editor *e, int64_t lines, int chooses)
{
    uint32_t wish = e->wish != NO_COLUMN ? e->wish : view_column(e, e->caret);
    int64_t line = (int64_t)text_line_of(&e->text, e->caret) + lines;
    if (line < 0) {
        caret_to(e, 0, chooses);
    } else if (line > e->text.lines) {
        caret_to(e, e->text.len, chooses);
    } else {
        caret_to(e, view_at(e, (uint32_t)line, wish), chooses);
    }
    e->wish = wish;
}

/* To the first letter of the line, or from there to its start. */
static uint32_t line_home(struct editor *e)
{
    uint32_t start = text_line_start(&e->text, text_line_of(&e->text, e->caret)), at = start;
    while (text_byte(&e->text, at) == ' ' || text_byte(&e->text, at) == '\t') {
        at++;
    }
    return e->caret == at ? start : at;
}

static int move(struct editor *e, uint32_t key, int ctrl, int shift, uint32_t rows)
{
    int some = e->caret != e->mark && !shift;
    switch (key) {
    case CTX_KEY_LEFT:
        caret_to(e,
                 ctrl   ? word_left(e, e->caret)
                 : some ? chosen_from(e)
                        : text_before(&e->text, e->caret),
                 shift);
        return 1;
    case CTX_KEY_RIGHT:
        caret_to(e,
                 ctrl   ? word_right(e, e->caret)
                 : some ? chosen_to(e)
                        : text_next(&e->text, e->caret),
                 shift);
        return 1;
    case CTX_KEY_UP:
        vertical(e, -1, shift);
        return 1;
    case CTX_KEY_DOWN:
        vertical(e, 1, shift);
        return 1;
    case CTX_KEY_PAGEUP:
        vertical(e, -(int64_t)rows + 1, shift);
        return 1;
    case CTX_KEY_PAGEDOWN:
        vertical(e, (int64_t)rows - 1, shift);
        return 1;
    case CTX_KEY_HOME:
        caret_to(e, ctrl ? 0 : line_home(e), shift);
        return 1;
    case CTX_KEY_END:
        caret_to(e, ctrl ? e->text.len : text_line_end(&e->text, text_line_of(&e->text, e->caret)),
                 shift);
        return 1;
    default:
        return 0;
    }
}

static int change(struct editor *e, uint32_t key, int ctrl, int shift)
{
    int some = e->caret != e->mark;
    switch (key) {
    case CTX_KEY_BACKSPACE:
        erase(e,
              some   ? chosen_from(e)
              : ctrl ? word_left(e, e->caret)
                     : text_before(&e->text, e->caret),
              some ? chosen_to(e) : e->caret);
        return 1;
    case CTX_KEY_DELETE:
        erase(e, some ? chosen_from(e) : e->caret,
              some   ? chosen_to(e)
              : ctrl ? word_right(e, e->caret)
                     : text_next(&e->text, e->caret));
        return 1;
    case CTX_KEY_ENTER:
    case KEY_KP_ENTER:
        new_line(e);
        return 1;
    case CTX_KEY_TAB:
        if (shift ||
            text_line_of(&e->text, chosen_from(e)) != text_line_of(&e->text, chosen_to(e))) {
            shift_lines(e, shift);
        } else {
            tab(e);
        }
        return 1;
    default:
        return 0;
    }
}

static void letter(struct editor *e, uint32_t c)
{
    char utf8[4];
    uint32_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (uint32_t i = n - 1; i > 0; i--, c >>= 6) {
        utf8[i] = (char)(0x80 | (c & 0x3f));
    }
    utf8[0] = (char)(n == 1 ? c : (0xf00u >> n & 0xff) | c);
    put_text(e, utf8, n, 1);
}

static int with_ctrl(struct editor *e, uint32_t key)
{
    switch (key) {
    case KEY_A:
        caret_to(e, 0, 0);
        caret_to(e, e->text.len, 1);
        e->follow = 0;
        return 1;
    case KEY_C:
    case KEY_X:
        copy_chosen(e, key == KEY_X);
        return 1;
    case KEY_V:
        paste_text(e);
        return 1;
    default:
        return 0;
    }
}

void view_keys(struct editor *e, uint32_t rows)
{
    struct ctx_ui *ui = &e->pane.ui;
    uint32_t mods = ui->modifiers, key = ui->key;
    int ctrl = (mods & CTX_MOD_CTRL) != 0, shift = (mods & CTX_MOD_SHIFT) != 0;
    int others = (mods & (CTX_MOD_ALT | CTX_MOD_META)) != 0;
    if (e->doing == JOB_LOAD || e->locked) {
        return; /* there is another text in a moment, or this one is being written */
    }
    if (key != 0 && !others &&
        (move(e, key, ctrl, shift, rows) || change(e, key, ctrl, shift) ||
         (ctrl && !shift && with_ctrl(e, key)))) {
        ui->key = 0;
        ui->again = 1;
    }
    if (key == CTX_KEY_SPACE && !ctrl && !others) {
        ui->key = 0; /* its character comes, too */
    }
    if (ui->text != 0 && ui->text <= 0x10ffff &&
        ((!ctrl && (mods & CTX_MOD_META) == 0) || (mods & CTX_MOD_ALTGR) != 0)) {
        letter(e, ui->text);
        ui->text = 0;
        ui->again = 1;
    }
}

void common_keys(struct editor *e)
{
    struct ctx_ui *ui = &e->pane.ui;
    if (ctx_ui_key(ui, KEY_S, CTX_MOD_CTRL)) {
        file_save(e);
    } else if (ctx_ui_key(ui, KEY_S, CTX_MOD_CTRL | CTX_MOD_SHIFT)) {
        ask(e, BAR_SAVE_AS, e->path);
    } else if (ctx_ui_key(ui, KEY_O, CTX_MOD_CTRL)) {
        ask(e, BAR_OPEN, "");
    } else if (ctx_ui_key(ui, KEY_N, CTX_MOD_CTRL)) {
        file_then(e, NEXT_NEW);
    } else if (ctx_ui_key(ui, KEY_Q, CTX_MOD_CTRL)) {
        file_then(e, NEXT_CLOSE);
    } else if (ctx_ui_key(ui, KEY_F, CTX_MOD_CTRL) || ctx_ui_key(ui, KEY_H, CTX_MOD_CTRL)) {
        find_open(e);
    } else if (ctx_ui_key(ui, KEY_G, CTX_MOD_CTRL)) {
        ask(e, BAR_GO_TO, "");
    } else if (ctx_ui_key(ui, KEY_F3, 0)) {
        find_next(e, 0);
    } else if (ctx_ui_key(ui, KEY_F3, CTX_MOD_SHIFT)) {
        find_next(e, 1);
    } else if (ctx_ui_key(ui, KEY_Z, CTX_MOD_CTRL)) {
        undo(e, 0);
    } else if (ctx_ui_key(ui, KEY_Y, CTX_MOD_CTRL) ||
               ctx_ui_key(ui, KEY_Z, CTX_MOD_CTRL | CTX_MOD_SHIFT)) {
        undo(e, 1);
    } else if (e->bar != BAR_NONE && ctx_ui_key(ui, CTX_KEY_ESC, 0)) {
        bar_close(e);
    }
}
