/* SPDX-License-Identifier: MIT */
/* `ctx disk`: the image store in a file, by the same code that the kernel has. */
#define _GNU_SOURCE
#include "diskfile.h"
#include "klog_private.h"
#include "linux.h"
#include "store.h"
#include "tool.h"

#include <kernel/klog.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MEMORY_MIB  32u
#define SIZE_USUAL  (64u << 20)
#define SIZE_LEAST  (STORE_LEAST * STORE_BLOCK)
#define TABLE_BYTES (2u << 20) /* a partition begins at the first megabyte, as everybody's do */

/* The command's own: nothing else runs. */
static struct {
    const char *path;
    struct store store;
    uint64_t size, quota; /* 0: not given */
    bool gpt, force;
} tool;

static const char usage[] =
    "ctx: disk create DISK [--size 64M] [--quota N] [--gpt] [--force]\n"
    "     disk ls DISK | get DISK NAME [FILE] | put DISK NAME FILE [--force] | rm DISK NAME\n"
    "     disk check DISK | info DISK\n";

static int complain(int code, const char *what, const char *why)
{
    fprintf(stderr, "ctx: %s: %s\n", what, why);
    return code;
}

/* What the store and the disk warn of. */
static void hear(char level, const char *room, const char *text)
{
    if ((level == 'W' || level == 'E') &&
        (strcmp(room, "store") == 0 || strcmp(room, "disk") == 0)) {
        fprintf(stderr, "ctx: %s: %s\n", tool.path, text);
    }
}

/* ---- jobs ---- */

static int run(struct store_job *job, const char *what)
{
    store_submit(&tool.store, job);
    ctx_status status = store_wait(job, NEVER_NS);
    if (status == CTX_OK) {
        return LINUX_FINE;
    }
    return complain(status == CTX_E_NOENT || status == CTX_E_INVAL ? LINUX_USAGE : LINUX_REFUSED,
                    what, job->why);
}

/* Whoever only reads does not keep other readers out. */
static int open_disk(const char *path, bool read_only)
{
    tool.path = path;
    linux_clock_init();
    linux_serial_mute();
    const char *why = linux_ram_init(MEMORY_MIB);
    if (why != NULL) {
        return complain(LINUX_USAGE, "memory", why);
    }
    klog_set_sink(hear);
    why = linux_disk_open(path, read_only);
    if (why != NULL) {
        return complain(LINUX_USAGE, path, why);
    }
    store_init(&tool.store);
    return LINUX_FINE;
}

static int open_store(const char *path, bool read_only)
{
    int code = open_disk(path, read_only);
    if (code != LINUX_FINE) {
        return code;
    }
    struct store_job mount = {.op = STORE_MOUNT, .device = block_first()};
    return run(&mount, path);
}

static bool set_name(struct store_job *job, const char *name)
{
    bool good = store_name_good(name);
    if (good) {
        memcpy(job->name, name, strlen(name) + 1);
    } else {
        complain(LINUX_USAGE, name, "a name has 1 to 63 bytes of printable UTF-8");
    }
    return good;
}

/* ---- create ---- */

static bool read_create_options(int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        uint64_t *number = strcmp(argv[i], "--size") == 0    ? &tool.size
                           : strcmp(argv[i], "--quota") == 0 ? &tool.quota
                                                             : NULL;
        if (number != NULL && i + 1 < argc && diskfile_size(argv[i + 1], number)) {
            i++;
        } else if (number != NULL) {
            fprintf(stderr, "ctx: %s%s%s: it takes 1 to %llu bytes, such as 64M\n", argv[i],
                    i + 1 < argc ? " " : "", i + 1 < argc ? argv[i + 1] : "",
                    (unsigned long long)INT64_MAX);
            return false;
        } else if (strcmp(argv[i], "--gpt") == 0) {
            tool.gpt = true;
        } else if (strcmp(argv[i], "--force") == 0) {
            tool.force = true;
        } else {
            fputs(usage, stderr);
            return false;
        }
    }
    return true;
}

/* A new file of this size; with --force also one that is there, or a disk. NULL: done, else why
 * not. */
