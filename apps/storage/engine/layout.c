/* SPDX-License-Identifier: MIT */
#include "layout.h"

#include <stddef.h>
#include <string.h>

#define AT_USER_VERSION 60u
#define AT_APPLICATION  68u
#define LOG_PART        16u /* of the disk */

static const char sqlite_magic[16] = "SQLite format 3";

void fdb_checksum(const void *bytes, uint32_t len, uint32_t sums[2])
{
    const uint8_t *p = bytes;
    uint32_t a = 0, b = 0, words[2];
    for (uint32_t i = 0; i + sizeof words <= len; i += sizeof words) {
        memcpy(words, p + i, sizeof words);
        a += words[0] + b;
        b += words[1] + a;
    }
    sums[0] = a;
    sums[1] = b;
}

static uint32_t big_endian(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

ctx_status fdb_layout(uint64_t disk_bytes, struct fdb_label *out)
{
    uint64_t all = disk_bytes / FDB_UNIT * FDB_UNIT;
    if (all < FDB_DISK_LEAST) {
        return CTX_E_NOSPC;
    }
    uint64_t log = all / LOG_PART / FDB_UNIT * FDB_UNIT;
    log = log < FDB_LOG_LEAST ? FDB_LOG_LEAST : log > FDB_LOG_MOST ? FDB_LOG_MOST : log;
    uint64_t database = all - log - FDB_JOURNAL - FDB_UNIT;
    if (database / FDB_UNIT > INT32_MAX) {
        return CTX_E_RANGE;
    }
    *out = (struct fdb_label){
        .magic = FDB_LABEL_MAGIC,
        .format = FDB_FORMAT,
        .page = FDB_PAGE,
        .database = database,
        .journal = FDB_JOURNAL,
        .log = disk_bytes / FDB_PAGE * FDB_PAGE - database - FDB_PAGE - FDB_JOURNAL,
    };
    return CTX_OK;
}

static bool all_zero(const uint8_t *bytes, uint32_t len)
{
    uint8_t any = 0;
    for (uint32_t i = 0; i < len; i++) {
        any |= bytes[i];
    }
    return any == 0;
}

static ctx_status judge(const struct fdb_disk *disk, const struct fdb_label *label,
                        uint64_t database, const char **why)
{
    uint32_t sums[2];
    fdb_checksum(label, offsetof(struct fdb_label, sums), sums);
    if (memcmp(label->magic, FDB_LABEL_MAGIC, sizeof FDB_LABEL_MAGIC) != 0 ||
        memcmp(sums, label->sums, sizeof sums) != 0) {
        *why = "the label behind the database is damaged";
        return CTX_E_INVAL;
    }
    if (label->format > FDB_FORMAT) {
        *why = "it is of a newer format than this program knows";
        return CTX_E_NOSYS;
    }
    if (label->format == 0 || label->page != FDB_PAGE || label->database != database ||
        label->journal < FDB_UNIT || label->journal % FDB_PAGE != 0 || label->log < FDB_UNIT ||
        label->log % FDB_PAGE != 0) {
        *why = "the label behind the database makes no sense";
        return CTX_E_INVAL;
    }
    uint64_t rest = disk->bytes - database - FDB_PAGE; /* layout_read() has seen that it is there */
    if (label->journal > rest || label->log > rest - label->journal) {
        *why = "the disk is smaller than it was";
        return CTX_E_RANGE;
    }
    return CTX_OK;
}

ctx_status fdb_layout_read(struct fdb_disk *disk, struct fdb_label *out, bool *blank,
                           const char **why)
{
    static _Alignas(8) uint8_t block[FDB_PAGE];
    const char *ignored;
    why = why != NULL ? why : &ignored;
    *why = "it can not be read";
    *blank = false;
    if (disk->bytes < FDB_PAGE) {
        *why = "it is too small";
        return CTX_E_NOENT;
    }
    if (disk->read(disk, 0, block, FDB_PAGE) != CTX_OK) {
        return CTX_E_IO;
    }
    if (memcmp(block, sqlite_magic, sizeof sqlite_magic) != 0 ||
        big_endian(block + AT_APPLICATION) != FDB_APPLICATION) {
        *blank = all_zero(block, FDB_PAGE);
        *why = *blank ? "there is nothing on it" : "it is no disk of files";
        return CTX_E_NOENT;
    }
    uint64_t database = (uint64_t)big_endian(block + AT_USER_VERSION) * FDB_UNIT;
    if (database == 0 || database > disk->bytes || disk->bytes - database < FDB_PAGE) {
        *why = "the disk is smaller than it was";
        return CTX_E_RANGE;
    }
    if (disk->read(disk, database, block, FDB_PAGE) != CTX_OK) {
        return CTX_E_IO;
    }
    memcpy(out, block, sizeof *out);
    return judge(disk, out, database, why);
}

ctx_status fdb_layout_guess(struct fdb_disk *disk, struct fdb_label *out)
{
    static _Alignas(8) uint8_t block[FDB_PAGE];
    if (disk->bytes < FDB_PAGE || disk->read(disk, 0, block, FDB_PAGE) != CTX_OK) {
        return CTX_E_IO;
    }
    uint64_t database = (uint64_t)big_endian(block + AT_USER_VERSION) * FDB_UNIT;
    if (memcmp(block, sqlite_magic, sizeof sqlite_magic) != 0 || database == 0) {
        return CTX_E_NOENT;
    }
    uint64_t logs = database + FDB_PAGE + FDB_JOURNAL, end = disk->bytes / FDB_PAGE * FDB_PAGE;
    *out = (struct fdb_label){
        .magic = FDB_LABEL_MAGIC,
        .format = FDB_FORMAT,
        .page = FDB_PAGE,
        .database = database,
        .journal = FDB_JOURNAL,
    };
    if (end > logs) {
        out->log = end - logs;
    }
    return CTX_OK;
}

bool fdb_layout_before(struct fdb_disk *disk, struct fdb_label *label)
{
    static _Alignas(8) uint8_t block[FDB_PAGE];
    static const uint8_t journal[8] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};
    struct fdb_label old;
    const char *why;
    uint64_t at = label->before;
    if (at >= label->database || at % FDB_UNIT != 0 ||
        disk->read(disk, at, block, FDB_PAGE) != CTX_OK) {
        return false;
    }
    memcpy(&old, block, sizeof old);
    if (judge(disk, &old, at, &why) != CTX_OK ||
        disk->read(disk, at + FDB_PAGE, block, FDB_PAGE) != CTX_OK ||
        memcmp(block, journal, sizeof journal) != 0) {
        return false;
    }
    *label = old;
    return true;
}

ctx_status fdb_layout_write(struct fdb_disk *disk, struct fdb_label *label)
{
    static uint8_t block[FDB_PAGE];
    fdb_checksum(label, offsetof(struct fdb_label, sums), label->sums);
    memset(block, 0, sizeof block);
    memcpy(block, label, sizeof *label);
    ctx_status status = disk->write(disk, label->database, block, FDB_PAGE);
    return status == CTX_OK ? disk->flush(disk) : status;
}
