/* SPDX-License-Identifier: MIT */
/*
 * SQLite over files of a C library, as little as it takes: for SQLite's own programs of its source
 * package, on Argos and on this machine (sqlite.py). One process has a database: nothing is locked.
 */
#include <sqlite3.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

struct file {
    sqlite3_file base;
    int fd;
    int drop; /* the name goes with it */
    char name[200];
};

static int file_close(sqlite3_file *f)
{
    struct file *file = (struct file *)f;
    close(file->fd);
    if (file->drop) {
        unlink(file->name);
    }
    return SQLITE_OK;
}

static int file_read(sqlite3_file *f, void *bytes, int len, sqlite3_int64 at)
{
    int done = 0;
    while (done < len) {
        ssize_t n = pread(((struct file *)f)->fd, (char *)bytes + done, (size_t)(len - done),
                          (off_t)(at + done));
        if (n < 0) {
            return SQLITE_IOERR_READ;
        }
        if (n == 0) {
            memset((char *)bytes + done, 0, (size_t)(len - done));
            return SQLITE_IOERR_SHORT_READ;
        }
        done += (int)n;
    }
    return SQLITE_OK;
}

static int file_write(sqlite3_file *f, const void *bytes, int len, sqlite3_int64 at)
{
    for (int done = 0; done < len;) {
        ssize_t n = pwrite(((struct file *)f)->fd, (const char *)bytes + done, (size_t)(len - done),
                           (off_t)(at + done));
        if (n <= 0) {
            return errno == ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE;
        }
        done += (int)n;
    }
    return SQLITE_OK;
}

static int file_truncate(sqlite3_file *f, sqlite3_int64 len)
{
    return ftruncate(((struct file *)f)->fd, (off_t)len) == 0 ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

static int file_sync(sqlite3_file *f, int flags)
{
    (void)flags;
    return fsync(((struct file *)f)->fd) == 0 ? SQLITE_OK : SQLITE_IOERR_FSYNC;
}

static int file_size(sqlite3_file *f, sqlite3_int64 *len)
{
    struct stat s;
    int rc = fstat(((struct file *)f)->fd, &s);
    *len = rc == 0 ? s.st_size : 0;
    return rc == 0 ? SQLITE_OK : SQLITE_IOERR_FSTAT;
}

static int file_lock(sqlite3_file *f, int level)
{
    (void)f;
    (void)level;
    return SQLITE_OK;
}

static int file_reserved(sqlite3_file *f, int *out)
{
    (void)f;
    *out = 0;
    return SQLITE_OK;
}

static int file_control(sqlite3_file *f, int op, void *arg)
{
    (void)f;
    (void)op;
    (void)arg;
    return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *f)
{
    (void)f;
    return 4096;
}

static int file_device(sqlite3_file *f)
{
    (void)f;
    return 0;
}

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *out, int flags, int *got)
{
    static const sqlite3_io_methods methods = {1,
                                               file_close,
                                               file_read,
                                               file_write,
                                               file_truncate,
                                               file_sync,
                                               file_size,
                                               file_lock,
                                               file_lock,
                                               file_reserved,
                                               file_control,
                                               file_sector,
                                               file_device,
                                               0,
                                               0,
                                               0,
                                               0,
                                               0,
                                               0};
    static unsigned count;
    struct file *file = (struct file *)out;
    (void)vfs;
    memset(file, 0, sizeof *file);
    if (name != NULL) {
        snprintf(file->name, sizeof file->name, "%s", name);
    } else {
        snprintf(file->name, sizeof file->name, "/tmp/sqlite-%u", count++);
    }
    file->drop = name == NULL || (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    file->fd = open(file->name,
                    ((flags & SQLITE_OPEN_READWRITE) != 0 ? O_RDWR : O_RDONLY) |
                        ((flags & SQLITE_OPEN_CREATE) != 0 ? O_CREAT : 0),
                    0666);
    if (file->fd < 0) {
        return SQLITE_CANTOPEN;
    }
    file->base.pMethods = &methods;
    if (got != NULL) {
        *got = flags;
    }
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs;
    (void)sync;
    return unlink(name) == 0 ? SQLITE_OK
           : errno == ENOENT ? SQLITE_IOERR_DELETE_NOENT
                             : SQLITE_IOERR_DELETE;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    struct stat s;
    (void)vfs;
    (void)flags;
    *out = stat(name, &s) == 0;
    return SQLITE_OK;
}

static int vfs_path(sqlite3_vfs *vfs, const char *name, int len, char *out)
{
    (void)vfs;
    sqlite3_snprintf(len, out, "%s", name);
    return SQLITE_OK;
}

static int vfs_random(sqlite3_vfs *vfs, int len, char *out)
{
    (void)vfs;
    for (int i = 0; i < len; i++) {
        out[i] = (char)(i * 37); /* the same each time: what comes of it is compared */
    }
    return len;
}

static int vfs_sleep(sqlite3_vfs *vfs, int us)
{
    (void)vfs;
    return us;
}

static int vfs_time64(sqlite3_vfs *vfs, sqlite3_int64 *ms)
{
    struct timeval t;
    (void)vfs;
    gettimeofday(&t, NULL);
    *ms = 210866760000000LL + (sqlite3_int64)t.tv_sec * 1000 + t.tv_usec / 1000;
    return SQLITE_OK;
}

static int vfs_time(sqlite3_vfs *vfs, double *days)
{
    sqlite3_int64 ms;
    vfs_time64(vfs, &ms);
    *days = (double)ms / 86400000.0;
    return SQLITE_OK;
}

static int vfs_error(sqlite3_vfs *vfs, int len, char *out)
{
    (void)vfs;
    (void)len;
    (void)out;
    return errno;
}

int sqlite3_os_init(void);
int sqlite3_os_end(void);

int sqlite3_os_init(void)
{
    static sqlite3_vfs vfs = {.iVersion = 2,
                              .szOsFile = sizeof(struct file),
                              .mxPathname = 199,
                              .zName = "files",
                              .xOpen = vfs_open,
                              .xDelete = vfs_delete,
                              .xAccess = vfs_access,
                              .xFullPathname = vfs_path,
                              .xRandomness = vfs_random,
                              .xSleep = vfs_sleep,
                              .xCurrentTime = vfs_time,
                              .xGetLastError = vfs_error,
                              .xCurrentTimeInt64 = vfs_time64};
    return sqlite3_vfs_register(&vfs, 1);
}

int sqlite3_os_end(void)
{
    return SQLITE_OK;
}
