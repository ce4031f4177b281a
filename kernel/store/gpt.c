/* SPDX-License-Identifier: MIT */
#include "gpt.h"

#include <kernel/string.h>

#define HEADER_LEAST 92u
#define HEADER_MOST  512u
#define ENTRY_LEAST  128u
#define ENTRY_MOST   4096u
#define TABLE_MOST   (1u << 20) /* bytes of entries; the usual table has 16 KiB */
#define NAME_AT      56u
#define NAME_UNITS   36u

uint32_t gpt_crc(uint32_t crc, const uint8_t *bytes, uint64_t len)
{
    for (uint64_t i = 0; i < len; i++) {
        crc ^= bytes[i];
        for (uint32_t bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (0xedb88320u & (0u - (crc & 1)));
        }
    }
    return crc;
}

static uint64_t get(const uint8_t *bytes, uint32_t size)
{
    uint64_t v = 0;
    memcpy(&v, bytes, size);
    return v;
}

bool gpt_header(struct gpt_table *t, uint8_t *h, uint64_t at, uint64_t sectors,
                uint32_t sector_bytes)
{
    uint64_t size = get(h + 12, 4), crc = get(h + 16, 4), last = sectors - 1;
    if (memcmp(h, "EFI PART", 8) != 0 || size < HEADER_LEAST || size > HEADER_MOST) {
        return false;
    }
    memset(h + 16, 0, 4);
    *t = (struct gpt_table){.entries = get(h + 72, 8),
                            .first = get(h + 40, 8),
                            .last = get(h + 48, 8),
                            .entry_count = (uint32_t)get(h + 80, 4),
                            .entry_bytes = (uint32_t)get(h + 84, 4),
                            .entry_crc = (uint32_t)get(h + 88, 4)};
    uint32_t each = t->entry_bytes;
    if (crc != (uint32_t)~gpt_crc(UINT32_MAX, h, size) || get(h + 24, 8) != at ||
        each < ENTRY_LEAST || each > ENTRY_MOST || (each & (each - 1)) != 0 ||
        t->entry_count == 0 || t->entry_count > TABLE_MOST / each) {
        return false;
    }
    uint64_t count = (gpt_bytes(t) + sector_bytes - 1) / sector_bytes;
    return t->entries > 1 && t->entries <= last && count <= sectors - t->entries && t->first > 1 &&
           t->first <= t->last && t->last < last && (t->entries < t->first || t->entries > t->last);
}

bool gpt_entry(const struct gpt_table *t, const uint8_t *bytes, struct gpt_entry *out)
{
    static const uint8_t none[16];
    *out = (struct gpt_entry){
        .first = get(bytes + 32, 8), .last = get(bytes + 40, 8), .name = bytes + NAME_AT};
    memcpy(out->type, bytes, sizeof out->type);
    return memcmp(out->type, none, sizeof none) != 0 && out->first >= t->first &&
           out->first <= out->last && out->last <= t->last;
}

/* One character from *i on. */
static uint32_t next_char(const uint8_t *units, uint32_t *i)
{
    uint32_t c = (uint32_t)get(units + 2 * (size_t)*i, 2);
    (*i)++;
    if (c >= 0xd800 && c < 0xdc00 && *i < NAME_UNITS) {
        uint32_t low = (uint32_t)get(units + 2 * (size_t)*i, 2);
        if (low >= 0xdc00 && low < 0xe000) {
            (*i)++;
            return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        }
    }
    bool control = c < ' ' || (c >= 0x7f && c < 0xa0) || (c >= 0xd800 && c < 0xe000);
    return control ? '?' : c;
}

static uint32_t put_utf8(char out[4], uint32_t c)
{
    uint32_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint8_t first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (uint32_t i = n; i-- > 1; c >>= 6) {
        out[i] = (char)(0x80 | (c & 0x3f));
    }
    out[0] = (char)(first[n] | c);
    return n;
}

void gpt_name(const struct gpt_entry *entry, char *out, size_t size)
{
    size_t at = 0;
    memset(out, 0, size);
    for (uint32_t i = 0; i < NAME_UNITS && get(entry->name + 2 * (size_t)i, 2) != 0;) {
        char text[4];
        uint32_t n = put_utf8(text, next_char(entry->name, &i));
        if (at + n >= size) {
            break;
        }
        memcpy(out + at, text, n);
        at += n;
    }
}
