/* SPDX-License-Identifier: MIT */
/*
 * The files of an app: what lies between open(), fopen(), opendir() and the file systems below
 * them. No app sees this.
 *
 *   stream.c (fopen)   dir.c (opendir)   temp.c (mkstemp)
 *          \                |               /
 *        fd.c (read, lseek, dup)     open.c (open, stat, rename)
 *          |                                |
 *          |                          mount.c: which file system, and the path below its root
 *          |                         /                                 \
 *          `-- operations --  root.c: "/", the files compiled in      others: ctx_c_mount()
 *                             (rom.c) with those in memory (mem.c)
 *                             laid over them
 *
 * Everything is in the app's memory, so it is saved, undone and restored with the app. An app that
 * opens nothing links none of it; whoever only reads and writes descriptors, fd.c alone.
 *
 * Numbers that functions return here: 0 or more is fine, what is negative is an errno value,
 * negated. errno itself is set by the functions of POSIX alone.
 */
#ifndef CTX_C_FILES_H
#define CTX_C_FILES_H

#include <ctx/status.h>

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>

#define CTX_C_PATH 1024  /* bytes of a path with its NUL: PATH_MAX */
#define CTX_C_NAME 255   /* bytes of one name: NAME_MAX */
#define CTX_C_FDS  65536 /* descriptors: OPEN_MAX */

struct ctx_c_file;

/* One name of a folder, for list(). Not 0: stop, and return that. */
typedef int (*ctx_c_name_fn)(void *arg, const char *name, size_t len, ino_t ino, uint8_t type);

/*
 * A file system. Paths are those below its root, without a slash in front or behind, without empty
 * names, "." and "..", at most CTX_C_PATH bytes; "" is the root. All but open, stat and list may
 * be NULL: the answer is EROFS.
 */
struct ctx_c_fs {
    /* Fills file->ops, and file->node if it likes. flags and mode as of open(). */
    int (*open)(void *fs, const char *path, int flags, mode_t mode, struct ctx_c_file *file);
    int (*stat)(void *fs, const char *path, struct stat *out);
    int (*list)(void *fs, const char *path, ctx_c_name_fn name, void *arg); /* not "." and ".." */
    int (*mkdir)(void *fs, const char *path, mode_t mode);
    int (*remove)(void *fs, const char *path, bool folder); /* rmdir, else unlink */
    int (*rename)(void *fs, const char *from, const char *to);
    int (*chmod)(void *fs, const char *path, mode_t mode);
    int (*times)(void *fs, const char *path, const struct timespec *modified);
    int (*space)(void *fs, const char *path, struct statvfs *out); /* NULL: it is memory */
};

/* What is done with an open file. All but stat and close may be NULL: EINVAL, EROFS, or EISDIR in
 * folders.
 */
struct ctx_c_file_ops {
    ssize_t (*read)(struct ctx_c_file *file, off_t at, void *to, size_t len);
    ssize_t (*write)(struct ctx_c_file *file, off_t at, const void *from, size_t len);
    int (*truncate)(struct ctx_c_file *file, off_t len);
    int (*stat)(struct ctx_c_file *file, struct stat *out);
    int (*sync)(struct ctx_c_file *file); /* NULL: nothing is ever held back */
    int (*space)(struct ctx_c_file *file, struct statvfs *out); /* NULL: it is memory */
    int (*chmod)(struct ctx_c_file *file, mode_t mode);
    int (*times)(struct ctx_c_file *file, const struct timespec *modified);
    /* All of it, if it lies in one piece that never changes; for mmap. */
    const void *(*whole)(struct ctx_c_file *file, size_t *len);
    void (*close)(struct ctx_c_file *file);
    /* poll(): what of events (POLLIN ...) can be done now, and POLLERR, POLLHUP. NULL: all of it.
     */
    short (*ready)(struct ctx_c_file *file, short events);
    /* Of a socket: what ctx.net/1 has to wait for. */
    bool (*wants)(struct ctx_c_file *file, short events, uint32_t want[2]);
    bool stream; /* no place in it: lseek says ESPIPE, at is 0 */
};

/* An open file, which several descriptors may share. */
struct ctx_c_file {
    const struct ctx_c_file_ops *ops;
    void *fs;
    void *node;
    off_t at;
    int flags; /* of open(), without those that are done with */
    uint32_t refs;
    char *path; /* of a folder: from "/" on; else NULL */
};

/* ---- fd.c ---- */

/* NULL: there is no such descriptor. */
struct ctx_c_file *ctx_c_file_of(int fd);

/* The lowest descriptor that is free, from `least` on; -EMFILE. */
int ctx_c_fd_free(int least);

/* From here on there are none that are open. */
int ctx_c_fd_end(void);

/* Takes the file over. */
void ctx_c_fd_set(int fd, struct ctx_c_file *file);

/* One reference less; closes it with the last. */
void ctx_c_file_drop(struct ctx_c_file *file);

/* The descriptor is still what it was at the start: one of the app's three streams. */
bool ctx_c_is_stream(int fd);

/* -1 and errno, if it is negative. */
int ctx_c_files_result(int result);

