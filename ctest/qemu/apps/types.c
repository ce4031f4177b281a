/* SPDX-License-Identifier: MIT */
/*
 * For terminal.py: a program in a terminal, without a C library. Words of its line, one after
 * another:
 *
 *   say TEXT       write it; \n, \e, \t and \\ as in C, _ is a space
 *   raw, cooked    modes; min N, time N before raw
 *   read           what is read, as a line of the log; waits for it. read0: does not wait
 *   flood KIB      so much text, as fast as it is taken
 *   size           columns and rows, as a line of the log; resized: the next one that is told
 *   signal         the next signal, as a line of the log; hangup: waits for that
 *   end N          ends with N; fault; wait N: so many milliseconds
 */
#include <ctx/fiber.h>
#include <ctx/note.h>
#include <terminal.h>

CTX_NOTE(3);

#define READ   1u
#define WRITE  2u
#define SIZE   4u
#define SIGNAL 8u
#define HANGUP 16u

static struct terminal_client tty;
static const struct ctx_args *args;
static struct ctx *context;
static uint32_t word;
static uint8_t least = 1, tenths;
static int32_t result;

static uint32_t put_number(char *out, int64_t v)
{
    char digits[20];
    uint32_t n = 0, d = 0;
    if (v < 0) {
        out[n++] = '-';
        v = -v;
    }
    do {
        digits[d++] = (char)('0' + v % 10);
        v /= 10;
    } while (v != 0);
    while (d > 0) {
        out[n++] = digits[--d];
    }
    return n;
}

static void note(const char *what, int64_t a, int64_t b, const uint8_t *bytes, uint32_t len)
{
    static const char hex[] = "0123456789abcdef";
    char line[400];
    uint32_t n = 0;
    line[n++] = 'T';
    line[n++] = ' ';
    while (*what != 0) {
        line[n++] = *what++;
    }
    line[n++] = ' ';
    n += put_number(line + n, a);
    line[n++] = ' ';
    n += put_number(line + n, b);
    line[n++] = ' ';
    for (uint32_t i = 0; i < len && n < sizeof line - 4; i++) {
        if (bytes[i] > ' ' && bytes[i] < 0x7f && bytes[i] != '\\') {
            line[n++] = (char)bytes[i];
        } else {
            line[n++] = '\\';
            line[n++] = hex[bytes[i] >> 4];
            line[n++] = hex[bytes[i] & 15];
        }
    }
    context->log((const uint8_t *)line, n);
}

static int next_word(char *text, uint32_t room)
{
    uint32_t len = 0;
    if (args->get(args, word, text, room - 1, &len) != CTX_OK) {
        return 0;
    }
    word++;
    text[len < room ? len : room - 1] = 0;
    return 1;
}

static uint32_t number(void)
{
    char text[16] = {0};
    uint32_t v = 0;
    next_word(text, sizeof text);
    for (uint32_t i = 0; text[i] >= '0' && text[i] <= '9'; i++) {
        v = v * 10 + (uint32_t)(text[i] - '0');
    }
    return v;
}

