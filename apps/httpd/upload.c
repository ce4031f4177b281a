/* SPDX-License-Identifier: MIT */
/*
 * Files that are put here. Until one is whole it lies in a folder of this server's own, .uploads-80
 * in the folder of files, which nobody is shown; what a power cut or an end of this app has left
 * there goes when it begins the next time.
 */
#define _GNU_SOURCE
#include "httpd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIGITS 16u

struct upload {
    int fd;
    char file[PATH_MOST], part[FILE_ROOM + DIGITS + 1];
};

/* Where they lie until they are whole; two servers that serve one folder have different ports. */
static const char *folder(void)
{
    static char at[FILE_ROOM];
    if (at[0] == 0) {
        snprintf(at, sizeof at, "%s/.uploads-%u", settings.root,
                 (unsigned)(settings.port != 0 ? settings.port : settings.tls_port));
    }
    return at;
}

static bool is_ours(const char *name)
{
    return strlen(name) == DIGITS && strspn(name, "0123456789abcdef") == DIGITS;
}

void uploads_clean(void)
{
    static bool done; /* the folder could be looked at */
    unsigned count = 0;
    if (done || settings.root == NULL) {
        return;
    }
    errno = 0;
    DIR *dir = opendir(folder());
    if (dir == NULL) {
        struct stat info;
        done = errno == ENOENT && stat(settings.root, &info) == 0;
        return;
    }
    done = true;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char file[FILE_ROOM + DIGITS + 1];
        snprintf(file, sizeof file, "%s/%.16s", folder(), entry->d_name);
        count += is_ours(entry->d_name) && unlink(file) == 0;
    }
    closedir(dir);
    (void)rmdir(folder());
    if (count > 0) {
        world_say("%u uploads had not ended when this server did: they are gone", count);
    }
}

bool upload_begin(struct conn *conn, const char *file)
{
    struct upload *upload = calloc(1, sizeof *upload);
    char name[DIGITS + 1];
    if (upload == NULL) {
        return false;
    }
    uploads_clean();
    door_random(name, DIGITS);
    snprintf(upload->file, sizeof upload->file, "%s", file);
    snprintf(upload->part, sizeof upload->part, "%s/%s", folder(), name);
    upload->fd = -1;
    if (mkdir(folder(), 0755) == 0 || errno == EEXIST) {
        upload->fd = open(upload->part, O_WRONLY | O_CREAT | O_TRUNC | O_EXCL, 0644);
    }
    if (upload->fd < 0) {
        free(upload);
        return false;
    }
    conn->upload = upload;
    conn->sink = SINK_FILE;
    return true;
}

bool upload_take(struct conn *conn, const char *bytes, size_t len)
{
    while (len > 0 && conn->body_len <= UPLOAD_MOST) {
        ssize_t taken = write(conn->upload->fd, bytes, len);
        if (taken <= 0) {
            return false;
        }
        bytes += taken;
        len -= (size_t)taken;
    }
    return len == 0;
}

/* The name is that of the old file or of the whole new one, never of a part; and who is told that
 * it is there finds it after a power cut. */
void upload_end(struct conn *conn, bool whole)
{
    struct upload *upload = conn->upload;
    conn->upload = NULL;
    uint32_t status = whole ? files_may_change(upload->file) : 0; /* by now */
    bool fine = whole && status == 0 && fsync(upload->fd) == 0 &&
                rename(upload->part, upload->file) == 0 &&
                fsync(upload->fd) == 0; /* its name, too */
    fine = close(upload->fd) == 0 && fine;
    if (!fine) {
        unlink(upload->part);
    }
    if (whole) {
        answer_status(conn, fine ? 201 : status != 0 ? status : 507, "", "");
    }
    (void)rmdir(folder()); /* unless others lie there */
    free(upload);
}
