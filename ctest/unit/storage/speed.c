/* SPDX-License-Identifier: MIT */
/*
 * SQLite's own speedtest1 over a disk of files, and in memory: what it reckons out has to be the
 * same. It prints a sum of all results: speed.py compares them.
 *
 *   test_storage_speed disk|memory WORDS...
 */
#include "layout.h"
#include "lossy_disk.h"
#include "vfs.h"

#include <stdio.h>
#include <string.h>

#define DISK_BYTES (UINT64_C(256) << 20)
#define WORDS      32

int speedtest1_main(int argc, char **argv);

int main(int argc, char **argv)
{
    static struct lossy_disk d;
    struct fdb_label label;
    char *words[WORDS] = {argv[0]};
    int count = 1;
    bool disk = argc > 1 && strcmp(argv[1], "disk") == 0;
    for (int i = 2; i < argc && count < WORDS - 6; i++) {
        words[count++] = argv[i];
    }
    if (!disk) {
        static char memory[] = ":memory:";
        words[count++] = memory;
        return speedtest1_main(count, words);
    }
    lossy_make(&d, DISK_BYTES, 512, 1);
    if (fdb_layout(DISK_BYTES, &label) != CTX_OK || fdb_layout_write(&d.disk, &label) != CTX_OK ||
        fdb_vfs_begin(&d.disk, &label) != CTX_OK) {
        fprintf(stderr, "no disk\n");
        return 1;
    }
    static char reserve[] = "--reserve", eight[] = "8", journal[] = "--journal", wal[] = "wal",
                name[] = FDB_DB_NAME, exclusive[] = "--exclusive";
    char *more[] = {reserve, eight, journal, wal, exclusive, name};
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
        words[count++] = more[i];
    }
    int result = speedtest1_main(count, words);
    fprintf(stderr, "disk: %llu writes, %llu flushes, %llu bad pages\n",
            (unsigned long long)fdb_vfs_state()->writes,
            (unsigned long long)fdb_vfs_state()->flushes,
            (unsigned long long)fdb_vfs_state()->bad_pages);
    bool bad = fdb_vfs_state()->bad_pages != 0;
    fdb_vfs_end();
    lossy_drop(&d);
    return bad ? 1 : result;
}
