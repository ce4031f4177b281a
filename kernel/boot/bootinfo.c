/* SPDX-License-Identifier: MIT */
/* What both protocols share: the checks of what they say, and the words of the command line. */
#include "bootinfo.h"

#include "app.h"
#include "app_words.h"
#include "isolate.h"
#include "words.h"

#include <kernel/string.h>

#include <ctx/ctx.h>

void boot_set_command_line(struct boot_info *info, const char *text, boot_words_fn *from_loader)
{
    size_t len = from_loader(info->command_line, sizeof info->command_line, text);
    info->command_line_cut = len >= sizeof info->command_line;
}

void boot_add_module(struct boot_info *info, paddr_t start, paddr_t end, const char *text,
                     boot_words_fn *from_loader)
{
    char *at = info->texts + info->texts_len;
    size_t room = sizeof info->texts - info->texts_len;
    size_t len = info->module_count < BOOT_MODULES ? from_loader(at, room, text) : room;
    if (len >= room) {
        info->modules_lost++;
        return;
    }
    info->texts_len += (uint32_t)len + 1;
    info->modules[info->module_count++] = (struct boot_module){start, end, at, NULL};
}

const char *boot_words_wrong(const char *command_line, const char *const *texts, uint32_t count,
                             const char **field, uint64_t *value)
{
    _Static_assert(BOOT_TEXT == 1024, "the texts below say so");
    _Static_assert(BOOT_TEXTS == 65536, "the texts below say so");
    _Static_assert(BOOT_MODULES == 1024, "the texts below say so");
    uint64_t all = 0;
    for (uint32_t i = 0; i < count; i++) {
        all += strlen(texts[i]) + 1;
    }
    *field = "words";
    *value = strlen(command_line);
    if (*value >= BOOT_TEXT) {
        return "the kernel's command line has at most 1023 bytes";
    }
    const char *why;
    enum isolate_mode mode;
    if (!isolate_read_mode(boot_word(command_line, "isolate"), &mode)) {
        *field = "isolate";
        *value = 0;
        return "it is off, prefer or require";
    }
    bool may;
    if (!isolate_read_rdtsc(boot_word(command_line, "isolate-rdtsc"), &may)) {
        *field = "isolate-rdtsc";
        *value = 0;
        return "it is on or off";
    }
    size_t len;
    for (const char *name, *p = command_line; (p = boot_next_value(p, "provider", &len)) != NULL;
         p += len) {
        why = app_provider_wrong(p, len, &name);
        if (why != NULL) {
            *field = "provider";
            *value = 0;
            return why;
        }
    }
    const char *number = boot_number_wrong(command_line, &why);
    if (number != NULL) {
        *field = number;
        *value = 0;
        return why;
    }
    *field = "modules";
    *value = count;
    if (count > BOOT_MODULES) {
        return "there are at most 1024 apps";
    }
    *field = "arguments";
    *value = all;
    return all <= BOOT_TEXTS ? NULL
                             : "the names and arguments of all apps have at most 65536 bytes";
}

#define FIRST_MIB     0x100000u
#define ADDRESS_LIMIT (1ull << 52) /* SDM 4.1.4: no processor has more address lines */

static bool overlap(uint64_t start, uint64_t end, uint64_t other_start, uint64_t other_end)
{
    return start < end && start < other_end && other_start < end;
}

static bool is_ram(const struct boot_range *r)
{
    return r->type == BOOT_MEMORY_USABLE || r->type == BOOT_MEMORY_ACPI ||
           r->type == BOOT_MEMORY_NVS || r->type == BOOT_MEMORY_BAD;
}

/* All of [start, end) is in entries of the map, or in usable ones only; they may adjoin. */
static bool is_covered(const struct boot_info *info, paddr_t start, paddr_t end, bool usable_only)
{
    bool moved = true;
    while (start < end && moved) {
        moved = false;
        for (uint32_t i = 0; i < info->range_count; i++) {
            const struct boot_range *r = &info->ranges[i];
            if ((!usable_only || r->type == BOOT_MEMORY_USABLE) && r->start <= start &&
                r->end > start) {
                start = r->end;
                moved = true;
            }
        }
    }
    return start >= end;
}

bool boot_is_usable(const struct boot_info *info, paddr_t start, paddr_t end)
{
    for (uint32_t i = 0; i < info->range_count; i++) {
        const struct boot_range *r = &info->ranges[i];
        if (r->type != BOOT_MEMORY_USABLE && overlap(start, end, r->start, r->end)) {
            return false;
        }
    }
    return is_covered(info, start, end, true);
}

bool boot_touches_ram(const struct boot_info *info, paddr_t start, paddr_t end)
{
    for (uint32_t i = 0; i < info->range_count; i++) {
        const struct boot_range *r = &info->ranges[i];
        if (is_ram(r) && overlap(start, end, r->start, r->end)) {
            return true;
        }
    }
    return false;
}

bool boot_is_named(const struct boot_info *info, paddr_t start, paddr_t end)
{
    return is_covered(info, start, end, false);
}

