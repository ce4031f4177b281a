/* SPDX-License-Identifier: MIT */
/* One table of options; everything from the first word that is none belongs to the apps. */
#define _GNU_SOURCE
#include "options_private.h"

#include "app.h"
#include "app_words.h"
#include "keep.h"
#include "linux.h"
#include "tool.h"
#include "wall.h"

#include <ctx/keymap.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIDE_MAX    16384u
#define MIB_MAX     65536u
#define SECONDS_MAX 1e9
#define SHOT_NS     (3 * NSEC_PER_SEC)

struct option {
    const char *name;
    bool takes_value;
    bool (*read)(struct run_options *o, const char *value); /* false: it can not be this value */
    const char *want;                                       /* what it can be; NULL: anything */
};

/* In the place of `want`: the option may stand alone, or have a value behind a =; it says itself
 * what is wrong. */
static const char may_have[] = "", says_why[] = "";

static bool read_headless(struct run_options *o, const char *value)
{
    (void)value;
    o->headless = true;
    return true;
}

static bool read_fast(struct run_options *o, const char *value)
{
    (void)value;
    o->fast = true;
    return true;
}

static bool read_ascending(struct run_options *o, const char *value)
{
    (void)value;
    o->ascending = true;
    return true;
}

static bool read_frames(struct run_options *o, const char *value)
{
    return tool_number(value, 1, UINT64_MAX, &o->frames);
}

static bool read_seconds(struct run_options *o, const char *value)
{
    char *end;
    double s = strtod(value, &end);
    o->seconds_ns = s >= 0 && s <= SECONDS_MAX ? (uint64_t)(s * 1e9) : 0;
    return ((*value >= '0' && *value <= '9') || *value == '.') && *end == 0 && o->seconds_ns > 0;
}

static bool read_screenshot(struct run_options *o, const char *value)
{
    o->screenshot = value;
    return *value != 0;
}

static bool read_size(struct run_options *o, const char *value)
{
    char width[8];
    uint64_t w = 0, h = 0;
    size_t len = strcspn(value, "x");
    if (value[len] == 0 || len >= sizeof width) {
        return false;
    }
    memcpy(width, value, len);
    width[len] = 0;
    bool good =
        tool_number(width, 1, SIDE_MAX, &w) && tool_number(value + len + 1, 1, SIDE_MAX, &h);
    o->width = (uint32_t)w;
    o->height = (uint32_t)h;
    return good;
}

static bool read_keys(struct run_options *o, const char *value)
{
    o->keys = value;
    for (; *value != 0; value++) {
        if ((*value & 0x80) != 0) {
            return false; /* a US keyboard has no such key */
        }
    }
    return true;
}

static bool read_seed(struct run_options *o, const char *value)
{
    o->seeded = true;
    return tool_number(value, 0, UINT64_MAX, &o->seed);
}

static bool read_script(struct run_options *o, const char *value)
{
    o->script = value;
    return *value != 0;
}

static bool read_save(struct run_options *o, const char *value)
{
    o->save = value;
    return *value != 0;
}

static bool read_load(struct run_options *o, const char *value)
{
    o->load = value;
    return *value != 0;
}

static bool read_hash(struct run_options *o, const char *value)
{
    (void)value;
    o->hash = true;
    return true;
}

static bool read_imagebench(struct run_options *o, const char *value)
{
    return tool_number(value, 1, UINT32_MAX, &o->imagebench);
}

/* One word behind a comma at the end of a disk's path. False: it is a part of the path. */
static bool read_disk_word(struct run_disk *disk, const char *word)
{
    if (strcmp(word, "ro") == 0 || strcmp(word, "rw") == 0) {
        disk->read_only = word[1] == 'o';
    } else if (strcmp(word, "block=512") == 0 || strcmp(word, "block=4096") == 0) {
        disk->block = word[6] == '5' ? 512 : 4096;
    } else {
        return false;
    }
    return true;
}

/* FILE[,ro|,rw][,block=512|,block=4096]. What is no such word is a part of the name: so a file that
 * is called "a,ro" is "a,ro,rw". */
