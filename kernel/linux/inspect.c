/* SPDX-License-Identifier: MIT */
/* `ctx info` and `ctx check`: what a file is, and what the loader would say to it. */
#include "app.h"
#include "bootinfo.h"
#include "canvas.h"
#include "elf.h"
#include "frame.h"
#include "insn.h"
#include "isolate.h"
#include "keep.h"
#include "klog_private.h"
#include "linux.h"
#include "options.h"
#include "slot.h"
#include "tool.h"
#include "words.h"

#include <kernel/klog.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK_MIB 256u /* the largest image that a slot can hold, nearly */

/* ---- info ---- */

static uint64_t get(const uint8_t *p, uint32_t size)
{
    uint64_t v = 0;
    memcpy(&v, p, size);
    return v;
}

/* The interface ids of one kind in a descriptor that ctx_note_parse() has found good. */
static void print_ids(const uint8_t *at, uint64_t len, uint32_t tag, const char *what)
{
    for (uint64_t i = 0; i + 4 <= len;) {
        uint64_t size = get(at + i + 2, 2);
        if (get(at + i, 2) == tag && size <= len - i - 4) {
            printf("  %-10s %.*s\n", what, (int)size, (const char *)at + i + 4);
        }
        i += 4 + ALIGN_UP(size, UINT64_C(4));
    }
}

/* All PT_NOTE segments; elf_check() has seen that they lie in the file. */
static void print_note_ids(const uint8_t *file)
{
    uint64_t count = get(file + 56, 2);
    for (uint64_t i = 0; i < count; i++) {
        const uint8_t *header = file + get(file + 32, 8) + i * 56;
        if (get(header, 4) != 4) { /* only of notes is known where they lie */
            continue;
        }
        const uint8_t *note = file + get(header + 8, 8);
        uint64_t left = get(header + 32, 8);
        while (left >= 12) {
            uint64_t name = ALIGN_UP(get(note, 4), UINT64_C(4));
            uint64_t desc = get(note + 4, 4);
            uint64_t all = 12 + name + ALIGN_UP(desc, UINT64_C(4));
            if (all > left) {
                break;
            }
            if (get(note, 4) == 4 && memcmp(note + 12, "ctx", 4) == 0 && get(note + 8, 4) == 1) {
                print_ids(note + 12 + name, desc, CTX_NOTE_REQUIRED, "required");
                print_ids(note + 12 + name, desc, CTX_NOTE_OPTIONAL, "optional");
            }
            note += all;
            left -= all;
        }
    }
}

static void print_note(const uint8_t *file, const struct elf_plan *plan)
{
    const struct ctx_note *n = &plan->note;
    if (!plan->has_note) {
        printf("  note       none: an app of versions 1 and 2\n");
        return;
    }
    if (CTX_NOTE_HAS(n, CTX_NOTE_NAME)) {
        printf("  name       %.*s\n", n->name_len, n->name);
    }
    if (CTX_NOTE_HAS(n, CTX_NOTE_VERSION)) {
        printf("  version    %.*s\n", n->version_len, n->version);
    }
    if (CTX_NOTE_HAS(n, CTX_NOTE_BUILT_FOR)) {
        printf("  built for  Context %u", n->built_for);
        if (n->draft != 0) { /* before it was frozen */
            printf(", draft %u", n->draft);
        }
        putchar('\n');
    }
    if (CTX_NOTE_HAS(n, CTX_NOTE_MINIMUM)) {
        printf("  minimum    Context %u\n", n->minimum);
    }
    if (CTX_NOTE_HAS(n, CTX_NOTE_STACK)) {
        printf("  stack      %u bytes\n", n->stack_bytes);
    }
    if (CTX_NOTE_HAS(n, CTX_NOTE_BUDGET)) {
        printf("  budget     %llu ns for one call\n", (unsigned long long)n->budget_ns);
    }
    if (CTX_NOTE_HAS(n, CTX_NOTE_STORE)) {
        printf("  store      layout %u\n", n->store_version);
    }
    if (CTX_NOTE_HAS(n, CTX_NOTE_FLAGS)) {
        printf("  flags      0x%x\n", n->flags);
    }
    print_note_ids(file);
}

