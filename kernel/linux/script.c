/* SPDX-License-Identifier: MIT */
/*
 * `--script FILE`: what hands would do, with its time, one action in a line. The whole file is read
 * and checked before anything runs; then a task does one action after the other.
 */
#define _GNU_SOURCE
#include "app.h"
#include "input.h"
#include "linux.h"
#include "outcome.h"
#include "present.h"
#include "ready.h"
#include "tool.h"

#include <kernel/input.h>
#include <kernel/klog.h>

#include <ctx/key.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX 1000000000
#define WHEEL_MAX  100
#define SCRIPT_MAX (UINT64_C(16) << 20)
#define FRAME_NS   (NSEC_PER_SEC / 60)
#define LOOK_NS    NSEC_PER_MSEC /* how often a wait for frames looks at the apps */
#define SIDE_MAX   4096          /* of a screen that changes its size: what a canvas may be */
#define WORDS      3u            /* of an action, its own name included */

enum kind { WAIT, FRAMES, KEY, TYPE, POINTER, PLACE, BUTTON, WHEEL, SIZE, SCREENSHOT, QUIT };

struct action {
    enum kind kind;
    int32_t a, b; /* numbers; keys and buttons: the code, and enum press */
    const char *text;
};

enum press { DOWN = 1, UP = 2, BOTH = DOWN | UP };

struct place {
    const char *path;
    uint32_t line, width, height;
};

/* [boot, loop] */
static struct {
    char *file; /* the words of actions lie in it */
    struct action *actions;
    size_t count, at;
    const char *text; /* what is still to be typed */
    uint64_t app, calls, frames_end_ns;
    struct task task;
} state;

/* ---- reading ---- */

static bool wrong(const struct place *place, const char *why, const char *word)
{
    fprintf(stderr, "ctx: %s:%u: %s%s%s\n", place->path, place->line, why, *word != 0 ? ": " : "",
            word);
    return false;
}

static bool read_number(const char *word, int32_t least, int32_t most, int32_t *out)
{
    char *end;
    errno = 0;
    long v = strtol(word, &end, 10);
    *out = (int32_t)v;
    return *word != 0 && *end == 0 && errno == 0 && v >= least && v <= most;
}

/* What follows an action's name: up to two words, or with TYPE and SCREENSHOT the whole line. */
typedef bool read_fn(const struct place *place, struct action *a, char **words);

static bool read_duration(const struct place *place, struct action *a, char **words)
{
    return read_number(words[0], 0, NUMBER_MAX, &a->a) ||
           wrong(place, "this is no number from 0 to 1000000000", words[0]);
}

/* Milliseconds, down to a nanosecond: 5, 16.667, 2266.712000. */
static bool read_time(const struct place *place, struct action *a, char **words)
{
    char *point = strchr(words[0], '.');
    int32_t digits = 0;
    if (point != NULL) {
        *point = 0;
        for (const char *p = point + 1; *p >= '0' && *p <= '9' && digits < 6; p++, digits++) {
            a->b = a->b * 10 + (*p - '0');
        }
        for (int32_t i = digits; i < 6; i++) {
            a->b *= 10;
        }
    }
    bool good = point == NULL || (digits > 0 && point[1 + digits] == 0);
    return (good && read_number(words[0], 0, NUMBER_MAX, &a->a)) ||
           wrong(place, "this is no number from 0 to 1000000000", words[0]);
}

static bool read_steps(const struct place *place, struct action *a, char **words)
{
    return read_number(words[0], -WHEEL_MAX, WHEEL_MAX, &a->a) ||
           wrong(place, "this is no number of steps from -100 to 100", words[0]);
}

static bool read_pixel(const struct place *place, struct action *a, char **words)
{
    if (!read_number(words[0], 0, (int32_t)place->width - 1, &a->a) ||
        !read_number(words[1], 0, (int32_t)place->height - 1, &a->b)) {
        char size[32];
        snprintf(size, sizeof size, "%ux%u", place->width, place->height);
        return wrong(place, "these are not two numbers of a pixel on the screen", size);
    }
    return true;
}

static bool read_size(const struct place *place, struct action *a, char **words)
{
    if (!read_number(words[0], 1, SIDE_MAX, &a->a) || !read_number(words[1], 1, SIDE_MAX, &a->b)) {
        return wrong(place, "these are not two numbers from 1 to 4096", words[0]);
    }
    ((struct place *)place)->width = (uint32_t)a->a; /* for the pixels that follow */
    ((struct place *)place)->height = (uint32_t)a->b;
    return true;
}

