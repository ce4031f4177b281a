/* SPDX-License-Identifier: MIT */
/* A file as a disk, on the Linux machine: what comes back is what was written, or an error. */
#define _GNU_SOURCE
#include "test.h"

#include "../../kernel/linux/linux.h"

#include <kernel/block.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECTORS 40u

static char folder[] = "/tmp/argos-disk-XXXXXX";
static char path[64];
static struct task asker;
static uint8_t memory[SECTORS * BLOCK_SECTOR];
static int sync_error;
static uint32_t syncs;

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_fdatasync(int fd)
{
    syncs++;
    errno = sync_error;
    return sync_error != 0 ? -1 : __real_fdatasync(fd);
}

/* A file of so many bytes, each sector full of its number. */
static void make(const char *name, size_t len)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    for (size_t i = 0; i < len; i++) {
        fputc((int)(i / BLOCK_SECTOR), f);
    }
    fclose(f);
}

static struct block_device *last(void)
{
    struct block_device *d = block_first();
    while (d->next != NULL) {
        d = d->next;
    }
    return d;
}

static ctx_status ask(struct block_device *d, enum block_op op, uint64_t sector, uint32_t sectors)
{
    struct block_request r = {
        .op = op, .sectors = sectors, .sector = sector, .bytes = memory, .task = &asker};
    asker.woken = 0;
    block_submit(d, &r);
    assert_int_equal(asker.woken, 1);
    return r.status;
}

static void reads_and_writes(void **state)
{
    (void)state;
    make("plain", SECTORS * BLOCK_SECTOR + 100); /* the odd bytes are not used */
    assert_null(linux_disk_open(path, false));
    struct block_device *d = last();
    assert_text(d->name, "vda");
    assert_int_equal(d->sectors, SECTORS);
    assert_int_equal(ask(d, BLOCK_READ, 3, 5), CTX_OK);
    for (uint32_t i = 0; i < 5 * BLOCK_SECTOR; i++) {
        assert_int_equal(memory[i], 3 + i / BLOCK_SECTOR);
    }
    memset(memory, 0xee, sizeof memory);
    assert_int_equal(ask(d, BLOCK_WRITE, SECTORS - 2, 2), CTX_OK);
    assert_int_equal(ask(d, BLOCK_FLUSH, 0, 0), CTX_OK);
    assert_int_equal(syncs, 1);
    assert_int_equal(ask(d, BLOCK_READ, SECTORS - 3, 3), CTX_OK);
    assert_int_equal(memory[0], SECTORS - 3);
    assert_int_equal(memory[BLOCK_SECTOR], 0xee);
    assert_int_equal(ask(d, BLOCK_READ, SECTORS, 1), CTX_E_RANGE);
    assert_int_equal(ask(d, BLOCK_WRITE, SECTORS - 1, 2), CTX_E_RANGE);
    struct stat s;
    assert_int_equal(stat(path, &s), 0);
    assert_int_equal(s.st_size, SECTORS * BLOCK_SECTOR + 100);

    /* The file system is full; then somebody cuts the file. */
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit old, small = {10 * BLOCK_SECTOR, RLIM_INFINITY};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small.rlim_max = old.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(ask(d, BLOCK_WRITE, 9, 1), CTX_OK);
    assert_int_equal(ask(d, BLOCK_WRITE, 9, 2), CTX_E_IO); /* half of it fits */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(ask(d, BLOCK_WRITE, 9, 2), CTX_OK);
    assert_true(fake_said("vda: write sector=9 sectors=2: File too large"));
    assert_int_equal(truncate(path, 10 * BLOCK_SECTOR + 5), 0);
    assert_int_equal(ask(d, BLOCK_READ, 9, 1), CTX_OK);
    assert_int_equal(ask(d, BLOCK_READ, 9, 2), CTX_E_RANGE);
    assert_int_equal(ask(d, BLOCK_READ, 20, 1), CTX_E_RANGE);
}

static void a_failed_flush_is_for_ever(void **state)
{
    (void)state;
    make("flush", SECTORS * BLOCK_SECTOR);
    assert_null(linux_disk_open(path, false));
    struct block_device *d = last();
    assert_text(d->name, "vdb");
    assert_int_equal(ask(d, BLOCK_FLUSH, 0, 0), CTX_OK);
    sync_error = ENOSPC;
    assert_int_equal(ask(d, BLOCK_FLUSH, 0, 0), CTX_E_IO);
    sync_error = 0;
    assert_int_equal(ask(d, BLOCK_FLUSH, 0, 0), CTX_E_IO);
    assert_int_equal(ask(d, BLOCK_READ, 0, 1), CTX_OK);
}

static void one_writer(void **state)
{
    (void)state;
    make("shared", SECTORS * BLOCK_SECTOR);
    int other = open(path, O_RDONLY);
    assert_int_equal(flock(other, LOCK_EX), 0);
    assert_text(linux_disk_open(path, false), "another program uses it");
    assert_text(linux_disk_open(path, true), "another program uses it");
    close(other);
    assert_null(linux_disk_open(path, false));
    assert_text(last()->name, "vdc"); /* the names of those that failed are free */
    assert_text(linux_disk_open(path, false), "another program uses it");
    pid_t child = fork();
    if (child == 0) {
        _exit(linux_disk_open(path, true) != NULL ? 7 : 0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 7);

    make("read", SECTORS * BLOCK_SECTOR);
    assert_int_equal(chmod(path, 0444), 0);
    assert_null(linux_disk_open(path, true));
    assert_null(linux_disk_open(path, true)); /* many may read */
    assert_text(linux_disk_open(path, false),
                getuid() == 0 ? "another program uses it" : "it may not be opened");
    assert_int_equal(ask(last(), BLOCK_READ, 0, 1), CTX_OK);
    assert_int_equal(ask(last(), BLOCK_WRITE, 0, 1), CTX_E_RDONLY);
    assert_int_equal(ask(last(), BLOCK_FLUSH, 0, 0), CTX_OK);
}

static void no_disks(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "%s/missing", folder);
    assert_text(linux_disk_open(path, false), "there is no such file");
    assert_text(linux_disk_open(folder, false), "it is a folder");
    assert_text(linux_disk_open(folder, true), "it is no file and no disk");
    assert_text(linux_disk_open("/dev/full", false), "it is no file and no disk");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_text(linux_disk_open(path, true), "it is no file and no disk"); /* and does not hang */
    for (size_t len = 0; len < 2; len++) {
        make("short", len * 511);
        assert_text(linux_disk_open(path, false), "it is shorter than one sector of 512 bytes");
    }
    make("one", 512);
    assert_null(linux_disk_open(path, false));
    assert_int_equal(last()->sectors, 1);
    uint32_t count = 0;
    for (const struct block_device *d = block_first(); d != NULL; d = d->next) {
        count++;
    }
    for (; count < 8; count++) {
        make(count % 2 == 0 ? "even" : "odd", 512);
        assert_null(linux_disk_open(path, true));
    }
    assert_text(linux_disk_open(path, true), "there are eight disks already");
}

static int setup(void **state)
{
    (void)state;
    fake_ram(16);
    return mkdtemp(folder) == NULL;
}

static int teardown(void **state)
{
    (void)state;
    char command[96];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes),
        cmocka_unit_test(a_failed_flush_is_for_ever),
        cmocka_unit_test(one_writer),
        cmocka_unit_test(no_disks),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
