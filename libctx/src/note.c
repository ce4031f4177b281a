/* SPDX-License-Identifier: MIT */
/* The app's ELF note. Walked in steps of 4 bytes whatever the segment's alignment says: compilers
 * align sections more. */
#include <ctx/gates.h>
#include <ctx/note.h>

#define NOTE_HEAD 12u
#define NOTE_TYPE 1u
#define STACK_MIN 0x2000u
#define STACK_MAX 0x100000u

static uint64_t get(const uint8_t *p, uint32_t size)
{
    uint64_t v = 0;
    for (uint32_t i = 0; i < size; i++) {
        v |= (uint64_t)p[i] << (8 * i);
    }
    return v;
}

static uint64_t round4(uint64_t n)
{
    return (n + 3) & ~3ull;
}

/* Store a scalar; an equal duplicate is fine. */
static int32_t set(struct ctx_note *note, uint32_t tag, uint64_t *field, uint64_t value)
{
    if (CTX_NOTE_HAS(note, tag) && *field != value) {
        return -1;
    }
    *field = value;
    note->has |= 1u << tag;
    return 0;
}

static int32_t set_text(struct ctx_note *note, uint32_t tag, const char **text, uint16_t *text_len,
                        const uint8_t *p, uint16_t len)
{
    if (CTX_NOTE_HAS(note, tag)) {
        if (*text_len != len) {
            return -1;
        }
        for (uint16_t i = 0; i < len; i++) {
            if ((uint8_t)(*text)[i] != p[i]) {
                return -1;
            }
        }
        return 0;
    }
    *text = (const char *)p;
    *text_len = len;
    note->has |= 1u << tag;
    return 0;
}

/* The number of the table with this id, -1 if there is none. */
static int32_t find_table(const uint8_t *id, uint16_t len)
{
    for (uint32_t no = 0; no < CTX_TABLES; no++) {
        const char *known = ctx_tables[no].id;
        uint16_t i = 0;
        while (i < len && known[i] != 0 && (uint8_t)known[i] == id[i]) {
            i++;
        }
        if (i > 0 && i == len && known[i] == 0) {
            return (int32_t)no;
        }
    }
    return -1;
}

static int32_t tag_is(struct ctx_note *note, uint32_t tag, const uint8_t *p, uint16_t len,
                      const char **why)
{
    static const uint8_t sizes[] = {0, 4, 4, 0, 0, 4, 4, 8, 4, 0, 0, 4, 0};
    if (tag == 0 || tag >= sizeof sizes) {
        return 0; /* from a later version */
    }
    if (sizes[tag] != 0 && len != sizes[tag]) {
        *why = "a tag has the wrong length";
        return -1;
    }
    uint64_t value = get(p, sizes[tag]);
    uint64_t field = 0;
    int32_t result = 0;
    int32_t table;
    *why = "two notes contradict each other";
    switch (tag) {
    case CTX_NOTE_BUILT_FOR:
        field = (uint64_t)note->built_for | (uint64_t)note->draft << 16;
        result = set(note, tag, &field, value);
        note->built_for = (uint16_t)value;
        note->draft = (uint16_t)(value >> 16);
        break;
    case CTX_NOTE_MINIMUM:
        field = note->minimum;
        result = set(note, tag, &field, value);
        note->minimum = (uint32_t)value;
        break;
    case CTX_NOTE_REQUIRED:
        note->required_count++;
        table = find_table(p, len);
        if (note->missing == 0 && table < 0) {
            note->missing = (const char *)p;
            note->missing_len = len;
        }
        note->listed |= table >= 0 ? 1ull << table : 0;
        note->has |= 1u << tag;
        break;
    case CTX_NOTE_OPTIONAL:
        table = find_table(p, len);
        note->listed |= table >= 0 ? 1ull << table : 0;
        note->has |= 1u << tag;
        break;
    case CTX_NOTE_STACK:
        if (value < STACK_MIN || value > STACK_MAX) {
            *why = "stack bytes out of range, 8 KiB to 1 MiB";
            return -1;
        }
        field = note->stack_bytes;
        result = set(note, tag, &field, value);
        note->stack_bytes = (uint32_t)value;
        break;
    case CTX_NOTE_RESTART:
        field = note->restart;
        result = set(note, tag, &field, value);
        note->restart = (uint32_t)value;
        break;
    case CTX_NOTE_BUDGET:
        result = set(note, tag, &note->budget_ns, value);
        break;
    case CTX_NOTE_STORE:
        field = note->store_version;
        result = set(note, tag, &field, value);
        note->store_version = (uint32_t)value;
        break;
    case CTX_NOTE_NAME:
        result = set_text(note, tag, &note->name, &note->name_len, p, len);
        break;
    case CTX_NOTE_VERSION:
        result = set_text(note, tag, &note->version, &note->version_len, p, len);
        break;
    case CTX_NOTE_FLAGS:
        field = note->flags;
        result = set(note, tag, &field, value);
        note->flags = (uint32_t)value;
        break;
    default:
        note->has |= 1u << tag;
        break;
    }
    return result;
}

static int32_t descriptor(struct ctx_note *note, const uint8_t *p, uint64_t len, const char **why)
{
    while (len >= 4) {
        uint16_t tag = (uint16_t)get(p, 2);
        uint16_t size = (uint16_t)get(p + 2, 2);
        if (size > len - 4) {
            *why = "a tag reaches past the note's end";
            return -1;
        }
        if (tag_is(note, tag, p + 4, size, why) != 0) {
            return -1;
        }
        uint64_t step = 4 + round4(size);
        step = step < len ? step : len;
        p += step;
        len -= step;
    }
    return 0;
}

int32_t ctx_note_parse(struct ctx_note *note, const uint8_t *segment, uint64_t len,
                       const char **why)
{
    int32_t found = 0;
    while (len >= NOTE_HEAD) {
        uint64_t name_len = get(segment, 4);
        uint64_t desc_len = get(segment + 4, 4);
        uint64_t total = NOTE_HEAD + round4(name_len) + round4(desc_len);
        if (NOTE_HEAD + round4(name_len) + desc_len > len) {
            *why = "a note reaches past its segment's end";
            return -1;
        }
        const uint8_t *name = segment + NOTE_HEAD;
        if (name_len == 4 && name[0] == 'c' && name[1] == 't' && name[2] == 'x' && name[3] == 0 &&
            get(segment + 8, 4) == NOTE_TYPE) {
            found = 1;
            if (descriptor(note, segment + NOTE_HEAD + 4, desc_len, why) != 0) {
                return -1;
            }
        }
        total = total < len ? total : len;
        segment += total;
        len -= total;
    }
    return found;
}

int32_t ctx_note_fits(const struct ctx_note *note, uint32_t version, uint32_t draft)
{
    if (!CTX_NOTE_HAS(note, CTX_NOTE_BUILT_FOR) || note->built_for < 3) {
        return 1;
    }
    if (note->built_for > version) {
        return draft == 0;
    }
    return note->draft == (note->built_for == version ? draft : 0);
}