static bool read_press(const struct place *place, const char *word, const char *both, int32_t *out)
{
    *out = strcmp(word, "down") == 0 ? DOWN
           : strcmp(word, "up") == 0 ? UP
           : strcmp(word, both) == 0 ? BOTH
                                     : 0;
    char why[48];
    snprintf(why, sizeof why, "this is not down, up or %s", both);
    return *out != 0 || wrong(place, why, word);
}

static bool read_key(const struct place *place, struct action *a, char **words)
{
    for (int32_t code = 1; code < CTX_BTN_LEFT; code++) {
        const char *name = ctx_key_name((uint64_t)code);
        if (name != NULL && strcasecmp(name, words[0]) == 0) {
            a->a = code;
            return read_press(place, words[1], "tap", &a->b);
        }
    }
    return wrong(place, "there is no key of this name", words[0]);
}

static bool read_button(const struct place *place, struct action *a, char **words)
{
    static const struct {
        const char *name;
        int32_t code;
    } buttons[] = {{"left", CTX_BTN_LEFT}, {"right", CTX_BTN_RIGHT}, {"middle", CTX_BTN_MIDDLE}};
    for (size_t i = 0; i < ARRAY_COUNT(buttons); i++) {
        if (strcmp(buttons[i].name, words[0]) == 0) {
            a->a = buttons[i].code;
            return read_press(place, words[1], "click", &a->b);
        }
    }
    return wrong(place, "there is no button of this name", words[0]);
}

static bool read_text(const struct place *place, struct action *a, char **words)
{
    for (const char *p = words[0]; a->kind == TYPE && *p != 0; p++) {
        if ((*p & 0x80) != 0) {
            return wrong(place, "a US keyboard has no key for this", words[0]);
        }
    }
    const char *why = a->kind == SCREENSHOT ? tool_protected(words[0]) : NULL;
    if (why != NULL) {
        return wrong(place, why, words[0]);
    }
    a->text = words[0];
    return true;
}

static const struct {
    const char *name;
    enum kind kind;
    uint32_t words; /* that must follow */
    read_fn *read;
} kinds[] = {
    {"wait", WAIT, 1, read_time},
    {"frames", FRAMES, 1, read_duration},
    {"key", KEY, 2, read_key},
    {"type", TYPE, 1, read_text},
    {"pointer", POINTER, 2, read_pixel},
    {"place", PLACE, 2, read_pixel},
    {"button", BUTTON, 2, read_button},
    {"wheel", WHEEL, 1, read_steps},
    {"size", SIZE, 2, read_size},
    {"screenshot", SCREENSHOT, 1, read_text},
    {"quit", QUIT, 0, NULL},
};

static char *skip_blanks(char *p)
{
    return p + strspn(p, " \t");
}

/* Cuts a line into at most count words, the last of which has the whole rest if `rest` is set. */
static uint32_t cut(char *p, char **words, uint32_t count, bool rest)
{
    uint32_t n = 0;
    for (p = skip_blanks(p); *p != 0; p = skip_blanks(p)) {
        if (n == count) {
            return count + 1;
        }
        words[n++] = p;
        if (rest && n == count) {
            break;
        }
        p += strcspn(p, " \t");
        if (*p != 0) {
            *p++ = 0;
        }
    }
    return n;
}

static bool read_line(const struct place *place, char *line, struct action *a)
{
    char *name = skip_blanks(line);
    size_t len = strcspn(name, " \t");
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
        if (strlen(kinds[i].name) != len || memcmp(kinds[i].name, name, len) != 0) {
            continue;
        }
        char *words[WORDS] = {"", "", ""};
        uint32_t want = kinds[i].words;
        uint32_t n = cut(name + len, words, want, kinds[i].read == read_text);
        a->kind = kinds[i].kind;
        if (n != want) {
            return wrong(place, n < want ? "too little follows" : "too much follows",
                         kinds[i].name);
        }
        return kinds[i].read == NULL || kinds[i].read(place, a, words);
    }
    name[len] = 0;
    return wrong(place, "there is no such action", name);
}

/* The next line, without its end and the blanks before that; NULL after the last one. */
static char *next_line(char **at, char *end)
{
    char *line = *at;
    if (line >= end) {
        return NULL;
    }
    char *stop = memchr(line, '\n', (size_t)(end - line));
    stop = stop != NULL ? stop : end;
    *at = stop + 1;
    *stop = 0;
    while (stop > line && (stop[-1] == ' ' || stop[-1] == '\t' || stop[-1] == '\r')) {
        *--stop = 0;
    }
    return line;
}

