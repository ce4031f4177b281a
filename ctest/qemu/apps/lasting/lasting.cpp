// SPDX-License-Identifier: MIT
// lasting.c in C++, and less of it: classes, virtual functions and objects in the heap. Words: X Y.
#include "../v3.h"
#include <ctx/note.h>

CTX_NOTE(3);

void operator delete(void *) noexcept {}
void operator delete(void *, unsigned long) noexcept {}

namespace
{

constexpr uint32_t W = 48, H = 32, STEPS = 120, COLOUR = 0x20c040;

template <typename T> const T *table(ctx *c, const char *id)
{
    return reinterpret_cast<const T *>(open(c, id));
}

struct Shape { // what is drawn; these lie in the heap
    uint64_t seed;
    Shape *next;
    constexpr explicit Shape(uint64_t s) : seed(s), next(nullptr) {}
    virtual ~Shape() = default;
    virtual uint32_t at(uint32_t i) const = 0;
};

struct Stripes final : Shape {
    using Shape::Shape;
    uint32_t at(uint32_t i) const override { return static_cast<uint32_t>(seed * (i / 3)) & 0xff; }
};

struct Noise final : Shape {
    using Shape::Shape;
    uint32_t at(uint32_t i) const override { return static_cast<uint32_t>((seed ^ i) * 2654435761u) >> 24; }
};

struct App {
    uint32_t stage, step, surface;
    Shape *shapes;
    uint64_t sum;
};

constinit App app{};
uint32_t wrong;

void ensure(bool condition, uint32_t line)
{
    wrong = !condition && wrong == 0 ? line : wrong;
}
#define CHECK(condition) ensure((condition), __LINE__)

template <typename T> void add(ctx *c, uint64_t seed)
{
    void *room = c->mem->alloc(c->mem, sizeof(T), alignof(T), 0);
    CHECK(room != nullptr);
    if (room != nullptr) {
        struct Place {
            alignas(T) unsigned char bytes[sizeof(T)];
        };
        T made(seed);
        __builtin_memcpy(room, static_cast<const void *>(&made), sizeof(T)); // as it is, with its table
        T *shape = static_cast<T *>(room);
        shape->next = app.shapes;
        app.shapes = shape;
    }
}

void memory(ctx *c)
{
    for (uint64_t i = 1; i < 20; i++) {
        i % 2 != 0 ? add<Stripes>(c, i * 977) : add<Noise>(c, i * 55441);
    }
    ctx_mem_usage usage{};
    usage.size = sizeof usage;
    CHECK(c->mem->usage(c->mem, &usage) == CTX_OK && usage.blocks >= 19);
}

void display(ctx *c)
{
    const ctx_display *d = c->display;
    char x[32], y[32];
    word(c, 0, x);
    word(c, 1, y);
    CHECK(d->create(d, W, H, CTX_SURFACE_RGBX, 0, &app.surface) == CTX_OK);
    CHECK(d->ask_position(d, app.surface, static_cast<int32_t>(number(x)), static_cast<int32_t>(number(y))) == CTX_OK);
    CHECK(d->title(d, app.surface, "C++", 3) == CTX_OK);
    ctx_surface_info told{};
    told.size = sizeof told;
    CHECK(d->describe(d, app.surface, &told) == CTX_OK && told.w == W && same(reinterpret_cast<char *>(told.title), "C++"));
}

void tables(ctx *c)
{
    const auto *system = table<ctx_system>(c, CTX_ID_SYSTEM);
    ctx_system_info info{};
    info.size = sizeof info;
    CHECK(system->info(system, &info) == CTX_OK && info.uptime_ns > 0);
    const auto *random = table<ctx_random>(c, CTX_ID_RANDOM);
    uint64_t number[2]{};
    CHECK(random->fill(random, number, sizeof number) == CTX_OK && number[0] != number[1]);
    const auto *log = table<ctx_log>(c, CTX_ID_LOG);
    CHECK(log->write(log, CTX_LOG_WARN, "T lasting warns", 15) == CTX_OK);
    const auto *apps = table<ctx_apps>(c, CTX_ID_APPS);
    static ctx_app_info list[32];
    uint32_t n = 0, me = 0;
    CHECK(apps->list(apps, list, sizeof list, sizeof list[0], &n) == CTX_OK);
    for (uint32_t i = 0; i < n && i < 32; i++) {
        me += list[i].pid == c->pid && list[i].state != CTX_APP_STOPPED;
    }
    CHECK(me == 1);
    const auto *share = table<ctx_share>(c, CTX_ID_SHARE);
    uint64_t at = 0;
    CHECK(share->create(share, 4096, CTX_SHARE_ZERO, &n) == CTX_OK);
    CHECK(share->map(share, n, CTX_SHARE_READ, &at) == CTX_OK && *reinterpret_cast<const uint64_t *>(at) == 0);
    CHECK(share->close(share, n) == CTX_OK);
    CHECK(c->events->wait(c->events, uint64_t{1} << CTX_EVENT_TEXT) == CTX_OK);
}

void draw(ctx *c)
{
    auto *pixels = static_cast<uint32_t *>(c->display->pixels(c->display, app.surface));
    for (uint32_t i = 0; pixels != nullptr && i < W * H; i++) {
        uint32_t shade = 0;
        for (const Shape *s = app.shapes; s != nullptr; s = s->next) {
            shade += s->at(i + app.step);
        }
        pixels[i] = i % W * STEPS < app.step * W ? (shade & 0xff) << 16 | COLOUR : COLOUR >> 2 & 0x3f3f3f;
        app.sum = app.sum * 31 + pixels[i];
    }
    c->display->damage(c->display, app.surface, 0, 0, W, H);
}

void stage(ctx *c)
{
    static constexpr struct {
        const char *name;
        void (*test)(ctx *);
    } stages[] = {{"mem", memory}, {"display", display}, {"tables", tables}};
    line l{};
    wrong = 0;
    stages[app.stage].test(c);
    put(&l, "T lasting ");
    put(&l, stages[app.stage++].name);
    put(&l, wrong == 0 ? " ok" : " FAIL line ");
    if (wrong != 0) {
        put_number(&l, wrong);
    }
    send(c, &l);
}

} // namespace

extern "C" int32_t _start(ctx *c)
{
    if (app.stage < 3) {
        stage(c);
        return CTX_AGAIN;
    }
    if (app.step < STEPS) {
        app.step++;
        draw(c);
        if (app.step == STEPS) {
            say(c, "lasting sum", static_cast<int64_t>(app.sum >> 1));
            say(c, "lasting ends", app.step);
        }
        return CTX_AGAIN;
    }
    c->events->wait(c->events, uint64_t{1} << CTX_EVENT_CLOSE);
    c->time->wake_at(c->time, now(c) + 20000000);
    return CTX_WAIT;
}