static bool read_disk(struct run_options *o, const char *value)
{
    struct run_disk disk = {.path = strdup(value), .block = 512};
    struct run_disk *more = realloc(o->disks, (o->disk_count + 1) * sizeof *more);
    if (more != NULL) {
        o->disks = more;
    }
    if (disk.path == NULL || more == NULL) {
        free(disk.path);
        return false;
    }
    bool mode = false, block = false;
    for (char *comma; (comma = strrchr(disk.path, ',')) != NULL; *comma = 0) {
        bool *seen = comma[1] == 'b' ? &block : &mode;
        if (*seen || !read_disk_word(&disk, comma + 1)) {
            break;
        }
        *seen = true;
    }
    o->disks[o->disk_count++] = disk;
    return *disk.path != 0;
}

static bool read_session(struct run_options *o, const char *value)
{
    const char *why = strpbrk(value, " \\") != NULL ? "a name has no spaces and no backslashes"
                                                    : keep_name_wrong(value);
    o->session = value;
    if (why != NULL) {
        fprintf(stderr, "ctx: --session %s: %s\n", value, why);
    }
    return why == NULL;
}

static bool read_fresh(struct run_options *o, const char *value)
{
    (void)value;
    o->fresh = true;
    return true;
}

static bool read_verdict(struct run_options *o, const char *value)
{
    (void)value;
    o->verdict = true;
    o->keys_from_stdin = true;
    return true;
}

static bool read_dir(struct run_options *o, const char *value)
{
    const char *why = linux_lend(value);
    o->lends = true;
    if (why != NULL) {
        fprintf(stderr, "ctx: --dir %s: %s\n", value, why);
    }
    return why == NULL;
}

static bool read_keys_from_stdin(struct run_options *o, const char *value)
{
    (void)value;
    o->keys_from_stdin = true;
    return true;
}

static bool read_log(struct run_options *o, const char *value)
{
    o->log = value;
    return *value != 0;
}

static bool read_json(struct run_options *o, const char *value)
{
    o->json = value;
    return *value != 0;
}

static bool read_virtual_time(struct run_options *o, const char *value)
{
    (void)value;
    o->virtual_time = true;
    return true;
}

/* A word of the core's own for all apps. */
static bool add_word(struct run_options *o, const char *name, const char *value)
{
    size_t before = o->words != NULL ? strlen(o->words) : 0;
    char *all = realloc(o->words, before + strlen(name) + strlen(value) + 2);
    if (all == NULL) {
        return false;
    }
    sprintf(all + before, "%s%s%s", before > 0 ? " " : "", name, value);
    o->words = all;
    return true;
}

static bool read_deny(struct run_options *o, const char *value)
{
    return *value != 0 && strchr(value, ' ') == NULL && add_word(o, "deny=", value);
}

static bool read_deny_random(struct run_options *o, const char *value)
{
    (void)value;
    return add_word(o, "deny=", "random");
}

static bool read_poison(struct run_options *o, const char *value)
{
    (void)value;
    o->poison = true;
    return true;
}

static bool read_provider(struct run_options *o, const char *value)
{
    const char *name;
    const char **more = realloc(o->providers, (o->provider_count + 1) * sizeof *more);
    if (more == NULL || app_provider_wrong(value, strlen(value), &name) != NULL) {
        o->providers = more != NULL ? more : o->providers;
        return false;
    }
    o->providers = more;
    o->providers[o->provider_count++] = value;
    return true;
}

static bool read_isolate(struct run_options *o, const char *value)
{
    return strchr(value, ' ') == NULL && isolate_read_mode(value, &o->isolate);
}

static bool read_isolate_rdtsc(struct run_options *o, const char *value)
{
    return strchr(value, ' ') == NULL && isolate_read_rdtsc(value, &o->rdtsc);
}

static bool read_no_watchdog(struct run_options *o, const char *value)
{
    (void)value;
    o->no_watchdog = true;
    return true;
}

