// SPDX-License-Identifier: MIT
// Offers the interface of parcel.toml, in C++: static functions of a class. provider.c has the same in C.
#include <ctx/note.h>

#include "parcel_provider.hpp"

CTX_NOTE(3);

namespace
{

struct Owed {
    uint64_t request;
    uint32_t turns, knocks, outcome;
};

struct App {
    uint32_t handle, boxes, spin_ms;
    uint64_t total;
    Owed owed[8];
};

constinit App app{};

const ctx_service *service_of(ctx *c)
{
    const ctx_table *table = nullptr;
    ctx_status status = c->iface->open(c->iface, CTX_ID_SERVICE, sizeof CTX_ID_SERVICE - 1,
                                       sizeof(ctx_service), &table);
    return status == CTX_OK ? reinterpret_cast<const ctx_service *>(table) : nullptr;
}

uint64_t now(ctx *c)
{
    uint64_t ns = 0;
    c->time->now(c->time, &ns);
    return ns;
}

ctx_status owe(ctx *c, uint64_t request, uint32_t turns, uint32_t knocks, uint32_t outcome)
{
    for (Owed &o : app.owed) {
        if (o.request == 0) {
            o = {request, turns, knocks, outcome};
            c->time->wake_at(c->time, now(c));
            return CTX_PENDING;
        }
    }
    return CTX_E_NOSPC;
}

void answer(ctx *c, uint64_t request, uint32_t turns)
{
    const parcel_answer result = {1000 + turns, "later"};
    parcel_complete_later(service_of(c), request, CTX_OK, &result);
}

/* As provider.c: two milliseconds at most are ours, whatever the machine was busy with. */
void spin(ctx *c, uint32_t ms)
{
    for (uint64_t done = 0, before = now(c); done < ms * 1000000ull;) {
        for (uint32_t i = 0; i < 100000; i++) {
            asm volatile("");
        }
        uint64_t after = now(c);
        done += after - before < 2000000 ? after - before : 2000000;
        before = after;
    }
}

struct Parcel {
    static ctx_status add(ctx *, uint32_t a, uint64_t b, int64_t c, uint32_t *low, uint64_t *sum)
    {
        *sum = a + b + uint64_t(c);
        *low = uint32_t(*sum);
        return a == 13 ? CTX_E_RANGE : CTX_OK;
    }

    static ctx_status negate(ctx *, uint32_t which, int64_t value, int64_t *negated)
    {
        *negated = -value - int64_t(which);
        return CTX_OK;
    }

    static ctx_status reverse(ctx *, const void *text, uint32_t text_len, void *back, uint32_t room)
    {
        auto from = static_cast<const uint8_t *>(text);
        auto to = static_cast<uint8_t *>(back);
        for (uint32_t i = 0; i < text_len && i < room; i++) {
            to[i] = from[text_len - 1 - i];
        }
        return room < text_len ? CTX_E_NOSPC : CTX_OK;
    }

    static ctx_status measure(ctx *, const parcel_carton *carton, parcel_report *report,
                              parcel_counter *counter)
    {
        app.total += carton->price;
        report->count = ++app.boxes;
        report->total = carton->price + carton->weight;
        for (uint16_t i = 0; i < 3; i++) {
            report->marks[i] = uint16_t(i + 1);
        }
        report->marks[3] = carton->label[0];
        counter->value += counter->step;
        return CTX_OK;
    }

    static ctx_status later(ctx *c, uint32_t turns, uint64_t request)
    {
        if (turns == 99) {
            return CTX_E_INVAL;
        }
        if (turns == 0) {
            answer(c, request, 0);
            return CTX_PENDING;
        }
        return owe(c, request, turns, 0, turns);
    }

    static ctx_status knock(ctx *c, uint64_t request, uint32_t outcome)
    {
        return owe(c, request, 1, 1, outcome);
    }

    static ctx_status spin(ctx *c, uint32_t ms)
    {
        app.spin_ms = ms;
        c->time->wake_at(c->time, now(c));
        return CTX_OK;
    }

    static ctx_status fail(ctx *c, uint32_t how)
    {
        if (how == PARCEL_LONG) {
            app.boxes++;
            ::spin(c, 400);
            return CTX_OK;
        }
        if (how == PARCEL_TRAP) {
            __builtin_trap();
        }
        return -ctx_status(how);
    }

    static ctx_status mark(ctx *c, uint32_t page, uint32_t len, uint64_t *sum)
    {
        const ctx_table *table = nullptr;
        ctx_share_info info{};
        uint64_t address = 0;
        info.size = sizeof info;
        ctx_status status = c->iface->open(c->iface, CTX_ID_SHARE, sizeof CTX_ID_SHARE - 1,
                                           sizeof(ctx_share), &table);
        if (status != CTX_OK) {
            return status;
        }
        auto share = reinterpret_cast<const ctx_share *>(table);
        status = share->info(share, page, &info);
        if (status == CTX_OK && len > info.bytes) {
            status = CTX_E_RANGE;
        }
        if (status == CTX_OK) {
            status = share->map(share, page, CTX_SHARE_READ | CTX_SHARE_WRITE, &address);
        }
        auto bytes = reinterpret_cast<volatile uint8_t *>(address);
        for (uint32_t i = 0; status == CTX_OK && i < len; i++) {
            uint8_t byte = bytes[i];
            *sum += byte;
            bytes[i] = uint8_t(byte + 1);
        }
        share->close(share, page);
        return status;
    }
};

uint32_t turn(ctx *c)
{
    uint32_t left = 0;
    for (Owed &o : app.owed) {
        if (o.request == 0) {
            continue;
        }
        if (--o.turns > 0) {
            left++;
            continue;
        }
        if (o.knocks) {
            parcel_complete_knock(service_of(c), o.request, ctx_status(o.outcome));
        } else {
            answer(c, o.request, o.outcome);
        }
        o.request = 0;
    }
    return left;
}

} // namespace

extern "C" int32_t _start(ctx *c)
{
    if (app.handle == 0) {
        ctx_status status = parcel_provider<Parcel>::publish_(service_of(c), app.handle);
        c->log(reinterpret_cast<const uint8_t *>(status == CTX_OK ? "offers" : "failed"), 6);
        return status == CTX_OK ? CTX_WAIT : CTX_EXIT(1);
    }
    ctx_service_news news = {};
    news.size = sizeof news;
    while (service_of(c)->news(service_of(c), &news) == CTX_OK) {
        for (Owed &o : app.owed) {
            o.request = news.kind == CTX_NEWS_CANCELED && o.request == news.request ? 0 : o.request;
        }
    }
    ::spin(c, app.spin_ms);
    app.spin_ms = 0;
    return turn(c) > 0 ? CTX_AGAIN : CTX_WAIT;
}
