/* SPDX-License-Identifier: MIT */
/*
 * What the files of the store share: the format on the disk (kernel/doc/store.md has the reasons),
 * and each file's functions. All numbers are little-endian, as all machines of Argos are.
 *
 * store.c        the queue of jobs, and what is answered from memory
 * store_work.c   the jobs that use a mounted store, and the commit
 * store_mount.c  format, probe, mount
 * store_gpt.c    partitions
 * store_super.c  superblocks
 * store_index.c  the index
 * store_space.c  free space
 * store_io.c     bytes to and from the disk
 */
#ifndef KERNEL_STORE_PRIVATE_H
#define KERNEL_STORE_PRIVATE_H

#include "gpt.h"
#include "store.h"

#define STORE_SECTORS   (STORE_BLOCK / BLOCK_SECTOR)
#define STORE_VERSION   1u
#define STORE_INDEX_MAX (1u << 20)                      /* bytes */
#define STORE_INDEX_EXT (STORE_INDEX_MAX / STORE_BLOCK) /* extents, if each is one block */
#define STORE_SEQ_MAX   (UINT64_C(1) << 63)             /* nobody gets there honestly */
#define STORE_SEQ_LAST  (UINT64_C(1) << 62)             /* with which it is mounted to be changed */

/* A run of blocks: the first one << 32 | how many. Sorts by place. */
#define EXTENT(first, count) ((uint64_t)(first) << 32 | (uint32_t)(count))
#define EXTENT_FIRST(e)      ((uint32_t)((e) >> 32))
#define EXTENT_COUNT(e)      ((uint32_t)(e))
#define EXTENT_END(e)        ((uint64_t)EXTENT_FIRST(e) + EXTENT_COUNT(e))

/* A superblock: block 0, and the last one. */
struct store_super {
    uint8_t magic[8];
    uint32_t version, block; /* STORE_VERSION, STORE_BLOCK */
    uint8_t uuid[16];        /* chosen when it was formatted */
    uint64_t sequence;       /* the higher one is in force */
    uint64_t blocks;         /* of the store, both superblocks counted */
    uint64_t quota;          /* 0: none */
    int64_t made_ns, written_ns;
    uint32_t index_len;     /* bytes */
    uint32_t index_count;   /* records */
    uint32_t index_extents; /* used of extents[] */
    uint32_t cursor;        /* the allocator goes on here */
    uint64_t index_checksum;
    uint32_t slot; /* 0: the first block, 1: the last */
    uint32_t rsv;
    uint8_t rsv2[408]; /* zero; the BIOS looks for a boot signature in here */
    uint64_t extents[STORE_INDEX_EXT];
    uint8_t rsv3[1528];
    uint64_t checksum; /* of all bytes before it */
};

_Static_assert(sizeof(struct store_super) == STORE_BLOCK, "a superblock is a block");
_Static_assert(offsetof(struct store_super, extents) == 512, "the format is frozen");
_Static_assert(offsetof(struct store_super, checksum) == 4088, "the format is frozen");

/* A record of the index; behind it the name, with zeroes to a multiple of 8, then the extents. */
struct store_record {
    uint64_t len, checksum;
    int64_t wall_ns;
    uint64_t generation; /* the sequence of the superblock that it came with */
    uint32_t extent_count;
    uint8_t name_len;
    uint8_t rsv[3];
};

_Static_assert(sizeof(struct store_record) == 40, "the format is frozen");

/* Why something is refused: which field holds which value. Both texts are static. */
struct store_error {
    const char *field;
    uint64_t value;
    const char *reason;
};

/* Sets *error, and is false: for `return store_wrong(...)`. */
bool store_wrong(struct store_error *error, const char *field, uint64_t value, const char *reason);

/* ---- store.c ---- */

