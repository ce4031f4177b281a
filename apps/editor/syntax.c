/* SPDX-License-Identifier: MIT */
#include "syntax.h"

#include <string.h>

/* A state: the mode, and what it has to remember. */
#define MODE(state)       ((state)&0xff)
#define MORE(state)       ((state) >> 8)
#define STATE(mode, more) ((uint32_t)(mode) | (uint32_t)(more) << 8)

enum {
    START, /* of a line, or only blanks so far */
    CODE,
    /* C */
    SLASH,
    LINE,
    BLOCK,
    BLOCK_STAR,
    STRING, /* more: the quote */
    ESCAPE, /* likewise */
    HASH,
    HASH_SLASH,
    HASH_BACK,  /* a line that goes on */
    HASH_BLOCK, /* a comment in such a line */
    HASH_BLOCK_STAR,
    /* Lua: more is how many = there are, and IN_COMMENT */
    DASH,
    DASHES,  /* two: a comment, perhaps a long one */
    BRACKET, /* [==, perhaps the start of something long */
    LONG,
    LONG_END, /* ]== of it; then more has both numbers */
};

#define IN_COMMENT 0x80u /* in more: what is long is a comment */
#define LEVEL      0x7fu

static uint32_t c_step(uint32_t state, uint8_t c)
{
    switch (MODE(state)) {
    case SLASH:
    case HASH_SLASH:
        if (c == '/' || c == '*') {
            return c == '/' ? LINE : MODE(state) == SLASH ? BLOCK : HASH_BLOCK;
        }
        if (MODE(state) == HASH_SLASH) {
            return c == '\n' ? START : HASH;
        }
        return c_step(CODE, c);
    case LINE:
        return c == '\n' ? START : LINE;
    case BLOCK:
    case BLOCK_STAR:
        return c == '*' ? BLOCK_STAR : c == '/' && MODE(state) == BLOCK_STAR ? CODE : BLOCK;
    case HASH_BLOCK:
    case HASH_BLOCK_STAR:
        return c == '*'                                     ? HASH_BLOCK_STAR
               : c == '/' && MODE(state) == HASH_BLOCK_STAR ? HASH
                                                            : HASH_BLOCK;
    case STRING:
        return c == '\\'          ? STATE(ESCAPE, MORE(state))
               : c == '\n'        ? START
               : c == MORE(state) ? CODE
                                  : state;
    case ESCAPE:
        return STATE(STRING, MORE(state));
    case HASH:
        return c == '\n' ? START : c == '\\' ? HASH_BACK : c == '/' ? HASH_SLASH : HASH;
    case HASH_BACK:
        return HASH;
    default: /* START, CODE */
        return c == '\n'                                         ? START
               : c == '"' || c == '\''                           ? STATE(STRING, c)
               : c == '/'                                        ? SLASH
               : MODE(state) == START && c == '#'                ? HASH
               : MODE(state) == START && (c == ' ' || c == '\t') ? START
                                                                 : CODE;
    }
}

/* Inside of brackets, or one that may begin such a thing. */
static uint32_t long_step(uint32_t state, uint8_t c)
{
    uint32_t more = MORE(state), comment = more & IN_COMMENT, level = more & LEVEL;
    switch (MODE(state)) {
    case BRACKET:
        if (c == '=' && level < LEVEL) {
            return STATE(BRACKET, comment | (level + 1));
        }
        return c == '[' ? STATE(LONG, more) : c == '\n' ? START : comment != 0 ? LINE : CODE;
    case LONG:
        return c == ']' ? STATE(LONG_END, more) : state;
    default: { /* LONG_END: so many = there were */
        uint32_t seen = more >> 8;
        more &= 0xff;
        if (c == '=' && seen < LEVEL) {
            return STATE(LONG_END, more | (seen + 1) << 8);
        }
        return c == ']' ? (seen == level ? CODE : STATE(LONG_END, more)) : STATE(LONG, more);
    }
    }
}

static uint32_t lua_step(uint32_t state, uint8_t c)
{
    switch (MODE(state)) {
    case DASH:
        return c == '-' ? DASHES : lua_step(CODE, c);
    case DASHES:
        return c == '[' ? STATE(BRACKET, IN_COMMENT) : c == '\n' ? START : LINE;
    case LINE:
        return c == '\n' ? START : LINE;
    case STRING:
        return c == '\\'          ? STATE(ESCAPE, MORE(state))
               : c == '\n'        ? START
               : c == MORE(state) ? CODE
                                  : state;
    case ESCAPE:
        return STATE(STRING, MORE(state));
    case BRACKET:
    case LONG:
    case LONG_END:
        return long_step(state, c);
    default:
        return c == '\n'               ? START
               : c == '"' || c == '\'' ? STATE(STRING, c)
               : c == '-'              ? DASH
               : c == '['              ? BRACKET
                                       : CODE;
    }
}

uint32_t syntax_step(enum syntax_language language, uint32_t state, uint8_t byte)
{
    return language == SYNTAX_C     ? c_step(state, byte)
           : language == SYNTAX_LUA ? lua_step(state, byte)
                                    : 0;
}