static const char *make_file(const char *path, bool *made)
{
    uint64_t size = tool.size != 0 ? tool.size : SIZE_USUAL;
    if (size < SIZE_LEAST + (tool.gpt ? TABLE_BYTES : 0) || size > INT64_MAX) {
        return tool.gpt ? "a disk with a partition has at least 2112K" : "a disk has at least 64K";
    }
    struct stat s;
    bool there = stat(path, &s) == 0;
    if (there && !tool.force) {
        return "it exists; --force makes an empty store of it";
    }
    *made = !there;
    if (there && (!S_ISREG(s.st_mode) || tool.size == 0)) {
        return NULL; /* it is as large as it is */
    }
    int fd = open(path, O_RDWR | O_CLOEXEC | (there ? 0 : O_CREAT | O_EXCL), 0666);
    bool good =
        fd >= 0 && (there && (uint64_t)s.st_size >= size ? 0 : ftruncate(fd, (off_t)size)) == 0;
    const char *why = good ? NULL : strerror(errno);
    *made &= fd >= 0;
    if (fd >= 0) {
        close(fd);
    }
    return why;
}

static int create(int argc, char **argv)
{
    const char *path = argv[0];
    bool made = false;
    if (path[0] == '-') {
        fputs(usage, stderr);
        return LINUX_USAGE;
    }
    if (!read_create_options(argc - 1, argv + 1)) {
        return LINUX_USAGE;
    }
    const char *why = make_file(path, &made);
    if (why != NULL) {
        if (made) {
            unlink(path);
        }
        return complain(LINUX_USAGE, path, why);
    }
    int code = open_disk(path, false);
    struct store_job format = {.op = STORE_FORMAT, .device = block_first(), .quota = tool.quota};
    if (code == LINUX_FINE && tool.gpt &&
        !tool_write_gpt(format.device, &format.first_sector, &format.sectors)) {
        code = complain(LINUX_REFUSED, path, "the partition table can not be written");
    }
    code = code == LINUX_FINE ? run(&format, path) : code;
    if (code != LINUX_FINE && made) {
        unlink(path);
    }
    return code;
}

/* ---- the others ---- */

static void print_time(int64_t ns)
{
    time_t seconds = (time_t)(ns / (int64_t)NSEC_PER_SEC);
    struct tm tm;
    char text[32] = "-";
    if (ns > 0 && localtime_r(&seconds, &tm) != NULL) {
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm);
    }
    printf("%-19s", text);
}

static int list(int argc, char **argv)
{
    (void)argc;
    int code = open_store(argv[0], true);
    struct store_stat stat = {.name = ""};
    while (code == LINUX_FINE && store_next(&tool.store, &stat)) {
        printf("%12llu  ", (unsigned long long)stat.len);
        print_time(stat.wall_ns);
        printf("  %s\n", stat.name);
    }
    return code;
}

/* Only whole, verified objects are written. */
static int save(const char *path, const uint8_t *bytes, uint64_t len)
{
    const char *why = path != NULL ? tool_protected(path) : NULL;
    if (why != NULL) {
        return complain(LINUX_USAGE, path, why);
    }
    FILE *f = path != NULL && strcmp(path, "-") != 0 ? fopen(path, "wb") : stdout;
    bool good = f != NULL && fwrite(bytes, 1, len, f) == len;
    good = f != NULL && (f != stdout ? fclose(f) : fflush(f)) == 0 && good;
    return good ? LINUX_FINE
                : complain(LINUX_USAGE, path != NULL ? path : "standard output", strerror(errno));
}

static int get(int argc, char **argv)
{
    struct store_job job = {.op = STORE_GET};
    struct store_stat stat;
    int code = set_name(&job, argv[1]) ? open_store(argv[0], true) : LINUX_USAGE;
    if (code != LINUX_FINE) {
        return code;
    }
    if (store_stat(&tool.store, job.name, &stat) != CTX_OK) {
        return complain(LINUX_USAGE, job.name, "there is no such object");
    }
    uint8_t *bytes = malloc(stat.len + 1);
    if (bytes == NULL) {
        return complain(LINUX_USAGE, job.name, "not enough memory");
    }
    job.buffer = bytes;
    job.len = stat.len;
    code = run(&job, job.name);
    code = code == LINUX_FINE ? save(argc > 2 ? argv[2] : NULL, bytes, stat.len) : code;
    free(bytes);
    return code;
}

