/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <ctx/note.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ctx_note note;
    const char *why = NULL;
    memset(&note, 0, sizeof note);
    size_t half = size / 2 & ~(size_t)3;
    /* Two segments in a row, as a file may have. */
    int32_t found = ctx_note_parse(&note, data, half, &why);
    if (found >= 0) {
        found = ctx_note_parse(&note, data + half, size - half, &why);
    }
    FUZZ_MUST(found >= 0 || why != NULL);
    if (CTX_NOTE_HAS(&note, CTX_NOTE_NAME)) {
        FUZZ_MUST((const uint8_t *)note.name + note.name_len <= data + size);
    }
    if (CTX_NOTE_HAS(&note, CTX_NOTE_STACK)) {
        FUZZ_MUST(note.stack_bytes >= 0x2000 && note.stack_bytes <= 0x100000);
    }
    return 0;
}

size_t fuzz_seed(uint32_t no, uint8_t *buf)
{
    static const char one[] = "\4\0\0\0\x28\0\0\0\1\0\0\0ctx\0" /* 40 bytes of tags */
                              "\1\0\4\0\3\0\7\0"
                              "\5\0\4\0\0\x40\0\0"
                              "\7\0\x08\0\1\2\3\4\5\6\7\x08"
                              "\x09\0\5\0paint\0\0\0";
    size_t len = sizeof one - 1;
    if (no > 1) {
        return 0;
    }
    memcpy(buf, one, len);
    if (no == 1) {
        memcpy(buf + len, one, len);
    }
    return len * (no + 1);
}
