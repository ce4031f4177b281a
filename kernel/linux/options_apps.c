/* SPDX-License-Identifier: MIT */
/* The apps of `ctx run`: those named, with their lines, and those that options bring along. */
#define _GNU_SOURCE
#include "options_private.h"

#include "app.h"
#include "app_words.h"
#include "tool.h"
#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The name as the core makes it of a file's: without folder and ending. Then the arguments. */
char *options_app_text(const char *path, char **words, int count)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    const char *ending = strstr(name, ".elf");
    size_t size = 2 * strlen(name) + 3; /* each character may get a backslash; no word is empty */
    for (int i = 0; i < count; i++) {
        size += 2 * strlen(words[i]) + 3;
    }
    char *text = malloc(size);
    if (text == NULL) {
        return NULL;
    }
    size_t len =
        word_quote(text, size, name, ending != NULL ? (size_t)(ending - name) : strlen(name));
    for (int i = 0; i < count; i++) {
        text[len++] = ' ';
        len += word_quote(text + len, size - len, words[i], strlen(words[i]));
    }
    return text;
}

/* An app that the tool has with it, for what an option is about. */
static bool add_app(struct run_options *o, const char *name, const char *option, char **words,
                    int count)
{
    struct run_app *app = &o->apps[o->app_count];
    if (!tool_app_path(name, o->added_path[o->added])) {
        fprintf(stderr, "ctx: %s.elf, which belongs to this tool, is missing for %s\n", name,
                option);
        return false;
    }
    app->path = o->added_path[o->added];
    app->text = options_app_text(app->path, words, count);
    if (app->text == NULL) {
        return options_complain("not enough memory for", option);
    }
    o->app_count++;
    o->added++;
    return true;
}

/* The app that offers the files of --files, before all others: what it offers is there when they
 * begin. */
static bool add_storage(struct run_options *o)
{
    char disk[16], offer[] = "offer=ctx.files/1,ctx.kv/1,ctx.sql/1", grant[] = "grant=ctx.block/1";
    char *words[] = {offer, grant, disk};
    snprintf(disk, sizeof disk, "disk=vd%c", (char)('a' + o->files_disk));
    return add_app(o, "storage", "--files", words, ARRAY_COUNT(words));
}

/* Whether some line wants the network, and none of those given offers it. */
static bool wants_net(int argc, char **argv, int at)
{
    bool wants = false;
    for (; at < argc; at++) {
        wants |= strncmp(argv[at], "use=", 4) == 0 && strstr(argv[at], "ctx.net/1") != NULL;
        if (strncmp(argv[at], "offer=", 6) == 0 && strstr(argv[at], "ctx.net/1") != NULL) {
            return false;
        }
    }
    return wants;
}

/* The app that makes a network of the cards of --net. */
static bool add_net(struct run_options *o)
{
    char offer[] = "offer=ctx.net/1", grant[] = "grant=ctx.nic/1", cards[] = "nic=*";
    char *words[] = {offer, grant, cards};
    return add_app(o, "net", "--net", words, ARRAY_COUNT(words));
}

bool options_read_apps(struct run_options *o, int argc, char **argv, int at)
{
    if (o->has_files && o->lends) {
        fputs("ctx: --dir and --files: an app has its files from one of them\n", stderr);
        return false;
    }
    o->apps = calloc((size_t)argc + 2, sizeof *o->apps);
    if (o->apps != NULL && o->has_files && at < argc && !add_storage(o)) {
        return false;
    }
    if (o->apps != NULL && o->net_count > 0 && wants_net(argc, argv, at) && !add_net(o)) {
        return false;
    }
    while (o->apps != NULL && at < argc) {
        int end = at;
        while (end < argc && strcmp(argv[end], "+") != 0) {
            end++;
        }
        if (end == at) {
            return options_complain("an app's file is missing before", "+");
        }
        char *text = options_app_text(argv[at], argv + at + 1, end - at - 1);
        size_t bytes = 0;
        const char *why = text != NULL ? app_arguments_wrong(text, &bytes) : "not enough memory";
        if (why != NULL) {
            fprintf(stderr, "ctx: %s: field=arguments value=0x%zx: %s\n", argv[at], bytes, why);
            return false;
        }
        o->apps[o->app_count++] = (struct run_app){argv[at], text};
        if (end + 1 == argc) {
            return options_complain("an app's file is missing after", "+");
        }
        at = end + 1;
    }
    return o->app_count > 0 || o->load != NULL || (o->session != NULL && o->disk_count > 0) ||
           options_complain("an app's file is missing after", "run");
}