/* What is there already is only replaced with --force: it may be a session. */
static int put(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[3], "--force") != 0) {
        fputs(usage, stderr);
        return LINUX_USAGE;
    }
    struct store_job job = {.op = STORE_PUT};
    struct store_info info;
    uint64_t len;
    int code = set_name(&job, argv[1]) ? open_store(argv[0], false) : LINUX_USAGE;
    if (code != LINUX_FINE || store_info(&tool.store, &info) != CTX_OK) {
        return code;
    }
    struct store_stat old;
    if (argc == 3 && store_stat(&tool.store, job.name, &old) == CTX_OK) {
        fprintf(stderr, "ctx: %s: an object of %llu bytes has this name; --force replaces it\n",
                job.name, (unsigned long long)old.len);
        return LINUX_USAGE;
    }
    uint8_t *bytes = tool_read(argv[2], info.bytes, &len);
    if (bytes == NULL) {
        return LINUX_USAGE;
    }
    struct store_piece piece = {bytes, len};
    job.pieces = &piece;
    job.piece_count = 1;
    code = run(&job, job.name);
    free(bytes);
    return code;
}

static int rm(int argc, char **argv)
{
    (void)argc;
    struct store_job job = {.op = STORE_REMOVE};
    int code = set_name(&job, argv[1]) ? open_store(argv[0], false) : LINUX_USAGE;
    return code == LINUX_FINE ? run(&job, job.name) : code;
}

static int check(int argc, char **argv)
{
    (void)argc;
    int code = open_store(argv[0], true);
    if (code != LINUX_FINE) {
        return code;
    }
    struct store_job job = {.op = STORE_CHECK};
    const struct store_report *r = &job.report;
    code = run(&job, argv[0]);
    printf("%s: %s, %llu objects, %llu bytes", argv[0], code == LINUX_FINE ? "fine" : "damaged",
           (unsigned long long)r->objects, (unsigned long long)r->bytes);
    if (r->damaged + r->unreadable > 0) {
        printf(", %llu of them damaged, %llu unreadable", (unsigned long long)r->damaged,
               (unsigned long long)r->unreadable);
    }
    printf("%s\n", r->superblocks < 2 ? ", one superblock of two (a power cut leaves that)" : "");
    return code;
}

static int info(int argc, char **argv)
{
    (void)argc;
    int code = open_store(argv[0], true);
    struct store_info i;
    if (code != LINUX_FINE || store_info(&tool.store, &i) != CTX_OK) {
        return code;
    }
    const uint8_t *u = i.uuid;
    printf("%s: %llu bytes from sector %llu on%s\n", argv[0], (unsigned long long)i.bytes,
           (unsigned long long)i.first_sector, i.first_sector != 0 ? ", a partition" : "");
    printf("  uuid       %02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x\n",
           u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13],
           u[14], u[15]);
    printf("  made       ");
    print_time(i.made_ns);
    printf("\n  objects    %llu, %llu bytes\n", (unsigned long long)i.objects,
           (unsigned long long)i.used);
    printf("  room       %llu bytes\n", (unsigned long long)i.room);
    if (i.quota != 0) {
        printf("  quota      %llu bytes\n", (unsigned long long)i.quota);
    }
    printf("  changes    %llu\n", (unsigned long long)i.sequence);
    if (i.note[0] != 0) {
        printf("  note       %s\n", i.note);
    }
    return code;
}

int tool_disk(int argc, char **argv)
{
    static const struct {
        const char *name;
        int least, most;
        int (*run)(int argc, char **argv);
    } commands[] = {
        {"create", 1, 7, create}, {"ls", 1, 1, list},     {"get", 2, 3, get},   {"put", 3, 4, put},
        {"rm", 2, 2, rm},         {"check", 1, 1, check}, {"info", 1, 1, info},
    };
    for (size_t i = 0; argc > 0 && i < ARRAY_COUNT(commands); i++) {
        if (strcmp(argv[0], commands[i].name) == 0 && argc - 1 >= commands[i].least &&
            argc - 1 <= commands[i].most) {
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    fputs(usage, stderr);
    return LINUX_USAGE;
}
