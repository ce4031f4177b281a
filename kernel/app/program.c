/* SPDX-License-Identifier: MIT */
/*
 * An ELF file's sections are looked at here and nowhere else, and only for names: a file without
 * them, or with wrong ones, runs as well. Every number is checked before it is used.
 */
#include "program.h"

#include "heap.h"
#include "pack.h"

#include <kernel/machine.h>
#include <kernel/string.h>

#define SECTIONS_MAX  4096u
#define SHT_SYMTAB    2u
#define STT_FUNC      2u
#define PT_LOAD       1u
#define PT_NOTE       4u
#define PF_EXEC       1u
#define PF_WRITE      2u
#define NT_BUILD_ID   3u
#define SYMBOL_BYTES  24u
#define PROGRAM_BYTES 56u
#define SECTION_BYTES 64u

struct kept {
    struct program program; /* first: what others see */
    uint32_t users;
    uint64_t symbols_at, symbols; /* in bytes behind the file; how many */
    uint64_t strings_at, strings_len;
    uint64_t bytes; /* allocated for the file and its names */
    struct program_data data[ELF_SEGMENTS];
    bool data_hashed[ELF_SEGMENTS];
    uint32_t data_count;
    bool lent; /* one of the users is program_lend() */
    struct kept *next;
};

static struct kept *first; /* [boot, loop, in a call] */

static uint64_t word(const uint8_t *at, uint32_t bytes)
{
    uint64_t value = 0;
    memcpy(&value, at, bytes);
    return value;
}

/* The part of the file that loading needs: up to the end of the last segment. */
static uint64_t needed(const uint8_t *file, uint64_t len)
{
    uint64_t table = word(file + 32, 8);
    uint64_t count = word(file + 56, 2);
    uint64_t end = MIN(len, table + count * PROGRAM_BYTES);
    for (uint64_t i = 0; i < count; i++) {
        const uint8_t *ph = file + table + i * PROGRAM_BYTES;
        uint64_t at = word(ph + 8, 8), size = word(ph + 32, 8);
        if (at <= len && size <= len - at) {
            end = MAX(end, at + size);
        }
    }
    return end;
}

static void find_build_id(struct program *p)
{
    uint64_t table = word(p->file + 32, 8);
    uint64_t count = word(p->file + 56, 2);
    for (uint64_t i = 0; i < count; i++) {
        const uint8_t *ph = p->file + table + i * PROGRAM_BYTES;
        uint64_t at = word(ph + 8, 8), left = word(ph + 32, 8);
        if (word(ph, 4) != PT_NOTE || at > p->len || left > p->len - at) {
            continue;
        }
        const uint8_t *n = p->file + at;
        while (left >= 12) {
            uint64_t name = ALIGN_UP(word(n, 4), UINT64_C(4));
            uint64_t desc = ALIGN_UP(word(n + 4, 4), UINT64_C(4));
            if (name > left - 12 || desc > left - 12 - name) {
                break;
            }
            if (word(n + 8, 4) == NT_BUILD_ID && name == 4 && memcmp(n + 12, "GNU", 4) == 0) {
                p->build_id_len = (uint32_t)MIN(word(n + 4, 4), UINT64_C(20));
                memcpy(p->build_id, n + 12 + name, p->build_id_len);
            }
            left -= 12 + name + desc;
            n += 12 + name + desc;
        }
    }
}

struct piece {
    uint64_t at, len;
};

static bool section(const uint8_t *file, uint64_t len, uint64_t index, struct piece *out,
                    uint64_t *type, uint64_t *link)
{
    uint64_t table = word(file + 40, 8), count = word(file + 60, 2);
    if (word(file + 58, 2) != SECTION_BYTES || index >= count || count > SECTIONS_MAX ||
        table > len || count * SECTION_BYTES > len - table) {
        return false;
    }
    const uint8_t *sh = file + table + index * SECTION_BYTES;
    *type = word(sh + 4, 4);
    *link = word(sh + 40, 4);
    out->at = word(sh + 24, 8);
    out->len = word(sh + 32, 8);
    return out->at <= len && out->len <= len - out->at;
}

/* The symbol table and its strings; false: there are none. */
static bool find_symbols(const uint8_t *file, uint64_t len, struct piece *symbols,
                         struct piece *strings)
{
    uint64_t type, link, other;
    for (uint64_t i = 0; i < word(file + 60, 2); i++) {
        if (section(file, len, i, symbols, &type, &link) && type == SHT_SYMTAB) {
            return section(file, len, link, strings, &type, &other) && strings->len > 0;
        }
    }
    return false;
}