uint32_t syntax_run(enum syntax_language language, uint32_t state, const char *bytes, uint32_t len)
{
    for (uint32_t i = 0; i < len && language != SYNTAX_NONE; i++) {
        state = syntax_step(language, state, (uint8_t)bytes[i]);
    }
    return state;
}

/* ---- words ---- */

/* clang-format off */
static const char c_words[] =
    " break case continue default do else enum extern for goto if inline register restrict return sizeof static struct switch typedef"
    " union volatile while const auto alignas alignof constexpr nullptr static_assert typeof _Alignas _Alignof _Atomic _Generic _Noreturn"
    " _Static_assert _Thread_local ";
static const char c_types[] =
    " bool char double float int long short signed unsigned void size_t ssize_t ptrdiff_t uintptr_t intptr_t int8_t int16_t int32_t"
    " int64_t uint8_t uint16_t uint32_t uint64_t off_t time_t FILE true false NULL ";
static const char lua_words[] =
    " and break do else elseif end for function goto if in local not or repeat return then until while ";
static const char lua_types[] = " nil true false self ";
/* clang-format on */

static int is_in(const char *list, const char *word, uint32_t len)
{
    char text[20];
    if (len + 2 >= sizeof text) {
        return 0;
    }
    text[0] = ' ';
    memcpy(text + 1, word, len);
    text[len + 1] = ' ';
    text[len + 2] = 0;
    return strstr(list, text) != NULL;
}

static int is_word(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c >= 0x80;
}

static int is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static enum syntax_kind word_kind(enum syntax_language language, const char *word, uint32_t len)
{
    if (is_digit((uint8_t)word[0])) {
        return SYNTAX_NUMBER;
    }
    if (is_in(language == SYNTAX_C ? c_words : lua_words, word, len)) {
        return SYNTAX_WORD;
    }
    return is_in(language == SYNTAX_C ? c_types : lua_types, word, len) ? SYNTAX_TYPE
                                                                        : SYNTAX_PLAIN;
}

/* Of a byte between two states. */
static enum syntax_kind kind_of(uint32_t before, uint32_t after)
{
    uint32_t b = MODE(before), a = MODE(after);
    int comment = (MORE(before) & IN_COMMENT) != 0;
    if (b == STRING || b == ESCAPE || (a == STRING && b != STRING)) {
        return SYNTAX_STRING;
    }
    if (b == LONG || b == LONG_END) {
        return comment ? SYNTAX_COMMENT : SYNTAX_STRING;
    }
    if (a == LINE || b == LINE || b == BLOCK || b == BLOCK_STAR || b == HASH_BLOCK ||
        b == HASH_BLOCK_STAR || a == BLOCK || a == HASH_BLOCK || a == DASHES || b == DASHES ||
        (b == BRACKET && comment)) {
        return SYNTAX_COMMENT;
    }
    if (a == LONG && b == BRACKET) {
        return SYNTAX_STRING;
    }
    return b == HASH || a == HASH || b == HASH_BACK || b == HASH_SLASH ? SYNTAX_HASH : SYNTAX_PLAIN;
}

void syntax_kinds(enum syntax_language language, uint32_t state, uint8_t before, const char *bytes,
                  uint32_t len, uint8_t *kinds)
{
    uint32_t word = 0; /* where one began */
    int in_word = is_word(before), known = !in_word;
    for (uint32_t i = 0; i < len; i++) {
        uint8_t c = (uint8_t)bytes[i];
        uint32_t next = syntax_step(language, state, c);
        enum syntax_kind kind = kind_of(state, next);
        kinds[i] = (uint8_t)kind;
        /* The first of two that begin a comment. */
        if (kind == SYNTAX_COMMENT && i > 0 && kinds[i - 1] != SYNTAX_COMMENT &&
            (MODE(state) == SLASH || MODE(state) == HASH_SLASH || MODE(state) == DASH)) {
            kinds[i - 1] = SYNTAX_COMMENT;
        }
        /* And what was a bracket begins something long. */
        uint32_t back = MODE(next) == LONG && MODE(state) == BRACKET ? (MORE(next) & LEVEL) + 1 : 0;
        memset(kinds + (i - (back < i ? back : i)), (int)kind, back < i ? back : i);
        state = next;
        int is = kind == SYNTAX_PLAIN && language != SYNTAX_NONE && is_word(c);
        if (is && !in_word) {
            word = i;
            known = 1;
        }
        if (in_word && known && !is && i > word) {
            memset(kinds + word, (int)word_kind(language, bytes + word, i - word), i - word);
        }
        in_word = is;
    }
    if (in_word && known && len > word) {
        memset(kinds + word, (int)word_kind(language, bytes + word, len - word), len - word);
    }
}

enum syntax_language syntax_of_name(const char *name)
{
    const char *dot = strrchr(name, '.');
    if (dot == NULL) {
        return SYNTAX_NONE;
    }
    static const char *const endings[] = {".c", ".h", ".cc", ".cpp", ".hpp", ".C"};
    for (uint32_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        if (strcmp(dot, endings[i]) == 0) {
            return SYNTAX_C;
        }
    }
    return strcmp(dot, ".lua") == 0 ? SYNTAX_LUA : SYNTAX_NONE;
}

const char *syntax_name(enum syntax_language language)
{
    return language == SYNTAX_C ? "C" : language == SYNTAX_LUA ? "Lua" : "Text";
}
