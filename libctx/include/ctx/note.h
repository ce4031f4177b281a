/* SPDX-License-Identifier: MIT */
/*
 * <ctx/note.h> - what an app says about itself in its ELF note: owner "ctx", type 1, found through
 * PT_NOTE.
 *
 * The descriptor is a sequence of { u16 tag, u16 len, payload, padding to 4 bytes }; len counts the
 * payload. Unknown tags are skipped, several notes add up, equal duplicates of a value are allowed
 * and different ones refused. All notes of a file together have a MiB at most, and 256 required
 * interfaces. The format is
 * frozen. An app without a note is of versions 1 and 2.
 */
#ifndef CTX_NOTE_H
#define CTX_NOTE_H

#include <ctx/tables.h>

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CTX_NOTE_BUILT_FOR 1  /* u16 version, u16 draft serial */
#define CTX_NOTE_MINIMUM   2  /* u32 version */
#define CTX_NOTE_REQUIRED  3  /* an interface id, UTF-8 */
#define CTX_NOTE_OPTIONAL  4  /* an interface id, UTF-8 */
#define CTX_NOTE_STACK     5  /* u32 bytes, 8 KiB to 1 MiB */
#define CTX_NOTE_RESTART   6  /* u32 restart policy */
#define CTX_NOTE_BUDGET    7  /* u64 nanoseconds for one call */
#define CTX_NOTE_STORE     8  /* u32 version of the store's layout */
#define CTX_NOTE_NAME      9  /* UTF-8 */
#define CTX_NOTE_VERSION   10 /* the app's own version, UTF-8 */
#define CTX_NOTE_FLAGS     11 /* u32 */
#define CTX_NOTE_CRITICAL  12 /* empty */

/*
 * Tag 11. TELL_RESTORED: after a restore the first event is CTX_EVENT_RESTORED. NO_UNDO: what its
 * calls do cannot be taken back, so none is ever undone; the restart policy UNDO begins it anew
 * instead. FRESH_ON_RESTORE: it must never come back from an image, because what it holds is only
 * true once (the pages of a disk, connections): a session starts it anew from its file, and
 * restoring an image of it alone is refused.
 */
#define CTX_NOTE_TELL_RESTORED    1u
#define CTX_NOTE_NO_UNDO          2u
#define CTX_NOTE_FRESH_ON_RESTORE 4u

/* What a note said. has bit n is set when tag n was there. Strings point into the parsed bytes. */
struct ctx_note {
    uint32_t has;
    uint16_t built_for;
    uint16_t draft;
    uint32_t minimum;
    uint32_t stack_bytes;
    uint32_t restart;
    uint32_t store_version;
    uint32_t flags;
    uint64_t budget_ns;
    const char *name; /* name_len bytes, not terminated */
    const char *version;
    uint16_t name_len;
    uint16_t version_len;
    uint32_t required_count; /* how many tags 3 there are */
    const char *missing;     /* the first of them that <ctx/tables.h> does not have; NULL: none */
    uint16_t missing_len;
    uint64_t listed; /* tables of <ctx/tables.h>, required or optional: bit CTX_TABLE_* */
};

/*
 * The note of a version 3 app, once per app at file scope: CTX_NOTE(3) runs on kernels from version
 * 3 on, CTX_NOTE(2) also on older ones, where it gets a Context of version 2.
 */
#define CTX_NOTE(minimum_version)                                                                  \
    __attribute__((section(".note.ctx"), aligned(4), used)) static const struct {                  \
        uint32_t name_len, desc_len, type;                                                         \
        char name[4];                                                                              \
        uint16_t tag1, len1, built_for, draft;                                                     \
        uint16_t tag2, len2;                                                                       \
        uint32_t minimum;                                                                          \
    } ctx_note_ = {4, 16, 1, "ctx", 1, 4, 3, CTX_DRAFT_SERIAL, 2, 4, minimum_version}

/*
 * One more word for the note, in C: CTX_NOTE_TEXT(CTX_NOTE_NAME, "snake"), CTX_NOTE_VERSION, or, as
 * often as it takes, CTX_NOTE_REQUIRED and CTX_NOTE_OPTIONAL with the id of an interface.
 */
#define CTX_NOTE_TEXT(text_tag, text)            CTX_NOTE_TEXT_COUNTED(text_tag, text, __COUNTER__)
#define CTX_NOTE_TEXT_COUNTED(text_tag, text, n) CTX_NOTE_TEXT_NAMED(text_tag, text, n)
#define CTX_NOTE_TEXT_NAMED(text_tag, text, n)                                                     \
    __attribute__((section(".note.ctx"), aligned(4), used)) static const struct {                  \
        uint32_t name_len, desc_len, type;                                                         \
        char name[4];                                                                              \
        uint16_t tag, len;                                                                         \
        char bytes[(sizeof(text) + 2) & ~(size_t)3];                                               \
    } ctx_note_text_##n = {                                                                        \
        4, 4 + ((sizeof(text) + 2) & ~(size_t)3), 1, "ctx", text_tag, sizeof(text) - 1, text}

/*
 * Likewise a number of 32 bits: CTX_NOTE_NUMBER(CTX_NOTE_STACK, 512 * 1024), CTX_NOTE_RESTART or
 * CTX_NOTE_FLAGS.
 */
#define CTX_NOTE_NUMBER(number_tag, number)            CTX_NOTE_NUMBER_COUNTED(number_tag, number, __COUNTER__)
#define CTX_NOTE_NUMBER_COUNTED(number_tag, number, n) CTX_NOTE_NUMBER_NAMED(number_tag, number, n)
#define CTX_NOTE_NUMBER_NAMED(number_tag, number, n)                                               \
    __attribute__((section(".note.ctx"), aligned(4), used)) static const struct {                  \
        uint32_t name_len, desc_len, type;                                                         \
        char name[4];                                                                              \
        uint16_t tag, len;                                                                         \
        uint32_t value;                                                                            \
    } ctx_note_number_##n = {4, 8, 1, "ctx", number_tag, 4, number}

#define CTX_NOTE_HAS(note, tag) (((note)->has >> (tag)) & 1u)

/*
 * Add one PT_NOTE segment's bytes to *note, which the caller zeroed before the first one. Notes of
 * other owners are stepped over. Returns 1 if a note of ours was found, 0 if none, -1 if the
 * segment is malformed or contradicts what *note holds; then *why says what, statically.
 */
int32_t ctx_note_parse(struct ctx_note *note, const uint8_t *segment, uint64_t len,
                       const char **why);

/*
 * Whether a system that offers `version`, in this draft of it (0: it is frozen), has what an app
 * was built for. A frozen version has all that was built for it and for older ones, and what a
 * younger app asks for beyond it answers NOSYS; a draft only has what was built for the same draft;
 * and what was built for a draft that is frozen now has to be compiled again. 1: yes.
 */
int32_t ctx_note_fits(const struct ctx_note *note, uint32_t version, uint32_t draft);

#ifdef __cplusplus
}
#endif
#endif
