/* SPDX-License-Identifier: MIT */
/*
 * layout.h - what lies where on a disk of files. All numbers are bytes, little-endian.
 *
 *     0                    the SQLite database: page 1, and so SQLite's header, is the disk's
 *                          first 4,096 bytes. It may grow up to `database` bytes.
 *     database             struct fdb_label, in a block of 4,096
 *     database + 4096      SQLite's rollback journal: used while the disk is made, taken into use,
 *                          left or grown; FDB_JOURNAL bytes
 *     ... until the end    SQLite's write-ahead log
 *
 * SQLite's header has the format's name in application_id (bytes 68 to 71, big-endian) and
 * `database` in user_version (bytes 60 to 63, big-endian, in units of 64 KiB). Both lie in the
 * first sector, and change only when a disk is made or grown.
 *
 * Each page of the database ends with 8 bytes of checksum, which SQLite calls reserved: two sums
 * over the 32-bit words before them, as in SQLite's extension cksumvfs, whose tools read it too.
 */
#ifndef STORAGE_LAYOUT_H
#define STORAGE_LAYOUT_H

#include "disk.h"

#define FDB_PAGE        4096u
#define FDB_CHECKSUM    8u
#define FDB_UNIT        65536u
#define FDB_JOURNAL     (1u << 20)
#define FDB_LOG_LEAST   (4u << 20)
#define FDB_LOG_MOST    (64u << 20)
#define FDB_DISK_LEAST  (8u << 20)
#define FDB_APPLICATION 0x41464442u /* "AFDB" */
#define FDB_FORMAT      1u          /* what label.format says; a greater one is not understood */
#define FDB_LABEL_MAGIC "argos files\n"

struct fdb_label {
    char magic[16];    /* FDB_LABEL_MAGIC, then zeroes */
    uint32_t format;   /* FDB_FORMAT */
    uint32_t page;     /* FDB_PAGE */
    uint64_t database; /* as in SQLite's header */
    uint64_t journal;  /* bytes of the rollback journal */
    uint64_t log;      /* bytes of the write-ahead log */
    uint8_t id[16];    /* random: which disk this is */
    uint64_t before; /* where the label was until the disk grew, if that may not be done; else 0 */
    uint64_t zero[7];
    uint32_t sums[2]; /* over all before them */
};

/* The places of a disk with so many bytes. CTX_E_NOSPC: it is too small. */
ctx_status fdb_layout(uint64_t disk_bytes, struct fdb_label *out);

/* What the disk says. NOENT: it is none of ours, and *blank says whether its first block is all
 * zeroes; NOSYS: of a newer format; IO: it cannot be read; RANGE: it ends before what it should
 * have; INVAL: the label is damaged. why, if not NULL, gets a sentence. */
ctx_status fdb_layout_read(struct fdb_disk *disk, struct fdb_label *out, bool *blank,
                           const char **why);

/* What the label should say of a disk that has none any more, or that ends too early: good enough
 * to read what is there. NOENT: no disk of files; IO. */
ctx_status fdb_layout_guess(struct fdb_disk *disk, struct fdb_label *out);

/* A disk that was being grown: whether the journal of that lies at its old place still, so that it
 * has to be opened by the old label, which is *label then. */
bool fdb_layout_before(struct fdb_disk *disk, struct fdb_label *label);

ctx_status fdb_layout_write(struct fdb_disk *disk, struct fdb_label *label);

/* The two sums over words of len bytes, a multiple of 8. */
void fdb_checksum(const void *bytes, uint32_t len, uint32_t sums[2]);

#endif
