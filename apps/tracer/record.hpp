/* SPDX-License-Identifier: MIT */
/* What was seen of the calls: totals of each function, and the last calls one by one. */
#ifndef TRACER_RECORD_HPP
#define TRACER_RECORD_HPP

#include <ctx/ctx.h>
#include <text.hpp>

constexpr uint64_t second = 1'000'000'000;
constexpr uint32_t rows_max = 256, calls_max = 128, name_bytes = 64, text_bytes = 112;

/* One function. */
struct Row {
    char name[name_bytes], table[name_bytes];
    uint64_t count, failed, total_ns, max_ns;
    uint64_t rate, count_then; /* per second; when that was last looked at */
    uint64_t said;             /* how many the log knows of */
    char last[text_bytes];     /* its last call, as text */
    uint32_t last_len;
    bool last_failed;

    View title() const
    {
        return View::string(name);
    }
    uint64_t mean_ns() const
    {
        return count > 0 ? total_ns / count : 0;
    }
};

/* One call. */
struct Call {
    uint64_t number, at_ns, took_ns; /* from 1; when it began; with all that it called */
    uint32_t row; /* which function */
    bool failed;
    char text[text_bytes];
    uint32_t len;
};

enum class Sort : uint8_t { total, count, max, mean, name };
constexpr uint32_t sorts = 5;

class Record
{
  public:
    /* A call that has been done: what it was, when, and how long it took. */
    Row &add(const ctx_host_call &call, View text, uint64_t at_ns, uint64_t took_ns);
    void clear();

    /* Once in a while: how many calls there were in each second. */
    void reckon_rates(uint64_t now);

    /* The rows in order; how many. words: only functions that these mean. */
    uint32_t sorted(const Row *out[rows_max], Sort by, View words) const;

    /* The call that was the nth before the last one; nullptr: not so many are kept. */
    const Call *before_last(uint64_t n) const
    {
        return n < number && n < calls_max ? &calls[(number - 1 - n) % calls_max] : nullptr;
    }

    Row rows[rows_max];
    uint32_t count; /* of rows; the last one is for all functions that find no place */
    uint64_t number, failed, total_ns;

  private:
    Row &row_of(const ctx_host_call &call);

    uint16_t places[rows_max * 2]; /* 1 + the row, by the name's hash */
    uint64_t then;
    Call calls[calls_max];
};

#endif
