/* SPDX-License-Identifier: MIT */
#include "needs.h"

#include "resource.h"

#include <kernel/string.h>

#include <ctx/note.h>

#define PT_NOTE       4u
#define PROGRAM_BYTES 56u
#define NOTE_HEAD     12u

static uint64_t number(const uint8_t *at, uint32_t bytes)
{
    uint64_t value = 0;
    memcpy(&value, at, bytes);
    return value;
}

static bool is_there(const char *id)
{
    for (uint32_t no = 0; no < CTX_TABLES; no++) {
        if (ctx_tables[no].optional == 0 && ctx_tables[no].id[0] != 0 &&
            strcmp(ctx_tables[no].id, id) == 0) {
            return true;
        }
    }
    return resources_offer(id);
}

/* The tags of one note; ctx_note_parse() has passed them, and yet no number is trusted. */
static bool missing_in_tags(const uint8_t *p, uint64_t len, char id[NEEDS_ID])
{
    while (len >= 4) {
        uint64_t size = number(p + 2, 2);
        if (size > len - 4) {
            return false;
        }
        if (number(p, 2) == CTX_NOTE_REQUIRED) {
            size_t part = MIN(size, (uint64_t)NEEDS_ID - 1);
            memcpy(id, p + 4, part);
            id[part] = 0;
            if (size >= NEEDS_ID || strlen(id) != size || !is_there(id)) {
                text_make_printable(id);
                return true;
            }
        }
        uint64_t step = MIN(4 + ALIGN_UP(size, UINT64_C(4)), len);
        p += step;
        len -= step;
    }
    return false;
}

static bool missing_in_segment(const uint8_t *n, uint64_t left, char id[NEEDS_ID])
{
    while (left >= NOTE_HEAD) {
        uint64_t name = ALIGN_UP(number(n, 4), UINT64_C(4)), desc = number(n + 4, 4);
        if (name > left - NOTE_HEAD || desc > left - NOTE_HEAD - name) {
            return false;
        }
        if (number(n, 4) == 4 && memcmp(n + NOTE_HEAD, "ctx", 4) == 0 && number(n + 8, 4) == 1 &&
            missing_in_tags(n + NOTE_HEAD + name, desc, id)) {
            return true;
        }
        uint64_t step = MIN(NOTE_HEAD + name + ALIGN_UP(desc, UINT64_C(4)), left);
        n += step;
        left -= step;
    }
    return false;
}

bool needs_missing(const struct program *program, char id[NEEDS_ID])
{
    uint64_t table = number(program->file + 32, 8), count = number(program->file + 56, 2);
    for (uint64_t i = 0; i < count; i++) {
        const uint8_t *ph = program->file + table + i * PROGRAM_BYTES;
        uint64_t at = number(ph + 8, 8), len = number(ph + 32, 8);
        if (number(ph, 4) == PT_NOTE && at <= program->len && len <= program->len - at &&
            missing_in_segment(program->file + at, len, id)) {
            return true;
        }
    }
    return false;
}

void needs_look_again(void)
{
    for (struct app *app = app_first(); app != NULL; app = app->next) {
        if (app->needs && app->base == 0 && app->fate == FATE_NONE) {
            ready_wake(app);
        }
    }
}