static const char *check_module(const struct boot_info *info, uint32_t no, paddr_t kernel_start,
                                paddr_t kernel_end)
{
    const struct boot_module *m = &info->modules[no];
    if (!boot_is_usable(info, m->start, m->end)) {
        return "the module lies outside of memory";
    }
    if (overlap(m->start, m->end, kernel_start, kernel_end)) {
        return "the module lies on the kernel";
    }
    if (overlap(m->start, m->end, info->info_start, info->info_end)) {
        return "the module lies on the boot loader's information";
    }
    for (uint32_t i = 0; i < no; i++) {
        const struct boot_module *o = &info->modules[i];
        bool same = o->start == m->start && o->end == m->end; /* one file, named twice */
        if (o->wrong == NULL && !same && overlap(m->start, m->end, o->start, o->end)) {
            return "the module lies on another one";
        }
    }
    return NULL;
}

static const char *check_framebuffer(const struct boot_info *info, paddr_t kernel_start,
                                     paddr_t kernel_end)
{
    const struct boot_framebuffer *fb = &info->framebuffer;
    uint64_t len = (uint64_t)fb->pitch * fb->height;
    if (fb->address >= ADDRESS_LIMIT || len > ADDRESS_LIMIT - fb->address) {
        return "its address is out of range";
    }
    uint64_t end = fb->address + len;
    if (boot_touches_ram(info, fb->address, end)) {
        return "it lies on memory";
    }
    if (overlap(fb->address, end, kernel_start, kernel_end)) {
        return "it lies on the kernel";
    }
    if (overlap(fb->address, end, info->info_start, info->info_end)) {
        return "it lies on the boot loader's information";
    }
    if (fb->address < FIRST_MIB) { /* firmware with no linear framebuffer says 0 */
        return "it lies in the first MiB";
    }
    return NULL;
}

void boot_check(struct boot_info *info, paddr_t kernel_start, paddr_t kernel_end)
{
    for (uint32_t i = 0; i < info->module_count; i++) {
        info->modules[i].wrong = check_module(info, i, kernel_start, kernel_end);
    }
    if (info->framebuffer.bpp != 0 && info->framebuffer_wrong == NULL) {
        info->framebuffer_wrong = check_framebuffer(info, kernel_start, kernel_end);
    }
    if (info->framebuffer_wrong != NULL) {
        info->framebuffer.bpp = 0;
    }
}

const char *boot_word(const char *command_line, const char *word)
{
    size_t len = strlen(word);
    for (const char *p = word_begin(command_line); *p != 0; p = word_begin(p + word_length(p))) {
        if (strncmp(p, word, len) == 0) {
            if (p[len] == '=') {
                return p + len + 1;
            }
            if (p[len] == 0 || p[len] == ' ') {
                return p + len;
            }
        }
    }
    return NULL;
}

const char *boot_next_value(const char *from, const char *word, size_t *len)
{
    size_t word_len = strlen(word);
    for (const char *p = word_begin(from); *p != 0; p = word_begin(p + word_length(p))) {
        if (strncmp(p, word, word_len) == 0 && p[word_len] == '=') {
            *len = word_length(p) - word_len - 1;
            return p + word_len + 1;
        }
    }
    return NULL;
}

/* Words that are numbers. */
static const struct range {
    const char *word;
    uint64_t least, most;
    const char *why;
} ranges[] = {
    {"context", 2, CTX_ABI_VERSION, "it takes a number from 2 to 3"},
    {"frame_us", 0, 1000000000, "it takes a number from 0 to 1000000000"},
    {"imagebench", 0, UINT32_MAX, "it takes a number from 0 to 4294967295"},
    {"stop", 0, UINT64_MAX, "it takes a number from 0 to 18446744073709551615"},
};
_Static_assert(CTX_ABI_VERSION == 3, "the text above says so");

/* All others, for whoever asks for one of them: a word that is in neither list is nobody's. */
static const char others[] =
    "blocktest debugexit force fresh hash isolate isolate-rdtsc layout nodisplay "
    "nomsix panic pointer poison provider rtc session slots to zone";

const char *boot_word_unknown(const char *from, size_t *len)
{
    for (const char *p = word_begin(from); *p != 0; p = word_begin(p + word_length(p))) {
        size_t n = 0;
        bool known = false;
        while (n < word_length(p) && p[n] != '=') {
            n++;
        }
        for (uint32_t i = 0; i < ARRAY_COUNT(ranges); i++) {
            known |= strlen(ranges[i].word) == n && memcmp(ranges[i].word, p, n) == 0;
        }
        for (const char *w = others; *w != 0; w = word_begin(w + word_length(w))) {
            known |= word_length(w) == n && memcmp(w, p, n) == 0;
        }
        if (!known) {
            *len = word_length(p);
            return p;
        }
    }
    return NULL;
}

static bool is_number(const struct range *r, const char *value, uint64_t *out)
{
    return text_to_u64(value, out) && *out >= r->least && *out <= r->most;
}

uint64_t boot_word_u64(const char *command_line, const char *word, uint64_t fallback)
{
    const char *value = boot_word(command_line, word);
    uint64_t number;
    for (uint32_t i = 0; value != NULL && i < ARRAY_COUNT(ranges); i++) {
        if (strcmp(ranges[i].word, word) == 0) {
            return is_number(&ranges[i], value, &number) ? number : fallback;
        }
    }
    return fallback;
}

const char *boot_number_wrong(const char *command_line, const char **why)
{
    for (uint32_t i = 0; i < ARRAY_COUNT(ranges); i++) {
        const char *value = boot_word(command_line, ranges[i].word);
        uint64_t number;
        if (value != NULL && !is_number(&ranges[i], value, &number)) {
            *why = ranges[i].why;
            return ranges[i].word;
        }
    }
    return NULL;
}