bool script_read(const char *path, uint32_t width, uint32_t height)
{
    uint64_t len;
    uint8_t *file = tool_read(path, SCRIPT_MAX, &len);
    char *text = file != NULL ? realloc(file, len + 1) : NULL;
    if (text == NULL) {
        free(file);
        return false;
    }
    state.file = text;
    struct place place = {.path = path, .width = width, .height = height};
    char *at = text;
    for (char *line; (line = next_line(&at, text + len)) != NULL;) {
        place.line++;
        size_t first = strspn(line, " \t");
        if (line[first] == 0 || line[first] == '#') {
            continue;
        }
        struct action *more = realloc(state.actions, (state.count + 1) * sizeof *state.actions);
        if (more == NULL) {
            return wrong(&place, "not enough memory", "");
        }
        state.actions = more;
        state.actions[state.count] = (struct action){.text = NULL};
        if (!read_line(&place, line, &state.actions[state.count])) {
            return false;
        }
        state.count++;
    }
    return true;
}

/* ---- doing ---- */

static void press(const struct action *a)
{
    if ((a->b & DOWN) != 0) {
        input_key((uint32_t)a->a, INPUT_KEY_DOWN);
    }
    if ((a->b & UP) != 0) {
        input_key((uint32_t)a->a, INPUT_KEY_UP);
    }
}

static const struct app *frame_app(void)
{
    return ready_frame_first();
}

static void count_from_here(const struct action *a)
{
    const struct app *app = frame_app();
    state.app = app != NULL ? app->pid : UINT64_MAX;
    state.calls = app != NULL ? app->calls : 0;
    state.frames_end_ns = machine_now_ns() + (uint64_t)a->a * FRAME_NS;
}

static bool have_passed(const struct action *a)
{
    const struct app *app = frame_app();
    bool same = app != NULL && app->pid == state.app;
    return same ? app->calls - state.calls >= (uint64_t)a->a
                : machine_now_ns() >= state.frames_end_ns;
}

/* Those that take no time. */
static void do_at_once(const struct action *a)
{
    switch (a->kind) {
    case KEY:
    case BUTTON:
        press(a);
        break;
    case POINTER: {
        const struct display *d = present_display();
        input_pointer_set((uint32_t)a->a, d->width - 1, (uint32_t)a->b, d->height - 1);
        break;
    }
    case PLACE: /* where it was before anybody looked */
        input_pointer_place((uint32_t)a->a, (uint32_t)a->b);
        break;
    case WHEEL:
        input_wheel(0, a->a);
        break;
    case SIZE:
        if (!linux_headless_resize((uint32_t)a->a, (uint32_t)a->b)) {
            log_error("script", "size: only without a window, and with enough memory");
        }
        break;
    case SCREENSHOT:
        tool_screenshot(a->text);
        break;
    case QUIT:
        log_info("script", "quit");
        outcome_because("script", 0);
        tool_end(false);
        break;
    default:
        break;
    }
}

static void script_run(struct task *task)
{
    const struct action *a; /* not across an await */
    TASK_BEGIN(task);
    for (; state.at < state.count; state.at++) {
        a = state.actions + state.at;
        if (a->kind == WAIT) {
            TASK_AWAIT_FOR(task, false, (uint64_t)a->a * NSEC_PER_MSEC + (uint64_t)a->b);
        } else if (a->kind == FRAMES) {
            count_from_here(a);
            while (!have_passed(state.actions + state.at)) {
                TASK_AWAIT_FOR(task, false, LOOK_NS);
            }
        } else if (a->kind == TYPE) {
            state.text = a->text;
            while (*state.text != 0) {
                TASK_AWAIT_FOR(task, input_room() >= LINUX_TYPE_ROOM, 16 * NSEC_PER_MSEC);
                while (*state.text != 0 && input_room() >= LINUX_TYPE_ROOM) {
                    state.text = linux_type_one(state.text);
                }
            }
        } else {
            while (input_room() < LINUX_TYPE_ROOM) {
                TASK_AWAIT_FOR(task, false, 16 * NSEC_PER_MSEC);
            }
            do_at_once(state.actions + state.at);
        }
    }
    TASK_END(task);
}

void script_start(void)
{
    task_start(&state.task, "script", script_run);
}
