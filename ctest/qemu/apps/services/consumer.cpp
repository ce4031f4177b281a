// SPDX-License-Identifier: MIT
// Calls every function of parcel.toml, in C++, by the class that `ctx idl` makes: "T parcel ok", or what was otherwise.
#include <ctx/fiber.h>
#include <ctx/note.h>

#include "parcel.hpp"

CTX_NOTE(3);

namespace
{

class Test
{
public:
    explicit Test(ctx *c) : ctx_(c), parcel_(c) {}

    bool run(bool faulty)
    {
        return parcel_.wait_() == CTX_OK && numbers() && bytes() && structs() && requests() &&
               shares() && busy() && (!faulty || faults());
    }

    void say(const char *text)
    {
        uint32_t len = 0;
        while (text[len] != 0) {
            len++;
        }
        ctx_->log(reinterpret_cast<const uint8_t *>(text), len);
    }

private:
    bool fails(const char *what)
    {
        say(what);
        return false;
    }

#define CHECK(condition)                                                                           \
    if (!(condition))                                                                              \
    return fails("T parcel FAIL " #condition)

    bool numbers()
    {
        uint32_t low = 0;
        uint64_t sum = 0;
        int64_t negated = 0;
        CHECK(parcel_.add(7, 1ull << 40, -3, &low, &sum) == CTX_OK);
        CHECK(low == 4 && sum == (1ull << 40) + 4);
        CHECK(parcel_.add(13, 1, 1, &low, &sum) == CTX_E_RANGE && low == 4);
        CHECK(parcel_.negate(5, -1000000000000, &negated) == CTX_OK && negated == 999999999995);
        return true;
    }

    bool bytes()
    {
        char back[8] = "xxxxxxx";
        CHECK(parcel_.reverse("abcde", 5, back, 7) == CTX_OK);
        CHECK(back[0] == 'e' && back[4] == 'a' && back[5] == 0 && back[6] == 0);
        CHECK(parcel_.reverse("abcde", 5, back, 4) == CTX_E_NOSPC);
        return true;
    }

    bool structs()
    {
        parcel_carton carton{sizeof carton, 30, 400, "zebra"};
        parcel_report report{};
        CHECK(parcel_.newer(1) == CTX_E_NOSYS); // the provider is older
        parcel_counter counter{0, 5, -7};
        CHECK(parcel_.measure(&carton, &report, &counter) == CTX_OK);
        CHECK(report.size == sizeof report && report.count >= 1 && report.total == 430);
        CHECK(report.marks[0] == 1 && report.marks[2] == 3 && report.marks[3] == 'z');
        CHECK(counter.value == -2 && report.later == 0);
        carton.size = 16;
        CHECK(parcel_.measure(&carton, &report, &counter) == CTX_OK);
        CHECK(report.marks[3] == 0 && counter.value == 3);
        return true;
    }

    bool requests()
    {
        parcel_answer answer;
        CHECK(parcel_.later(3, answer) == CTX_OK && answer.number == 1003 && answer.text[0] == 'l');
        CHECK(parcel_.later(0, answer) == CTX_OK && answer.number == 1000);
        CHECK(parcel_.later(99, answer) == CTX_E_INVAL && answer.number == 0);
        CHECK(parcel_.knock(0) == CTX_OK);
        CHECK(parcel_.knock(uint32_t(CTX_E_IO)) == CTX_E_IO);
        uint64_t now = 0;
        ctx_->time->now(ctx_->time, &now);
        parcel_.deadline_(now + 20000000);
        CHECK(parcel_.later(1000000, answer) == CTX_E_TIMEDOUT);
        parcel_.deadline_(0);
        return true;
    }

    bool shares()
    {
        const ctx_table *table = nullptr;
        uint32_t page = 0;
        uint64_t address = 0, sum = 0, want = 0;
        CHECK(ctx_->iface->open(ctx_->iface, CTX_ID_SHARE, sizeof CTX_ID_SHARE - 1,
                                sizeof(ctx_share), &table) == CTX_OK);
        auto share = reinterpret_cast<const ctx_share *>(table);
        CHECK(share->create(share, 8192, CTX_SHARE_ZERO, &page) == CTX_OK);
        CHECK(share->map(share, page, CTX_SHARE_READ | CTX_SHARE_WRITE, &address) == CTX_OK);
        auto bytes = reinterpret_cast<volatile uint8_t *>(address);
        for (uint32_t i = 0; i < 5000; i++) {
            bytes[i] = uint8_t(i * 7);
            want += uint8_t(i * 7);
        }
        CHECK(parcel_.mark(page, 5000, &sum) == CTX_OK && sum == want);
        for (uint32_t i = 0; i < 5000; i++) {
            CHECK(bytes[i] == uint8_t(i * 7 + 1));
        }
        CHECK(parcel_.mark(page, 8193, &sum) == CTX_E_RANGE);
        CHECK(share->close(share, page) == CTX_OK);
        return true;
    }

    bool busy()
    {
        uint32_t low = 0;
        uint64_t sum = 0;
        CHECK(parcel_.spin(40) == CTX_OK);
        ctx_fiber_yield();
        CHECK(parcel_.add(1, 1, 1, &low, &sum) == CTX_OK && low == 3);
        return true;
    }

    bool faults()
    {
        uint32_t low = 0;
        uint64_t sum = 0;
        CHECK(parcel_.fail(7) == CTX_E_AGAIN);
        CHECK(parcel_.fail(PARCEL_TRAP) == CTX_E_FAULT);
        ctx_status status;
        do { // it may begin anew, which takes a while
            ctx_fiber_yield();
            CHECK(parcel_.wait_() == CTX_OK);
            status = parcel_.add(2, 2, 2, &low, &sum);
        } while (status == CTX_E_STALE);
        CHECK(status == CTX_OK && low == 6);
        return true;
    }

    ctx *ctx_;
    parcel_consumer parcel_;
};

bool faulty;

void all(ctx *c, void *)
{
    Test test(c);
    test.say(test.run(faulty) ? "T parcel ok" : "T parcel ends");
}

} // namespace

extern "C" int32_t _start(ctx *c)
{
    static bool begun;
    if (!begun) {
        const ctx_table *table = nullptr;
        uint8_t word[8] = {};
        uint32_t len = 0;
        begun = true;
        c->iface->open(c->iface, CTX_ID_ARGS, sizeof CTX_ID_ARGS - 1, 0, &table);
        auto args = reinterpret_cast<const ctx_args *>(table);
        faulty = args->get(args, 1, word, sizeof word, &len) == CTX_OK && word[0] == 'f';
        if (ctx_fiber_start(c, all, nullptr, 16384) == nullptr) {
            return CTX_EXIT(1);
        }
    }
    return ctx_fibers_run(c);
}
