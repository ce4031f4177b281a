/* SPDX-License-Identifier: MIT */
#include "record.hpp"

#include <calls.h>

namespace
{

bool same(const uint8_t *a, const char *b)
{
    return __builtin_memcmp(a, b, name_bytes) == 0;
}

uint32_t hash_of(const ctx_host_call &call)
{
    uint32_t hash = 2166136261u ^ call.index; /* FNV-1a */
    for (uint32_t i = 0; i < name_bytes && call.name[i] != 0; i++) {
        hash = (hash ^ call.name[i]) * 16777619u;
    }
    return hash ^ hash >> 15;
}

/* A pointer that is not there, or a status below 0. */
bool has_failed(const ctx_host_call &call)
{
    return call.returns == 0 ? static_cast<int32_t>(call.result) < 0
                             : call.returns == 1 && call.result == 0;
}

bool comes_first(const Row &a, const Row &b, Sort by)
{
    uint64_t left = 0, right = 0;
    switch (by) {
    case Sort::total:
        left = a.total_ns;
        right = b.total_ns;
        break;
    case Sort::count:
        left = a.count;
        right = b.count;
        break;
    case Sort::max:
        left = a.max_ns;
        right = b.max_ns;
        break;
    case Sort::mean:
        left = a.mean_ns();
        right = b.mean_ns();
        break;
    case Sort::name:
        break;
    }
    return left != right ? left > right : __builtin_memcmp(a.name, b.name, name_bytes) < 0;
}

} // namespace

Row &Record::row_of(const ctx_host_call &call)
{
    constexpr uint32_t places_max = sizeof places / sizeof *places;
    uint32_t at = hash_of(call) % places_max;
    for (; places[at] != 0; at = (at + 1) % places_max) { /* never full: twice as many as rows */
        Row &row = rows[places[at] - 1];
        if (same(call.name, row.name) && same(call.table, row.table)) {
            return row;
        }
    }
    if (count == rows_max) {
        return rows[rows_max - 1];
    }
    Row &row = rows[count++];
    row = {};
    if (count == rows_max) {
        __builtin_memcpy(row.name, "all others", 11);
    } else {
        __builtin_memcpy(row.name, call.name, name_bytes);
        __builtin_memcpy(row.table, call.table, name_bytes);
        places[at] = static_cast<uint16_t>(count);
    }
    return row;
}

Row &Record::add(const ctx_host_call &call, View text, uint64_t at_ns, uint64_t took_ns)
{
    Row &row = row_of(call);
    Call &c = calls[number % calls_max];
    c = {++number, at_ns, took_ns, static_cast<uint32_t>(&row - rows), has_failed(call), {}, 0};
    c.len = static_cast<uint32_t>(calls_write(c.text, sizeof c.text, &call, call.result,
                                              text.bytes, text.len));
    row.count++;
    row.failed += c.failed;
    row.total_ns += took_ns;
    row.max_ns = took_ns > row.max_ns ? took_ns : row.max_ns;
    __builtin_memcpy(row.last, c.text, c.len);
    row.last_len = c.len;
    row.last_failed = c.failed;
    failed += c.failed;
    total_ns += took_ns;
    return row;
}

void Record::clear()
{
    *this = {};
}

void Record::reckon_rates(uint64_t now)
{
    uint64_t passed = now - then;
    if (passed < second) {
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        Row &row = rows[i];
        row.rate = then != 0 ? ((row.count - row.count_then) * second + passed / 2) / passed : 0;
        row.count_then = row.count;
    }
    then = now;
}

uint32_t Record::sorted(const Row *out[rows_max], Sort by, View words) const
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < count; i++) {
        const Row &row = rows[i];
        if (words.len > 0 && calls_mean_name(words.bytes, words.len, row.name, row.table) == 0) {
            continue;
        }
        uint32_t at = n++;
        for (; at > 0 && comes_first(row, *out[at - 1], by); at--) {
            out[at] = out[at - 1];
        }
        out[at] = &row;
    }
    return n;
}