static struct kept *find_same(const uint8_t *file, uint64_t len)
{
    for (struct kept *k = first; k != NULL; k = k->next) {
        if (k->program.len == len && memcmp(k->program.file, file, len) == 0) {
            return k;
        }
    }
    return NULL;
}

uint64_t program_pages(const uint8_t *file, uint64_t len)
{
    struct piece symbols, strings;
    uint64_t bytes = needed(file, len);
    if (find_symbols(file, len, &symbols, &strings)) {
        bytes += symbols.len + strings.len;
    }
    return ALIGN_UP(bytes, (uint64_t)PAGE_SIZE) / PAGE_SIZE + 1;
}

struct program *program_keep(const uint8_t *file, uint64_t len, const struct ctx_note *note)
{
    struct piece symbols, strings;
    struct program_parts parts = {.file = file, .len = needed(file, len)};
    if (find_symbols(file, len, &symbols, &strings)) {
        parts.symbols = file + symbols.at;
        parts.symbols_len = symbols.len;
        parts.strings = file + strings.at;
        parts.strings_len = strings.len;
    }
    return program_keep_parts(&parts, note);
}

void program_parts(const struct program *program, struct program_parts *out)
{
    const struct kept *k = (const struct kept *)program;
    *out = (struct program_parts){
        .file = k->program.file,
        .len = k->program.len,
        .symbols = k->program.file + k->symbols_at,
        .symbols_len = k->symbols * SYMBOL_BYTES,
        .strings = k->program.file + k->strings_at,
        .strings_len = k->strings_len,
    };
}

/* Segments that are only read and hold much, what images name by its hash: at most ELF_SEGMENTS
 * into out, without their hashes; NULL: only how many there are. */
static uint32_t find_data(const uint8_t *file, uint64_t len, struct program_data *out)
{
    uint64_t table = word(file + 32, 8), count = word(file + 56, 2);
    uint64_t from = ALIGN_UP(table + count * PROGRAM_BYTES, (uint64_t)PAGE_SIZE);
    uint32_t found = 0;
    for (uint64_t i = 0; i < count && found < ELF_SEGMENTS; i++) {
        const uint8_t *ph = file + table + i * PROGRAM_BYTES;
        uint64_t at = word(ph + 8, 8), size = word(ph + 32, 8);
        if (word(ph, 4) != PT_LOAD || (word(ph + 4, 4) & (PF_WRITE | PF_EXEC)) != 0 || at > len ||
            size > len - at) {
            continue;
        }
        uint64_t begin = MAX(ALIGN_UP(at, (uint64_t)PAGE_SIZE), from);
        uint64_t end = ALIGN_DOWN(at + size, (uint64_t)PAGE_SIZE);
        if (end > begin && end - begin >= PROGRAM_NAMED_LEAST) {
            if (out != NULL) {
                out[found] = (struct program_data){begin, end - begin, 0};
            }
            found++;
            from = end;
        }
    }
    return found;
}

/* The file begins a page: apps may be shown its data where they lie. */
static uint8_t *alloc_file(struct kept *k, uint64_t bytes)
{
    k->bytes = ALIGN_UP(bytes, (uint64_t)PAGE_SIZE);
    return heap_alloc(k->bytes);
}

struct program *program_keep_parts(const struct program_parts *parts, const struct ctx_note *note)
{
    struct kept *k = find_same(parts->file, parts->len);
    if (k != NULL) {
        k->users++;
        return &k->program;
    }
    bool named = parts->symbols_len >= SYMBOL_BYTES && parts->strings_len > 0;
    uint64_t symbols = named ? parts->symbols_len / SYMBOL_BYTES * SYMBOL_BYTES : 0;
    uint64_t strings = named ? parts->strings_len : 0;
    k = heap_alloc(sizeof *k);
    uint8_t *data = k != NULL ? alloc_file(k, parts->len + symbols + strings) : NULL;
    if (k != NULL && data == NULL && symbols > 0) { /* better without names than not at all */
        symbols = 0;
        strings = 0;
        data = alloc_file(k, parts->len);
    }
    if (data == NULL) {
        heap_free(k, sizeof *k);
        return NULL;
    }
    memcpy(data, parts->file, parts->len);
    if (symbols > 0) {
        memcpy(data + parts->len, parts->symbols, symbols);
        memcpy(data + parts->len + symbols, parts->strings, strings);
    }
    k->program.file = data;
    k->program.len = parts->len;
    k->users = 1;
    k->symbols_at = parts->len;
    k->symbols = symbols / SYMBOL_BYTES;
    k->strings_at = parts->len + symbols;
    k->strings_len = symbols > 0 ? strings : 0;
    if (CTX_NOTE_HAS(note, CTX_NOTE_VERSION)) {
        memcpy(k->program.version, note->version,
               MIN((size_t)note->version_len, sizeof k->program.version - 1));
        text_make_printable(k->program.version);
    }
    find_build_id(&k->program);
    k->data_count = find_data(data, parts->len, k->data);
    k->next = first;
    first = k;
    return &k->program;
}

