/* SPDX-License-Identifier: MIT */
/*
 * What a boot loader told us, in one shape for both protocols. Filled by the parsers in
 * multiboot2.c and pvh.c, which trust nothing: every offset, length and count is checked against
 * the bytes that are really there.
 */
#ifndef KERNEL_BOOTINFO_H
#define KERNEL_BOOTINFO_H

#include <kernel/types.h>

enum boot_protocol {
    BOOT_MULTIBOOT2 = 1, /* the numbers are known to boot/boot.S */
    BOOT_PVH = 2,
};

#define BOOT_RANGES  128u
#define BOOT_MODULES 1024u
#define BOOT_TEXT    1024u
#define BOOT_TEXTS   65536u

enum boot_memory {
    BOOT_MEMORY_USABLE = 1,
    BOOT_MEMORY_RESERVED = 2,
    BOOT_MEMORY_ACPI = 3,
    BOOT_MEMORY_NVS = 4,
    BOOT_MEMORY_BAD = 5,
};

struct boot_range {
    uint64_t start, end; /* bytes; end exclusive; start < end */
    uint32_t type;       /* enum boot_memory; anything unknown counts as reserved */
};

struct boot_module {
    paddr_t start, end; /* bytes; end exclusive; start <= end */
    const char *text;   /* name and arguments, as <words.h> has them; in boot_info.texts */
    const char *wrong;  /* why it is not used, NULL if it is */
};

struct boot_framebuffer {
    paddr_t address;
    uint32_t pitch, width, height; /* pitch in bytes */
    uint8_t bpp;                   /* 16, 24, 32; 0 = there is none */
    uint8_t red_shift, red_bits, green_shift, green_bits, blue_shift, blue_bits;
};

struct boot_info {
    enum boot_protocol protocol;
    char loader[64];
    char command_line[BOOT_TEXT]; /* as <words.h> has it, whoever the loader is */
    bool command_line_cut;
    char texts[BOOT_TEXTS]; /* of all modules, so that the loader's memory can be used */
    uint32_t texts_len;
    struct boot_range ranges[BOOT_RANGES];
    uint32_t range_count;
    struct boot_module modules[BOOT_MODULES];
    uint32_t module_count;
    struct boot_framebuffer framebuffer;
    const char *framebuffer_wrong; /* why one that was named is not used (its bpp is 0 then) */
    paddr_t rsdp;                  /* 0 = not told */
    paddr_t info_start,
        info_end; /* where the loader's tables lie: to be kept until the modules are read */
    uint32_t ranges_lost, modules_lost; /* more than fit here */
};

/*
 * Memory as the parsers see it: a pointer to len bytes at a physical address, NULL if they are not
 * all there. On the target this is the direct map, in tests an array.
 */
typedef const uint8_t *boot_memory_fn(paddr_t address, uint64_t len, void *arg);

/*
 * Both fill *info (zeroed first). False: the information is unusable, and *why says what,
 * statically; *info then holds what was read before that.
 */
bool multiboot2_parse(struct boot_info *info, paddr_t address, boot_memory_fn *memory, void *arg,
                      const char **why);
bool pvh_parse(struct boot_info *info, paddr_t address, boot_memory_fn *memory, void *arg,
               const char **why);

/*
 * Whether [start, end) is memory for everybody: all of it usable, none of it claimed by another
 * entry of the map. An empty range is.
 */
bool boot_is_usable(const struct boot_info *info, paddr_t start, paddr_t end);

/* Whether any byte of it is RAM of whatever kind, so that no device's registers can be there. */
bool boot_touches_ram(const struct boot_info *info, paddr_t start, paddr_t end);

/* Whether the map names all of it, as whatever: neither RAM nor firmware is anywhere else. */
bool boot_is_named(const struct boot_info *info, paddr_t start, paddr_t end);

/*
 * What the loader says, against its own memory map, the kernel's place and each other. Modules
 * that can not be where they are said to be get a reason in `wrong`; so does a framebuffer, and
 * its bpp becomes 0. Pure; called once, before anything at these addresses is touched.
 */
void boot_check(struct boot_info *info, paddr_t kernel_start, paddr_t kernel_end);

/*
 * What a loader can not be told: NULL, or why, for whoever writes its menu. texts are as modules'
 * are kept; *field is what is wrong, *value how much of it there is.
 */
const char *boot_words_wrong(const char *command_line, const char *const *texts, uint32_t count,
                             const char **field, uint64_t *value);

/* For the parsers: from_loader is words_from_plain() or words_from_grub(). A module whose text
 * finds no room counts as lost. */
typedef size_t boot_words_fn(char *out, size_t size, const char *text);
void boot_set_command_line(struct boot_info *info, const char *text, boot_words_fn *from_loader);
void boot_add_module(struct boot_info *info, paddr_t start, paddr_t end, const char *text,
                     boot_words_fn *from_loader);

/* The next boot word `word=VALUE` from here on, which may come several times: its value, *len bytes
 * of it; NULL: there is none. */
const char *boot_next_value(const char *from, const char *word, size_t *len);

/* The value of a boot word: "" for `word`, "x" for `word=x`, NULL if it is not there. Ends at a
 * space; not terminated there. */
const char *boot_word(const char *command_line, const char *word);

/* The same as a number; fallback when it is missing, no number, or not in the word's range. */
uint64_t boot_word_u64(const char *command_line, const char *word, uint64_t fallback);

/* The first word for which that fallback is taken though it is there: its name, NULL for none, and
 * what it can be. */
const char *boot_number_wrong(const char *command_line, const char **why);

/* The next word from here on that the kernel does not have, *len bytes of it, a value included;
 * NULL: there is none. */
const char *boot_word_unknown(const char *from, size_t *len);

#endif