/* The job at work has failed: the first reason counts. Is false. */
bool store_fail(struct store *store, ctx_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Calls fn as a coroutine inside another one until it has ended; level is one more than the
 * caller's, the job's is 0. */
#define STORE_CALL(from, store, level, fn)                                                         \
    do {                                                                                           \
        (store)->steps[level] = (struct task){.name = #fn};                                        \
        TASK_AWAIT(from, (fn(&(store)->steps[level]), (store)->steps[level].done));                \
    } while (0)

#define STORE_OF(step, level) container_of(step, struct store, steps[level])

/* Forget what is mounted. */
void store_forget(struct store *store);

/* ---- store_work.c: level 0 ---- */

void store_put(struct task *op);
void store_get(struct task *op);
void store_remove(struct task *op);
void store_check(struct task *op);

/* ---- store_mount.c: level 0 ---- */

/* What is known of a device before anything is mounted. */
struct store_found {
    struct store_super super[2];
    struct store_error error[2];
    struct store_index index[2];
    bool whole[2];  /* the superblock */
    bool good[2];   /* and its index */
    bool unread[2]; /* the device failed */
    bool first;     /* block 0 claims to be ours, or can not be read */
    bool gpt;       /* there is a header of a partition table, good or not */
    uint32_t at;    /* loops */
    uint64_t header;
    struct gpt_table table;
    uint32_t sum;
};

bool store_found_begin(struct store *store);
void store_found_drop(struct store *store);

void store_mount_job(struct task *op);
void store_format(struct task *op);
void store_probe_job(struct task *op);

/* Level 1: read and check both superblocks of the store at store->device, first_sector, sectors. */
void store_read_supers(struct task *op);

/* ---- store_gpt.c: level 1 ---- */

/* Looks for a store on job->device, and says where in the job. */
void store_look(struct task *op);

/* The type of our partitions, as the table has it. */
extern const uint8_t store_gpt_type[16];

/* CRC-32 as zip, PNG and GPT have it. */
uint32_t store_crc32(const uint8_t *bytes, uint64_t len);

/* ---- store_super.c ---- */

extern const uint8_t store_magic[8];

/* room: blocks that there are. slot: where it was read. */
bool store_super_check(const struct store_super *super, uint64_t room, uint32_t slot,
                       struct store_error *error);
void store_super_seal(struct store_super *super);

/* Level 2: store->now becomes what the other superblock says, and that survives a power cut; or
 * store->next does, if it has been begun. */
void store_super_write(struct task *op);

/* ---- store_index.c ---- */

/* Everything about the records: count, order, names, lengths, extents inside and apart from each
 * other. Sets count, used and data. `extents` are the index' own. NOMEM, or error->field NULL. */
ctx_status store_index_check(struct store_index *index, uint32_t count, uint64_t blocks,
                             struct store_error *error);

/* The record at an offset below index->len. */
const struct store_record *store_record(const struct store_index *index, uint64_t offset);
const char *store_record_name(const struct store_record *record); /* not terminated */
const uint64_t *store_record_extents(const struct store_record *record);
uint64_t store_record_size(uint32_t name_len, uint32_t extent_count);

/* NULL: it is not there. */
const struct store_record *store_index_find(const struct store_index *index, const char *name);

/* The first one whose name comes after this; NULL: there is none. */
const struct store_record *store_index_after(const struct store_index *index, const char *name);

/*
 * *to becomes *from without the object of that name, and with this one (NULL: without any). Its
 * offset in *at. NOMEM; NOSPC: too large. *to must be empty before, and is if it fails.
 */
ctx_status store_index_change(const struct store_index *from, const char *name,
                              const struct store_record *record, const uint64_t *extents,
                              struct store_index *to, uint64_t *at);

void store_index_drop(struct store_index *index);

/* Blocks of its objects' data. */
uint64_t store_index_data(const struct store_index *index);

static inline uint64_t store_blocks_of(uint64_t bytes)
{
    return bytes / STORE_BLOCK + (bytes % STORE_BLOCK != 0);
}

/* ---- store_space.c ---- */

/* Which blocks are busy: the superblocks, and all that these indices name (b may be NULL). NOMEM.
 * store_space_end() when done. */
ctx_status store_space_begin(struct store *store, const struct store_index *a,
                             const struct store_index *b);
void store_space_end(struct store *store);

/* Free blocks, in as few runs as possible, from the cursor on. *out: heap memory of *room bytes,
 * NULL for no blocks. NOSPC; NOMEM. They are busy then, and the cursor is behind them. */
ctx_status store_space_take(struct store *store, uint64_t blocks, uint64_t **out, uint32_t *count,
                            uint64_t *room);

void store_sort(uint64_t *words, uint64_t count);

/* ---- store_io.c ---- */

/* Memory for what is on its way; kept until the store is unmounted. */
bool store_io_begin(struct store *store);
void store_io_end(struct store *store);

/* One request, in slot 0 with its bytes. Done when status is not PENDING. */
void store_io(struct store *store, enum block_op op, uint64_t sector, uint32_t sectors);
ctx_status store_io_status(const struct store *store);

/* Where block number n is, as a sector of the device. */
uint64_t store_sector(const struct store *store, uint64_t block);

/* Begin to write the job's pieces (or the one given) to these extents, or to read. */
void store_transfer_write(struct store *store, const struct store_piece *pieces, uint64_t len,
                          const uint64_t *extents, uint32_t extent_count);
void store_transfer_read(struct store *store, uint8_t *to, uint64_t from, uint64_t count,
                         uint64_t len, const uint64_t *extents, uint32_t extent_count);

/* Go on with it. True: it has ended, with transfer.status; nothing of it is with the device. For
 * TASK_AWAIT. */
bool store_transfer_step(struct store *store);

/* One more block of a checksum; 0 is where it begins. */
uint64_t store_chain(uint64_t chain, const void *bytes, uint32_t len);

#endif