static int same(const char *a, const char *b)
{
    while (*a != 0 && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

/* Waits for one of these; what there is. A terminal that went and came back is asked again. */
static struct terminal_ready await(uint32_t wanted)
{
    struct terminal_ready ready = {0};
    for (int tries = 0; tries < 100; tries++) {
        ctx_status status = terminal_call_next(&tty, wanted, &ready);
        if (status == CTX_OK) {
            return ready;
        }
        if (status != CTX_E_STALE && status != CTX_E_NOSYS && status != CTX_E_FAULT) {
            note("next", status, 0, 0, 0);
            return ready;
        }
        ctx_client_wait(&tty.of, TERMINAL_ID);
    }
    return ready;
}

static void write_all(const char *bytes, uint32_t len)
{
    while (len > 0) {
        uint32_t written = 0;
        ctx_status status = terminal_call_write(&tty, 1, bytes, len, &written);
        if (status == CTX_E_FAULT) {
            continue; /* undone: once more */
        }
        if (status == CTX_E_AGAIN) {
            await(WRITE);
        } else if (status == CTX_E_STALE || status == CTX_E_NOSYS) {
            ctx_client_wait(&tty.of, TERMINAL_ID);
        } else if (status != CTX_OK) {
            note("write", status, 0, 0, 0);
            return;
        }
        bytes += written;
        len -= written;
    }
}

static void say(void)
{
    char text[256], out[256];
    uint32_t n = 0;
    next_word(text, sizeof text);
    for (uint32_t i = 0; text[i] != 0; i++) {
        char c = text[i] == '_' ? ' ' : text[i];
        if (text[i] == '\\' && text[i + 1] != 0) {
            c = text[++i];
            c = c == 'n' ? '\n' : c == 'e' ? 27 : c == 't' ? '\t' : c == 'r' ? '\r' : c;
        }
        out[n++] = c;
    }
    write_all(out, n);
}

static void set(int raw)
{
    struct terminal_termios modes = {.size = sizeof modes};
    terminal_call_modes(&tty, &modes);
    if (raw) {
        modes.input &= ~0x5e0u;
        modes.local &= ~0x800bu;
        modes.cc[6] = least;
        modes.cc[5] = tenths;
    } else {
        modes.input |= 0x500u;
        modes.local |= 0x800bu;
    }
    note("modes", terminal_call_set_modes(&tty, 0, &modes), 0, 0, 0);
}

static void read_some(int waits)
{
    uint8_t bytes[256];
    uint32_t count = 0;
    ctx_status status;
    while ((status = terminal_call_read(&tty, bytes, sizeof bytes, &count)) == CTX_E_AGAIN &&
           waits) {
        await(READ | HANGUP);
    }
    note("read", status, count, bytes, status == CTX_OK ? count : 0);
}

static void flood(void)
{
    static char text[32768];
    uint64_t from = 0, to = 0;
    uint32_t kib = number(), agains = 0;
    for (uint32_t i = 0; i < sizeof text; i++) {
        text[i] = i % 64 == 63 ? '\n' : (char)('!' + (i + i / 64) % 90);
    }
    context->time->now(context->time, &from);
    for (uint32_t left = kib * 1024; left > 0;) {
        uint32_t written = 0, n = left < sizeof text ? left : (uint32_t)sizeof text;
        ctx_status status = terminal_call_write(&tty, 1, text, n, &written);
        if (status == CTX_E_AGAIN) {
            agains++;
            await(WRITE);
        } else if (status != CTX_OK) {
            note("flood", status, left, 0, 0);
            return;
        }
        left -= written;
    }
    context->time->now(context->time, &to);
    note("flood", agains, (int64_t)((to - from) / 1000000), 0, 0);
}

static int one(const char *what)
{
    struct terminal_stream stream = {.size = sizeof stream};
    struct terminal_ready ready;
    if (same(what, "say")) {
        say();
    } else if (same(what, "raw") || same(what, "cooked")) {
        set(same(what, "raw"));
    } else if (same(what, "min")) {
        least = (uint8_t)number();
    } else if (same(what, "time")) {
        tenths = (uint8_t)number();
    } else if (same(what, "read") || same(what, "read0")) {
        read_some(same(what, "read"));
    } else if (same(what, "flood")) {
        flood();
    } else if (same(what, "resized")) {
        ready = await(SIZE);
        note("what", ready.what, 0, 0, 0);
    } else if (same(what, "size")) {
        ctx_status status = terminal_call_describe(&tty, 1, &stream);
        note("size", status == CTX_OK ? (int64_t)stream.columns : status, stream.rows, 0, 0);
    } else if (same(what, "signal") || same(what, "hangup")) {
        ready = await(same(what, "signal") ? SIGNAL : HANGUP);
        note("what", ready.what, ready.signal, 0, 0);
    } else if (same(what, "wait")) {
        uint64_t now = 0;
        context->time->now(context->time, &now);
        ctx_fiber_await(0, now + number() * UINT64_C(1000000));
    } else if (same(what, "fault")) {
        __builtin_trap();
    } else if (same(what, "end")) {
        result = (int32_t)number();
        return 0;
    }
    return 1;
}

static void play(struct ctx *ctx, void *arg)
{
    char text[16];
    (void)arg;
    context = ctx;
    tty.of.ctx = ctx;
    ctx_client_wait(&tty.of, TERMINAL_ID);
    while (next_word(text, sizeof text) && one(text)) {
    }
}

int32_t _start(struct ctx *ctx)
{
    static int begun;
    const struct ctx_table *table;
    if (!begun++) {
        if (ctx->iface->open(ctx->iface, CTX_ID_ARGS, sizeof CTX_ID_ARGS - 1, 0, &table) !=
            CTX_OK) {
            return CTX_EXIT(99);
        }
        args = (const struct ctx_args *)(const void *)table;
        ctx_fiber_start(ctx, play, 0, 65536);
    }
    int32_t status = ctx_fibers_run(ctx);
    return (status & 0x100) != 0 ? CTX_EXIT(result) : status;
}
