/* SPDX-License-Identifier: MIT */
/* Text without a library: a view of bytes, and a line that is put together piece by piece. */
#ifndef PANEL_TEXT_HPP
#define PANEL_TEXT_HPP

#include <stdint.h>

struct View {
    const char *bytes;
    uint32_t len;

    constexpr View() : bytes(""), len(0) {}
    constexpr View(const char *text, uint32_t n) : bytes(text), len(n) {}
    template <uint32_t n> constexpr View(const char (&literal)[n]) : bytes(literal), len(n - 1) {}
    /* A field of the Context: padded with NUL. */
    template <uint32_t n> static constexpr View field(const uint8_t (&bytes)[n])
    {
        uint32_t len = 0;
        while (len < n && bytes[len] != 0) {
            len++;
        }
        return {reinterpret_cast<const char *>(bytes), len};
    }
    static constexpr View string(const char *text)
    {
        uint32_t len = 0;
        while (text[len] != 0) {
            len++;
        }
        return {text, len};
    }
    constexpr bool operator==(View other) const
    {
        bool same = len == other.len;
        for (uint32_t i = 0; same && i < len; i++) {
            same = bytes[i] == other.bytes[i];
        }
        return same;
    }
    constexpr bool begins(View with) const
    {
        return len >= with.len && View(bytes, with.len) == with;
    }
    constexpr View from(uint32_t at) const
    {
        return {bytes + at, len - at};
    }
};

/* What does not fit is cut. */
class Line
{
  public:
    constexpr operator View() const
    {
        return {bytes, len};
    }
    constexpr void clear()
    {
        len = 0;
    }

    constexpr Line &operator<<(View text)
    {
        for (uint32_t i = 0; i < text.len; i++) {
            put(text.bytes[i]);
        }
        return *this;
    }
    constexpr Line &operator<<(uint64_t number)
    {
        char digits[20];
        uint32_t n = 0;
        do {
            digits[n++] = static_cast<char>('0' + number % 10);
            number /= 10;
        } while (number != 0);
        while (n > 0) {
            put(digits[--n]);
        }
        return *this;
    }
    /* tenths / 10 with one digit behind the point. */
    constexpr Line &tenths(uint64_t n)
    {
        *this << n / 10;
        put('.');
        return *this << n % 10;
    }
    /* "12.3 MiB", "512 KiB" */
    constexpr Line &size(uint64_t n)
    {
        return n >= 1u << 20 ? tenths(n * 10 >> 20) << " MiB" : *this << (n >> 10) << " KiB";
    }
    /* "3.4 s", "12 ms", "850 us" */
    constexpr Line &time(uint64_t ns)
    {
        return ns >= 1'000'000'000 ? tenths(ns / 100'000'000) << " s"
               : ns >= 10'000'000  ? *this << ns / 1'000'000 << " ms"
                                   : *this << ns / 1000 << " us";
    }
    /* "850 ns", "12.3 us", "4.5 ms", "2.1 s": spans of single calls, at most seven letters */
    constexpr Line &span(uint64_t ns)
    {
        return ns < 1000             ? *this << ns << " ns"
               : ns < 1'000'000      ? tenths(ns / 100) << " us"
               : ns < 1'000'000'000  ? tenths(ns / 100'000) << " ms"
                                     : tenths(ns / 100'000'000) << " s";
    }
    /* "4 s", "7 min", "3 h": ages */
    constexpr Line &age(uint64_t ns)
    {
        uint64_t s = ns / 1'000'000'000;
        return s < 60     ? *this << s << " s"
               : s < 3600 ? *this << s / 60 << " min"
                          : *this << s / 3600 << " h";
    }
    /* "1234", "12.3k", "4.5M": at most five letters up to a thousand millions */
    constexpr Line &count(uint64_t n)
    {
        return n < 10'000      ? *this << n
               : n < 1'000'000 ? tenths(n / 100) << "k"
                               : tenths(n / 100'000) << "M";
    }

  private:
    constexpr void put(char c)
    {
        if (len < sizeof bytes) {
            bytes[len++] = c;
        }
    }

    char bytes[160] = {};
    uint32_t len = 0;
};

#endif