/* Weak: until one of these sockets is ready, or a stream (CTX_READY_*). What ctx_c_await says. */
struct pollfd;
__attribute__((weak)) ctx_status ctx_c_sockets_await(const struct pollfd *list, size_t count,
                                                     uint64_t deadline, uint32_t streams);

/* Weak: what of the sockets among these can be done, in revents. How many; -ENOMEM. */
__attribute__((weak)) int ctx_c_sockets_look(struct pollfd *list, size_t count);

/* ---- mount.c ---- */

struct ctx_c_place {
    const struct ctx_c_fs *ops;
    void *fs;
    uint32_t device;           /* st_dev */
    bool folder;               /* the path ended in a slash, ... */
    bool dots;                 /* ... or in "." or ".." */
    const char *below;         /* of text: the path below the file system's root */
    char text[CTX_C_PATH + 1]; /* the whole path, from "/" on */
};

/*
 * A file system at a path, which is a folder and becomes one if it is not there. The longest path
 * that fits counts. At most eight. EINVAL, EBUSY: there is one, ENOSPC: eight.
 */
int ctx_c_mount(const char *path, const struct ctx_c_fs *ops, void *fs);

/* What the machine below lends the app, where it does (lent.c). Called once, before the first path.
 */
void ctx_c_mount_lent(void);
/* All that anybody did in them outlives a power cut; nothing where none is lent. */
void ctx_c_sync_lent(void);

/* Where a path leads, from the folder of a descriptor on, or AT_FDCWD. */
int ctx_c_place_of(int folder, const char *path, struct ctx_c_place *out);

/* stat of a place; st_dev is filled in. */
int ctx_c_place_stat(const struct ctx_c_place *place, struct stat *out);

/* The working folder. */
extern char ctx_c_cwd[CTX_C_PATH];

/* ---- root.c ---- */
extern const struct ctx_c_fs ctx_c_root;

/* ---- dev.c ---- */
extern const struct ctx_c_fs ctx_c_dev;

/* ---- rom.c: what ctx-files.py has packed ---- */

struct ctx_c_rom;
struct ctx_c_rom_entry {
    uint64_t at;   /* bytes from the start; of a folder: the index of its first child */
    uint64_t size; /* bytes; of a folder: how many children */
    uint32_t name; /* bytes from the start of the names */
    uint32_t name_len;
    uint32_t kind; /* CTX_C_ROM_* */
    uint32_t parent;
    uint64_t rsv;
};
#define CTX_C_ROM_FILE   1u
#define CTX_C_ROM_FOLDER 2u

/* The app's, NULL: it has none. */
const struct ctx_c_rom *ctx_c_rom_of_app(void);

/* By index; 0 is the root. */
const struct ctx_c_rom_entry *ctx_c_rom_entry(const struct ctx_c_rom *rom, uint64_t index);
const char *ctx_c_rom_name(const struct ctx_c_rom *rom, const struct ctx_c_rom_entry *entry);
const void *ctx_c_rom_data(const struct ctx_c_rom *rom, const struct ctx_c_rom_entry *entry);
ino_t ctx_c_rom_number(const struct ctx_c_rom *rom, const struct ctx_c_rom_entry *entry);

/* The child of a folder with this name; NULL. */
const struct ctx_c_rom_entry *ctx_c_rom_child(const struct ctx_c_rom *rom,
                                              const struct ctx_c_rom_entry *folder,
                                              const char *name, size_t len);

/* ---- mem.c: files in memory ---- */

struct ctx_c_node {
    struct ctx_c_node *parent; /* NULL: the root, or removed */
    struct ctx_c_node *next, *first;
    char *name;
    size_t name_len;
    char **blocks; /* of CTX_C_BLOCK bytes; NULL: zeroes */
    size_t block_count;
    off_t size;
    int64_t modified[2]; /* seconds, nanoseconds */
    ino_t number;
    uint32_t refs; /* open files, and 1 while it has a name */
    mode_t mode;
    bool fixed; /* never freed, renamed or removed */
};
#define CTX_C_BLOCK ((size_t)4096)

extern struct ctx_c_node ctx_c_mem_root;
struct ctx_c_node *ctx_c_mem_child(const struct ctx_c_node *folder, const char *name, size_t len);
int ctx_c_mem_add(struct ctx_c_node *folder, const char *name, size_t len, mode_t mode,
                  struct ctx_c_node **out);
void ctx_c_mem_unlink(struct ctx_c_node *node); /* its name goes; it does when nobody uses it */
void ctx_c_mem_drop(struct ctx_c_node *node);
int ctx_c_mem_move(struct ctx_c_node *node, struct ctx_c_node *folder, const char *name,
                   size_t len);
void ctx_c_mem_touch(struct ctx_c_node *node);
int ctx_c_mem_resize(struct ctx_c_node *node, off_t size);
ssize_t ctx_c_mem_read(const struct ctx_c_node *node, off_t at, void *to, size_t len);
ssize_t ctx_c_mem_write(struct ctx_c_node *node, off_t at, const void *from, size_t len);

#endif
