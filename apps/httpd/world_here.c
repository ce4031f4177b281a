/* SPDX-License-Identifier: MIT */
/* A machine that is none, for tests of the page on Linux: three apps, a picture that moves, hands
 * that leave a trace in the log. */
#include "httpd.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define W 640
#define H 400

static struct ctx_app_info fakes[3] = {
    {.pid = 0,
     .name = "console",
     .state = CTX_APP_WAITING,
     .version = 3,
     .memory = 3 << 20,
     .memory_quota = 64 << 20,
     .isolated = 1},
    {.pid = 1,
     .name = "snake",
     .state = CTX_APP_READY,
     .version = 3,
     .memory = 900 << 10,
     .memory_quota = 64 << 20,
     .isolated = 1},
    {.pid = 7,
     .name = "<b>\"rusty\\",
     .state = CTX_APP_READY,
     .version = 2,
     .memory = 512 << 10,
     .memory_quota = 16 << 20,
     .faults = 2,
     .restarts = 1},
};
static char lines[4096];
static uint32_t at_x = 40, at_y = 40;

static void say(const char *what)
{
    size_t len = strlen(lines);
    if (len + strlen(what) + 2 > sizeof lines) {
        memmove(lines, lines + 1024, len - 1024 + 1);
        len -= 1024;
    }
    snprintf(lines + len, sizeof lines - len, "[%7.3f] I %s\n", (double)now_ms() / 1000, what);
}

const char *world_name(void)
{
    return "here";
}

uint32_t world_apps(struct ctx_app_info *out, uint32_t most)
{
    uint32_t count = most < 3 ? most : 3;
    for (uint32_t i = 0; i < 3; i++) {
        if (fakes[i].state <= CTX_APP_WAITING) {
            fakes[i].calls += 60;
            fakes[i].time_ns += 9000000 + i * 70000000;
        }
    }
    memcpy(out, fakes, count * sizeof fakes[0]);
    return count;
}

bool world_system(struct ctx_system_info *out)
{
    out->uptime_ns = (uint64_t)now_ms() * 1000000;
    out->memory = 128 << 20;
    out->memory_free = 87 << 20;
    return true;
}

bool world_crash(uint64_t seq, struct ctx_crash *out)
{
    static const char text[] =
        "crash app=rusty pid=7 call=812: page fault, a write to 0x10\n  at grow_vine+0x1f\n  by draw+0x88";
    if (seq > 1) {
        return false;
    }
    *out = (struct ctx_crash){.seq = 1, .pid = 7, .text_len = sizeof text - 1};
    memcpy(out->text, text, sizeof text);
    return true;
}

uint32_t world_log(char *out, uint32_t room)
{
    if (lines[0] == 0) {
        char line[64];
        say("kernel: 3 apps");
        snprintf(line, sizeof line, "app.httpd#9: token %s", settings.token);
        say(line);
    }
    uint32_t len = (uint32_t)strlen(lines);
    len = len < room ? len : room;
    memcpy(out, lines, len);
    return len;
}

bool world_screen(uint32_t *pixels, uint32_t room, uint32_t shrink, uint32_t *w, uint32_t *h)
{
    uint32_t t = (uint32_t)(now_ms() / 40);
    *w = W / shrink;
    *h = H / shrink;
    if (pixels == NULL || room < *w * *h * 4) {
        return false;
    }
    for (uint32_t y = 0; y < *h; y++) {
        for (uint32_t x = 0; x < *w; x++) {
            uint32_t sx = x * shrink, sy = y * shrink, bx = t * 3 % W,
                     dx = sx > bx ? sx - bx : bx - sx;
            bool ball = dx < 24 && sy > 180 && sy < 228,
                 hand = sx >= at_x && sx < at_x + 12 && sy >= at_y && sy < at_y + 12;
            pixels[y * *w + x] = 0xff000000U | (hand   ? 0xffffffU
                                                : ball ? 0x4080f0U
                                                       : (sx / 3) << 16 | (40 + sy / 4) << 8 | 30);
        }
    }
    return true;
}

ctx_status world_do(const char *action, uint64_t pid)
{
    for (uint32_t i = 0; i < 3; i++) {
        if (fakes[i].pid == pid) {
            char line[64];
            fakes[i].state = strcmp(action, "stop") == 0    ? CTX_APP_STOPPED
                             : strcmp(action, "pause") == 0 ? CTX_APP_PAUSED
                                                            : CTX_APP_READY;
            fakes[i].restarts += strcmp(action, "restart") == 0;
            snprintf(line, sizeof line, "loop: %s pid=%u", action, (unsigned)pid);
            say(line);
            return CTX_OK;
        }
    }
    return CTX_E_NOENT;
}

bool world_carries(uint64_t pid)
{
    return pid == fakes[0].pid;
}

ctx_status world_key(uint32_t code, bool down)
{
    char line[64];
    snprintf(line, sizeof line, "input: key %u %s", (unsigned)code, down ? "down" : "up");
    say(line);
    return CTX_OK;
}

ctx_status world_pointer(uint32_t x, uint32_t y, uint32_t w, uint32_t h)
{
    at_x = x * W / w;
    at_y = y * H / h;
    return CTX_OK;
}

ctx_status world_wheel(int32_t away)
{
    say(away > 0 ? "input: wheel away" : "input: wheel near");
    return CTX_OK;
}

void world_say(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    putchar('\n');
    fflush(stdout);
}

void world_token(bool fresh)
{
    (void)fresh; /* nothing is kept here */
    if (settings.full) {
        door_random(settings.token, 32);
        settings.generation = 1;
        world_say("token %s", settings.token);
    }
}

void world_token_check(void) {}

void world_random(void *out, size_t len)
{
    if (getentropy(out, len) != 0) {
        _exit(1); /* a token that can be guessed is worse than none */
    }
}

bool world_unchanged(const char *folder)
{
    (void)folder;
    return false;
}

bool world_is_told(void)
{
    return false;
}

struct world_lent *world_lend(size_t bytes, char **at)
{
    (void)bytes;
    *at = NULL;
    return NULL;
}

ptrdiff_t world_send(struct world_lent *lent, int fd, size_t at, size_t len)
{
    (void)lent;
    (void)fd;
    (void)at;
    (void)len;
    return -1;
}

void world_lend_end(struct world_lent *lent)
{
    (void)lent;
}
