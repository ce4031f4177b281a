/* SPDX-License-Identifier: MIT */
/*
 * The files compiled in, as libctx/sdk/ctx-files.py packs them: a head, an index in which the
 * children of a folder lie side by side and sorted, their names, and the bytes. Whoever built the
 * app wrote it, so it is not suspected. It is only read, and nothing of it is copied.
 */
#include "files.h"

#include <string.h>

struct ctx_c_rom {
    uint64_t magic;
    uint32_t version;
    uint32_t count;
    uint64_t names; /* bytes from the start */
    uint64_t size;
    struct ctx_c_rom_entry entries[];
};

_Static_assert(sizeof(struct ctx_c_rom_entry) == 40 && sizeof(struct ctx_c_rom) == 32,
               "ctx-files.py writes them");

/* Of the object that ctx-files.py has made; an app without FILES has none. */
extern const struct ctx_c_rom ctx_c_rom __attribute__((weak, visibility("hidden")));

const struct ctx_c_rom *ctx_c_rom_of_app(void)
{
    return &ctx_c_rom;
}

const struct ctx_c_rom_entry *ctx_c_rom_entry(const struct ctx_c_rom *rom, uint64_t index)
{
    return &rom->entries[index];
}

const char *ctx_c_rom_name(const struct ctx_c_rom *rom, const struct ctx_c_rom_entry *entry)
{
    return (const char *)rom + rom->names + entry->name;
}

const void *ctx_c_rom_data(const struct ctx_c_rom *rom, const struct ctx_c_rom_entry *entry)
{
    return (const char *)rom + entry->at;
}

ino_t ctx_c_rom_number(const struct ctx_c_rom *rom, const struct ctx_c_rom_entry *entry)
{
    return (ino_t)(entry - rom->entries) + 1;
}

const struct ctx_c_rom_entry *ctx_c_rom_child(const struct ctx_c_rom *rom,
                                              const struct ctx_c_rom_entry *folder,
                                              const char *name, size_t len)
{
    uint64_t low = 0, high = folder->kind == CTX_C_ROM_FOLDER ? folder->size : 0;
    while (low < high) {
        uint64_t middle = (low + high) / 2;
        const struct ctx_c_rom_entry *entry = &rom->entries[folder->at + middle];
        size_t common = len < entry->name_len ? len : entry->name_len;
        int order = memcmp(name, ctx_c_rom_name(rom, entry), common);
        if (order == 0 && len == entry->name_len) {
            return entry;
        }
        if (order < 0 || (order == 0 && len < entry->name_len)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}