static bool read_mem(struct run_options *o, const char *value)
{
    uint64_t mib = 0;
    bool good = tool_number(value, 16, MIB_MAX, &mib);
    o->mib = (uint32_t)mib;
    return good;
}

static bool read_emulate(struct run_options *o, const char *value)
{
    uint64_t version = 0;
    bool good = tool_number(value, 2, CTX_ABI_VERSION, &version);
    o->offer = (uint32_t)version;
    return good;
}

static bool read_files(struct run_options *o, const char *value)
{
    if (o->has_files || !read_disk(o, value)) {
        return false;
    }
    o->has_files = true;
    o->files_disk = o->disk_count - 1;
    return true;
}

static bool read_net(struct run_options *o, const char *value)
{
    const char **more = realloc(o->nets, (o->net_count + 1) * sizeof *more);
    if (more == NULL) {
        return false;
    }
    o->nets = more;
    o->nets[o->net_count++] = value != NULL ? value : "user";
    return true;
}

static bool read_net_dump(struct run_options *o, const char *value)
{
    o->net_dump = value;
    return *value != 0;
}

static bool read_force(struct run_options *o, const char *value)
{
    (void)value;
    o->force = true;
    return true;
}

static bool read_layout(struct run_options *o, const char *value)
{
    for (uint32_t i = 0; i < ctx_keymap_count(); i++) {
        if (strcmp(ctx_keymap_get(i)->name, value) == 0) {
            o->layout = i;
            return true;
        }
    }
    fprintf(stderr, "ctx: --layout %s: there are", value);
    for (uint32_t i = 0; i < ctx_keymap_count(); i++) {
        fprintf(stderr, "%s %s", i > 0 ? "," : "", ctx_keymap_get(i)->name);
    }
    fputs("\n", stderr);
    return false;
}

static bool read_zone(struct run_options *o, const char *value)
{
    return wall_read_zone(value, &o->zone);
}

static bool read_trace(struct run_options *o, const char *value)
{
    (void)value;
    return add_word(o, "instrument=", "trace");
}

_Static_assert(SIDE_MAX == 16384 && MIB_MAX == 65536 && CTX_ABI_VERSION == 3, "texts below say so");

static const struct option options[] = {
    {"--headless", false, read_headless, NULL},
    {"--fast", false, read_fast, NULL},
    {"--ascending", false, read_ascending, NULL},
    {"--frames", true, read_frames, "a number from 1 to 18446744073709551615"},
    {"--save", true, read_save, "FILE"},
    {"--at", true, read_frames, "a number from 1 to 18446744073709551615"},
    {"--load", true, read_load, "FILE"},
    {"--disk", true, read_disk, "FILE, perhaps with ,ro or ,block=4096 behind it"},
    {"--files", true, read_files, "FILE, perhaps with ,ro behind it, once"},
    {"--session", true, read_session, says_why},
    {"--fresh", false, read_fresh, NULL},
    {"--virtual-time", false, read_virtual_time, NULL},
    {"--hash", false, read_hash, NULL},
    {"--imagebench", true, read_imagebench, "a number from 1 to 4294967295"},
    {"--seconds", true, read_seconds, "more than 0, up to 1000000000"},
    {"--screenshot", true, read_screenshot, "FILE"},
    {"--size", true, read_size, "WIDTHxHEIGHT, each a number from 1 to 16384"},
    {"--keys", true, read_keys, "characters of a US keyboard, and keys by name: <up>"},
    {"--script", true, read_script, "FILE"},
    {"--deny", true, read_deny, "the id of a table, such as ctx.random/1"},
    {"--deny-random", false, read_deny_random, NULL},
    {"--poison", false, read_poison, NULL},
    {"--provider", true, read_provider, "ID:NAME, an interface and the app whose it is to be"},
    {"--isolate", true, read_isolate, "off, prefer or require"},
    {"--isolate-rdtsc", true, read_isolate_rdtsc, "on or off"},
    {"--no-watchdog", false, read_no_watchdog, NULL},
    {"--seed", true, read_seed, "a number from 0 to 18446744073709551615"},
    {"--mem", true, read_mem, "a number from 16 to 65536"},
    {"--emulate", true, read_emulate, "a number from 2 to 3"},
    {"--force", false, read_force, NULL},
    {"--net", false, read_net, may_have},
    {"--net-dump", true, read_net_dump, "FILE"},
    {"--layout", true, read_layout, says_why},
    {"--zone", true, read_zone, "hours and minutes ahead of UTC, such as +2:00"},
    {"--trace", false, read_trace, NULL},
    {"--verdict", false, read_verdict, NULL},
    {"--keys-from-stdin", false, read_keys_from_stdin, NULL},
    {"--log", true, read_log, "FILE"},
    {"--dir", true, read_dir, says_why},
    {"--json", true, read_json, "FILE, or the number of a descriptor"},
};

