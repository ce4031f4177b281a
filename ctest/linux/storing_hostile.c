/* SPDX-License-Identifier: MIT */
/* For storage.py: who means no good, and who asks for too much. */
#include "storing.h"

#include <ctx/c.h>

#include <kv.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Nonsense to every function, with bad paths, handles of others and sizes that make no sense; what
 * comes of it is its own affair. */
int hostile(long times)
{
    static uint8_t bytes[70000];
    static char path[5000];
    static const char *const parts[] = {
        "/data/", "/",     "..", "//",       "/../../disk/",         "/private/",
        "a",      "/sql/", ".",  "\xff\x01", "/data/../../private/", ""};
    const struct kv_table *k = open_table(KV_ID, sizeof *k);
    struct ctx_files_info info = {.size = sizeof info};
    struct ctx_files_entry entry = {.size = sizeof entry};
    struct ctx_files_space space = {.size = sizeof space};
    struct kv_about about = {.size = sizeof about};
    uint32_t seed = 7, handle = 0, n = 0, rights = 0;
    uint64_t request = 0;
    long refused = 0;
    for (long i = 0; i < times; i++) {
        ctx_status status = CTX_OK;
        uint32_t len = 0, a, b;
        seed = seed * 1664525 + 1013904223;
        a = seed >> 9;
        b = a % 7 == 0 ? a * 65537 : a % 3000;
        for (uint32_t part = a % 5 + (a % 90 == 0 ? 900 : 0); part > 0 && len < 4900; part--) {
            const char *text = parts[(a >> part % 19) % 12];
            uint32_t more = (uint32_t)strlen(text);
            memcpy(path + len, text, more);
            len += more;
        }
        len += a % 11 == 0; /* with what is behind it */
        uint32_t file = a % 3 == 0 ? a : a % 3 == 1 ? handle : 64 + a % 70;
        switch (seed >> 27) {
        case 0:
        case 1:
            status = files->open(files, path, len, a % 128, &handle);
            break;
        case 2:
            status = files->read(files, file, b, bytes, b % sizeof bytes, &n);
            break;
        case 3:
        case 4:
            status = files->write(files, file, (uint64_t)b << (a % 40), bytes, b % 61440, &n);
            break;
        case 5:
            status = files->info(files, file, &info);
            break;
        case 6:
            status = files->look(files, path, len, &info);
            break;
        case 7:
            status = files->list(files, file, a, &entry);
            break;
        case 8:
            status = files->resize(files, file, (uint64_t)b << (a % 40));
            break;
        case 9:
            status = files->make_folder(files, path, len, a % 100);
            break;
        case 10:
            status = files->remove(files, path, len, a % 3);
            break;
        case 11:
            status = files->rename(files, path, len, path + a % 9, len / 2);
            break;
        case 12:
            status = files->date(files, path, len, (int64_t)a << 40);
            break;
        case 13:
            status = files->sync(files, file);
            break;
        case 14:
            status = files->replace(files, path, len, bytes, b % sizeof bytes, a % 3);
            break;
        case 15:
            status = files->space(files, path, len, &space);
            break;
        case 16:
            status = files->watch(files, path, len, &request);
            break;
        case 17:
            status = files->together(files, a % 5);
            break;
        case 18:
            status = files->root(files, a, path, len, &n, &rights);
            break;
        case 19:
            status = files->close(files, file);
            break;
        case 20:
            status = files->wait(files, &request);
            break;
        case 21:
            status = k->get(k, path, b % 400, bytes, b % sizeof bytes, &about);
            break;
        case 22:
            status = k->put(k, path, b % 400, bytes, b % sizeof bytes);
            break;
        case 23:
            status = k->put_if(k, path, b % 400, bytes, b % 61440, a);
            break;
        case 24:
            status = k->remove(k, path, b % 400);
            break;
        case 25:
            status = k->next(k, path, b % 400, bytes, b % sizeof bytes, &n);
            break;
        case 26:
            for (uint32_t j = 0; j < 64; j++) {
                bytes[j] = (uint8_t)(a >> j % 20);
            }
            status = k->batch(k, bytes, b % sizeof bytes);
            break;
        default:
            status = k->sync(k);
            break;
        }
        refused += status < 0;
        if (i % 8 == 0) {
            rest(1000000);
        }
    }
    printf("hostile, %s refused\n", refused > times / 3 ? "much" : "little");
    return 0;
}

/* What app 0 takes, in bytes: it is the one that has the files. */
static uint64_t its_memory(void)
{
    static struct ctx_app_info apps[8];
    const struct ctx_apps *table = open_table(CTX_ID_APPS, sizeof *table);
    uint32_t count = 0;
    return table != NULL && table->list(table, apps, sizeof apps, sizeof apps[0], &count) == CTX_OK
               ? apps[0].memory
               : 0;
}

int names(const char *folder, long many)
{
    uint64_t before = 0;
    long found = 0;
    for (long i = -1000; i < many; i++) {
        char path[200];
        uint32_t handle = 0;
        ctx_status status;
        int len = snprintf(path, sizeof path, "%s/%ld/there", folder, i);
        before = i == 0 ? its_memory() : before; /* the first ones warm it up */
        ALWAYS(status, files->open(files, path, (uint32_t)len, CTX_FILES_READ, &handle));
        found += status != CTX_E_NOENT;
    }
    uint64_t after = its_memory();
    printf("found %ld, took %ld KiB\n", found, (long)(after - before) / 1024);
    return before == 0;
}