/* ---- the file's bytes ---- */

paddr_t program_shown(const struct program *program, uint32_t no)
{
    const struct elf_segment *s = &program->segments[no];
    const uint8_t *from = program->file + ALIGN_DOWN(s->file_at, (uint64_t)PAGE_SIZE);
    return elf_is_shown(s) ? machine_direct_paddr(from) : 0;
}

uint64_t program_hash(struct program *program)
{
    if (!program->hashed) {
        program->hash = checksum(program->file, program->len);
        program->hashed = true;
    }
    return program->hash;
}

bool program_data(struct program *program, uint32_t no, struct program_data *out)
{
    struct kept *k = (struct kept *)program;
    if (no >= k->data_count) {
        return false;
    }
    struct program_data *d = &k->data[no];
    if (!k->data_hashed[no]) {
        d->hash = checksum(program->file + d->at, d->len);
        k->data_hashed[no] = true;
    }
    *out = *d;
    return true;
}

const uint8_t *program_find_data(uint64_t len, uint64_t hash)
{
    for (struct kept *k = first; k != NULL; k = k->next) {
        for (uint32_t i = 0; i < k->data_count; i++) {
            struct program_data d;
            if (k->data[i].len == len && program_data(&k->program, i, &d) && d.hash == hash) {
                return k->program.file + d.at;
            }
        }
    }
    return NULL;
}

bool program_lend(const uint8_t *file, uint64_t len)
{
    static const struct ctx_note no_note;
    struct elf_plan plan;
    struct elf_error error;
    if (!elf_check(file, len, &plan, &error) || find_data(file, len, NULL) == 0) {
        return true;
    }
    struct kept *k = (struct kept *)program_keep(file, len, plan.has_note ? &plan.note : &no_note);
    if (k != NULL && k->lent) {
        k->users--;
    } else if (k != NULL) {
        k->lent = true;
    }
    return k != NULL;
}

void program_lend_end(void)
{
    for (struct kept *k = first, *next; k != NULL; k = next) {
        next = k->next;
        if (k->lent) {
            k->lent = false;
            program_drop(&k->program);
        }
    }
}

void program_drop(struct program *program)
{
    struct kept *k = (struct kept *)program;
    if (k == NULL || --k->users > 0) {
        return;
    }
    for (struct kept **p = &first; *p != NULL; p = &(*p)->next) {
        if (*p == k) {
            *p = k->next;
            break;
        }
    }
    heap_free((void *)k->program.file, k->bytes);
    heap_free(k, sizeof *k);
}

bool program_find(const struct program *program, uint64_t vaddr, struct program_symbol *out)
{
    const struct kept *k = (const struct kept *)program;
    const char *strings = (const char *)k->program.file + k->strings_at;
    uint64_t best = 0;
    out->name = NULL;
    for (uint64_t i = 0; i < k->symbols; i++) {
        const uint8_t *s = k->program.file + k->symbols_at + i * SYMBOL_BYTES;
        uint64_t name = word(s, 4), value = word(s + 8, 8), size = word(s + 16, 8);
        bool function = (s[4] & 15) == STT_FUNC;
        bool inside =
            vaddr >= value && (size == 0 || vaddr - value < size); /* any size: a file's */
        if (!function || !inside || name >= k->strings_len || (out->name != NULL && value < best)) {
            continue;
        }
        best = value;
        out->name = strings + name;
        out->offset = vaddr - value;
    }
    /* Of the best one alone: each symbol of a file may have a name that does not end. */
    uint64_t left = out->name != NULL ? k->strings_len - (uint64_t)(out->name - strings) : 0;
    out->name_len = 0;
    while (out->name_len < MIN(left, (uint64_t)PROGRAM_NAME_MOST) &&
           out->name[out->name_len] != 0) {
        out->name_len++;
    }
    return out->name_len > 0;
}