static bool print_file(const char *path, const uint8_t *file, uint64_t len)
{
    struct elf_plan plan;
    struct elf_error error;
    if (!elf_check(file, len, &plan, &error)) {
        printf("%s: refused field=%s value=0x%llx: %s\n", path, error.field,
               (unsigned long long)error.value, error.reason);
        return false;
    }
    uint64_t memory = 0;
    for (uint32_t i = 0; i < plan.segment_count; i++) {
        memory += plan.segments[i].size;
    }
    printf("%s: %s, %llu bytes, %llu in memory\n", path,
           plan.bias != 0 ? "position independent" : "linked for one place (ET_EXEC)",
           (unsigned long long)len, (unsigned long long)memory);
    print_note(file, &plan);
    printf("  entry      slot+0x%llx\n", (unsigned long long)plan.entry);
    for (uint32_t i = 0; i < plan.segment_count; i++) {
        const struct elf_segment *s = &plan.segments[i];
        printf("  segment    slot+0x%-8llx %8llu bytes  r%c%c\n", (unsigned long long)s->at,
               (unsigned long long)s->size, s->write ? 'w' : '-', s->exec ? 'x' : '-');
    }
    unsigned long long words = plan.rela_count + plan.relr_count;
    printf("  relocated  %llu words\n", words);
    return true;
}

int tool_info(int argc, char **argv)
{
    int code = LINUX_FINE;
    for (int i = 0; i < argc; i++) {
        uint64_t len;
        uint8_t *file = tool_read(argv[i], TOOL_FILE_MAX, &len);
        if (file == NULL) {
            return LINUX_USAGE;
        }
        code = print_file(argv[i], file, len) ? code : LINUX_REFUSED;
        free(file);
    }
    return code;
}

/* ---- check ---- */

/* The command's own: nothing else runs. */
static struct {
    const char *path;
    uint32_t complaints, warnings; /* warnings: it is not refused for these */
} checking;

/* The loader's own lines, without the time. */
static void hear(char level, const char *room, const char *text)
{
    bool complaint = (level == 'W' || level == 'E') && strcmp(room, "app") == 0;
    if (complaint || strncmp(text, "unverified ", 11) == 0) {
        printf("%s: %s\n", checking.path, text);
    }
    checking.complaints += complaint;
}

/* Code by section, where the file has sections: between functions of other segments lie tables. */
static uint64_t features_of(const uint8_t *file, uint64_t len, const struct elf_plan *plan)
{
    uint64_t found = 0;
    uint64_t at = get(file + 40, 8), size = get(file + 58, 2), count = get(file + 60, 2);
    bool sections = count > 0 && size == 64 && at <= len && count * size <= len - at;
    for (uint64_t i = 0; sections && i < count; i++) {
        const uint8_t *s = file + at + i * size;
        uint64_t start = get(s + 24, 8), bytes = get(s + 32, 8);
        bool code = get(s + 4, 4) == 1 && (get(s + 8, 8) & 4) != 0; /* PROGBITS, EXECINSTR */
        if (code && start <= len && bytes <= len - start) {
            found |= insn_features(file + start, bytes);
        }
    }
    for (uint32_t i = 0; !sections && i < plan->segment_count; i++) {
        const struct elf_segment *s = &plan->segments[i];
        found |= s->exec ? insn_features(file + s->file_at, s->file_size) : 0;
    }
    return found;
}

/* More than x86-64 with SSE2 runs here, perhaps, and faults on the next machine. */
static void check_instructions(const uint8_t *file, uint64_t len)
{
    struct elf_plan plan;
    struct elf_error error;
    if (!elf_check(file, len, &plan, &error) || (plan.note.listed >> CTX_TABLE_CPU & 1) != 0) {
        return;
    }
    uint64_t found = features_of(file, len, &plan);
    if (found != 0) {
        char names[200];
        insn_feature_names(found, names, sizeof names);
        printf(
            "%s: uses %s, which not every processor has; list ctx.cpu/1 in the note and ask it, or compile "
            "without -m options\n",
            checking.path, names);
        checking.warnings++;
    }
}

/* One file, with the text that a boot loader would give with it. */
static int check_file(const char *path, const char *text)
{
    uint64_t len;
    uint8_t *file = tool_read(path, TOOL_FILE_MAX, &len);
    if (file == NULL) {
        return LINUX_USAGE;
    }
    const char *slash = strrchr(path, '/');
    checking.path = path;
    checking.complaints = checking.warnings = 0;
    check_instructions(file, len);
    struct app *app = app_load(file, len, slash != NULL ? slash + 1 : path, text);
    free(file);
    bool verified = app != NULL && app->verified;
    if (app != NULL) {
        app_unload(app);
    }
    if (checking.complaints == 0 && checking.warnings == 0) {
        printf("%s: fine%s\n", path, verified ? ", verified" : "");
    } else if (verified) {
        printf("%s: verified\n", path);
    }
    return checking.complaints > 0 ? LINUX_REFUSED : LINUX_FINE;
}

