/* SPDX-License-Identifier: MIT */
/*
 * An ordinary program: the linker takes this file from libctx_c.a when the app has a main() and no
 * ctx_start(). main runs in a fiber, so it may sleep and read; when it returns, or calls exit(),
 * the app ends with that status.
 */
#include "glue.h"
#include "signals.h"

#include <ctx/c.h>
#include <ctx/fiber.h>
#include <ctx/note.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

CTX_NOTE(3);

int main(int argc, char **argv);

const char ctx_c_has_main = 1;

#define STACK_DEFAULT (256u << 10)
#define BREATH_NS     20000000u

/* Who builds an app gives it a name (CMake, `ctx cc`); neither has to be there. */
extern const char ctx_main_name[];
#pragma weak ctx_main_name
#pragma weak ctx_main_stack

/* The notes, from app.ld. */
extern const uint8_t ctx_c_notes[] __attribute__((visibility("hidden")));
extern const uint8_t ctx_c_notes_end[] __attribute__((visibility("hidden")));

static struct ctx_fiber *main_fiber;

static char *text_of(const void *from, size_t len)
{
    char *text = malloc(len + 1);
    if (text != NULL) {
        memcpy(text, from, len);
        text[len] = 0;
    }
    return text;
}

/* The name that the app gives itself in a note, else that of its build; whoever built it wrote it,
 * so it is not suspected. */
static char *name(void)
{
    const uint8_t *p = ctx_c_notes;
    while (p + 12 <= ctx_c_notes_end) {
        uint32_t head[3]; /* owner's length, descriptor's length, type */
        memcpy(head, p, sizeof head);
        const uint8_t *at = p + 12 + ((head[0] + 3) & ~3u);
        const uint8_t *end = at + ((head[1] + 3) & ~3u);
        bool ours = head[0] == 4 && memcmp(p + 12, "ctx", 4) == 0 && head[2] == 1;
        while (ours && at + 4 <= end) {
            uint16_t tag[2]; /* and its length */
            memcpy(tag, at, sizeof tag);
            if (tag[0] == CTX_NOTE_NAME) {
                return text_of(at + 4, tag[1]);
            }
            at += 4 + ((tag[1] + 3u) & ~3u);
        }
        p = end;
    }
    const char *built = ctx_main_name;
    return built != NULL ? text_of(built, strlen(built)) : text_of("app", 3);
}

static char *argument(const struct ctx_args *args, uint32_t index)
{
    uint32_t len = 0;
    args->get(args, index, NULL, 0, &len);
    char *text = malloc((size_t)len + 1);
    if (text != NULL && args->get(args, index, text, len, &len) == CTX_OK) {
        text[len] = 0;
    }
    return text;
}

/* A word of the line that sets a variable of the environment: env=NAME=value. */
static bool is_variable(const char *word)
{
    return strncmp(word, "env=", 4) == 0 && strchr(word + 4, '=') != NULL && word[4] != '=';
}

/* The words, and the environment, which setenv() copies before it changes it. Behind "--" all words
 * are main's; as the first one it is there for that alone, and main does not see it. */
static bool take_words(const struct ctx_args *args, uint32_t count, char **argv, char **names,
                       int *argc)
{
    bool ended = false;
    int first = *argc;
    for (uint32_t i = 0; i < count; i++) {
        char *word = argument(args, i);
        if (word == NULL) {
            return false;
        }
        bool ends = !ended && strcmp(word, "--") == 0;
        if (!ended && is_variable(word)) {
            *names++ = word + 4;
        } else if (!ends || *argc > first) {
            argv[(*argc)++] = word;
        }
        ended |= ends;
    }
    return true;
}

static void run(struct ctx *ctx, void *arg)
{
    (void)ctx;
    (void)arg;
    const struct ctx_args *args = ctx_c_open(CTX_ID_ARGS);
    uint32_t count = 0;
    if (args == NULL || args->count(args, &count) != CTX_OK) {
        count = 0;
    }
    char **argv = calloc(count + 2, sizeof *argv);
    char **names = calloc(count + 1, sizeof *names);
    int argc = 1;
    bool fine = argv != NULL && names != NULL && (argv[0] = name()) != NULL &&
                take_words(args, count, argv, names, &argc);
    if (!fine) {
        ctx_c_say(CTX_LOG_ERROR, "no memory for main's arguments");
        _exit(EXIT_FAILURE);
    }
    ctx_c_program_name = argv[0];
    environ = names;
    exit(main(argc, argv));
}

/*
 * Between two calls an app can be saved, others have their turn, and what is undone goes back to
 * there. A program that computes for long would be one call; so where it asks for memory, a file or
 * the time anyway its call ends now and then, and the next one goes on at once. Not where other
 * fibers are, who rely on it that nothing but an await interrupts them; and with virtual time
 * never: no time goes by in a call.
 */
void ctx_c_pause(void)
{
    static uint64_t last_ns;
    uint64_t now_ns;
    struct ctx *ctx = ctx_now();
    if (main_fiber == NULL || ctx_fiber_current() != main_fiber ||
        ctx->time->now(ctx->time, &now_ns) != CTX_OK || now_ns - last_ns < BREATH_NS) {
        return;
    }
    if (ctx_fiber_count() == 1) {
        ctx_fiber_await(0, now_ns);
        ctx = ctx_now();
        ctx->time->now(ctx->time, &now_ns);
    }
    last_ns = now_ns;
}

int32_t ctx_start(struct ctx *ctx)
{
    static bool started;
    if (!started) {
        started = true;
        ctx_c_is_main();
        if (!ctx_c_is_v3()) {
            ctx_c_say(CTX_LOG_ERROR, "main() needs version 3 of the Context");
            _exit(EXIT_FAILURE);
        }
        ctx->events->wait(ctx->events, 0); /* what is typed from now on is not lost */
        uint32_t bytes = &ctx_main_stack != NULL ? ctx_main_stack : STACK_DEFAULT;
        main_fiber = ctx_fiber_start(ctx, run, NULL, bytes);
        if (main_fiber == NULL) {
            ctx_c_say(CTX_LOG_ERROR, "no memory for main's stack of %u bytes", (unsigned)bytes);
            _exit(EXIT_FAILURE);
        }
    }
    return ctx_fibers_run(ctx);
}