bool options_complain(const char *what, const char *word)
{
    fprintf(stderr, "ctx: %s %s (ctx run --help)\n", what, word);
    return false;
}

/* One option at argv[*at]: `--name`, `--name value` or `--name=value`. Moves *at behind it. */
static bool read_option(struct run_options *o, int argc, char **argv, int *at)
{
    const char *word = argv[*at];
    size_t len = strcspn(word, "=");
    for (size_t i = 0; i < ARRAY_COUNT(options); i++) {
        const struct option *p = &options[i];
        if (strlen(p->name) != len || strncmp(p->name, word, len) != 0) {
            continue;
        }
        const char *value = word[len] == '=' ? word + len + 1 : NULL;
        (*at)++;
        if (!p->takes_value && value != NULL && p->want != may_have) {
            return options_complain("no value goes with", p->name);
        }
        if (p->takes_value && value == NULL) {
            if (*at == argc) {
                return options_complain("a value is missing after", p->name);
            }
            value = argv[(*at)++];
        }
        if (p->read(o, value)) {
            return true;
        }
        if (p->want == NULL || p->want == may_have) { /* any value is fine */
            return options_complain("not enough memory for", p->name);
        }
        if (p->want != says_why) {
            fprintf(stderr, "ctx: %s %s: it takes %s\n", p->name, value, p->want);
        }
        return false;
    }
    return options_complain("there is no option", word);
}

/* The options that the environment has for every run, between spaces. */
static bool read_environment(struct run_options *o)
{
    const char *all = getenv("CTX_RUN_OPTIONS");
    char *words[64], *rest = NULL;
    int count = 0, at = 0;
    o->environment = all != NULL ? strdup(all) : NULL; /* options point into it */
    if (o->environment == NULL) {
        return all == NULL || options_complain("not enough memory for", "CTX_RUN_OPTIONS");
    }
    for (char *w = strtok_r(o->environment, " ", &rest); w != NULL;
         w = strtok_r(NULL, " ", &rest)) {
        if (count == (int)ARRAY_COUNT(words)) {
            return options_complain("more than 64 words in", "CTX_RUN_OPTIONS");
        }
        words[count++] = w;
    }
    while (at < count) {
        if (words[at][0] != '-') {
            return options_complain("CTX_RUN_OPTIONS: no option is", words[at]);
        }
        if (!read_option(o, count, words, &at)) {
            return false;
        }
    }
    return true;
}

bool options_read(struct run_options *o, int argc, char **argv)
{
    *o = (struct run_options){.width = 1280, .height = 800, .mib = 1024, .offer = CTX_ABI_VERSION};
    int at = 0;
    if (!read_environment(o)) {
        return false;
    }
    while (at < argc && argv[at][0] == '-') {
        if (!read_option(o, argc, argv, &at)) {
            return false;
        }
    }
    if (o->session != NULL && o->disk_count == 0 && o->save == NULL) {
        return options_complain("--disk FILE is missing for", "--session");
    }
    if (o->screenshot != NULL && o->seconds_ns == 0 && o->frames == 0) {
        o->seconds_ns = SHOT_NS;
    }
    return options_read_apps(o, argc, argv, at);
}