/* Behind "--isolate": "=MODE" or "-rdtsc=on". */
static bool isolation(const char *option)
{
    enum isolate_mode mode;
    bool rdtsc;
    if (option[0] == '=' && isolate_read_mode(option + 1, &mode)) {
        isolate_set_mode(mode);
        return true;
    }
    if (strncmp(option, "-rdtsc=", 7) == 0 && isolate_read_rdtsc(option + 7, &rdtsc)) {
        isolate_set_rdtsc(rdtsc);
        return true;
    }
    return false;
}

/* All that a boot loader would hand over: `--boot WORDS APP [WORD...] [+ APP [WORD...]...]`. */
static int check_boot(int argc, char **argv)
{
    int code = LINUX_FINE;
    uint32_t count = 0;
    enum isolate_mode mode;
    (void)isolate_read_mode(boot_word(argv[0], "isolate"),
                            &mode); /* a wrong word is refused below */
    isolate_set_mode(mode);
    bool rdtsc;
    (void)isolate_read_rdtsc(boot_word(argv[0], "isolate-rdtsc"), &rdtsc); /* likewise */
    isolate_set_rdtsc(rdtsc);
    const char **texts = calloc((size_t)argc, sizeof *texts);
    size_t size = 2 * strlen(argv[0]) + 1;
    char *line = malloc(size);
    bool good = texts != NULL && line != NULL;
    for (int at = 1; good && at < argc && code != LINUX_USAGE; at++) {
        int end = at;
        while (end < argc && strcmp(argv[end], "+") != 0) {
            end++;
        }
        char *text = end > at ? options_app_text(argv[at], argv + at + 1, end - at - 1) : NULL;
        if (end == at) {
            fputs("ctx: check: an app's file is missing beside +\n", stderr);
            code = LINUX_USAGE;
        } else if (text != NULL) {
            int one = check_file(argv[at], text);
            code = one != LINUX_FINE ? one : code;
            texts[count++] = text;
        }
        good = text != NULL || end == at;
        at = end;
    }
    if (good && code != LINUX_USAGE) {
        const char *field;
        uint64_t value;
        words_from_plain(line, size, argv[0]);
        const char *why = boot_words_wrong(line, texts, count, &field, &value);
        const char *session = boot_word(line, "session");
        if (why == NULL && session != NULL) {
            field = "session";
            why = keep_name_wrong(session);
            value = word_length(session);
        }
        size_t len; /* another kernel may have that word: said, not refused */
        for (const char *p = line; (p = boot_word_unknown(p, &len)) != NULL; p += len) {
            fprintf(
                stderr,
                "ctx: the boot loader's menu: %.*s: there is no such word, and it does nothing\n",
                (int)len, p);
        }
        if (why != NULL) {
            printf("the boot loader's menu: refused field=%s value=0x%llx: %s\n", field,
                   (unsigned long long)value, why);
            code = LINUX_REFUSED;
        }
    }
    if (!good) {
        fputs("ctx: not enough memory\n", stderr);
    }
    while (count > 0) {
        free((void *)texts[--count]);
    }
    free(texts);
    free(line);
    return good ? code : LINUX_USAGE;
}

int tool_check(int argc, char **argv)
{
    int code = LINUX_FINE;
    linux_clock_init();
    linux_serial_mute();
    const char *why = linux_ram_init(CHECK_MIB);
    if (why == NULL &&
        (canvas_init(1, 1) != CTX_OK || app_init((uint64_t)CHECK_MIB << 20) != CTX_OK)) {
        why = "not enough memory";
    }
    if (why != NULL) {
        fprintf(stderr, "ctx: %s\n", why);
        return LINUX_USAGE;
    }
    slot_init(false);
    klog_set_sink(hear);
    if (strcmp(argv[0], "--boot") == 0) {
        if (argc < 3 || strcmp(argv[argc - 1], "+") == 0) {
            fputs("ctx: check --boot WORDS APP.elf [WORD...] [+ APP.elf [WORD...]...]\n", stderr);
            return LINUX_USAGE;
        }
        return check_boot(argc - 1, argv + 1);
    }
    while (strncmp(argv[0], "--isolate", 9) == 0) {
        if (argc < 2 || !isolation(argv[0] + 9)) {
            fputs("ctx: check --isolate=off|prefer|require --isolate-rdtsc=on|off APP.elf...\n",
                  stderr);
            return LINUX_USAGE;
        }
        argv++;
        argc--;
    }
    for (int i = 0; i < argc && code != LINUX_USAGE; i++) {
        int one = check_file(argv[i], "");
        code = one != LINUX_FINE ? one : code;
    }
    return code;
}
