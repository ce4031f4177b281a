/* SPDX-License-Identifier: MIT */
/* See netdump.h. Each frame is written at once: a run that is killed leaves what had happened. */
#include "netdump.h"

#include <kernel/klog.h>
#include <kernel/machine.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAGIC_NS 0xa1b23c4du /* in this machine's byte order, with nanoseconds */
#define ETHERNET 1u
#define SNAPSHOT 65535u

struct file_header {
    uint32_t magic;
    uint16_t major, minor;
    uint32_t zone, accuracy, longest, link;
};

struct frame_header {
    uint32_t seconds, ns, kept, len;
};

/* [boot, loop] */
static int file = -1;

const char *netdump_open(const char *path)
{
    const struct file_header head = {
        .magic = MAGIC_NS, .major = 2, .minor = 4, .longest = SNAPSHOT, .link = ETHERNET};
    file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) {
        return strerror(errno);
    }
    return write(file, &head, sizeof head) == (ssize_t)sizeof head ? NULL : "it can not be written";
}

static size_t gather(struct iovec *pieces, const struct nic_segment *segments, uint32_t count,
                     size_t len, uint32_t *used)
{
    size_t done = 0;
    *used = 1; /* the header lies in front */
    for (uint32_t i = 0; i < count && done < len; i++) {
        size_t part = MIN(len - done, (size_t)segments[i].len);
        pieces[(*used)++] = (struct iovec){segments[i].bytes, part};
        done += part;
    }
    return done;
}

void netdump_frame(const struct nic_segment *segments, uint32_t count, size_t len)
{
    struct iovec pieces[NIC_SEGMENTS + 1];
    struct frame_header head;
    uint32_t used;
    int64_t now = 0;
    if (file < 0 || len == 0) {
        return;
    }
    (void)machine_wall_ns(&now);
    size_t kept = gather(pieces, segments, count, len, &used);
    head = (struct frame_header){(uint32_t)(now / (int64_t)NSEC_PER_SEC),
                                 (uint32_t)(now % (int64_t)NSEC_PER_SEC), (uint32_t)kept,
                                 (uint32_t)len};
    pieces[0] = (struct iovec){&head, sizeof head};
    off_t end = lseek(file, 0, SEEK_END);
    ssize_t n = writev(file, pieces, (int)used);
    if (n != (ssize_t)(sizeof head + kept)) {
        log_error("net", "--net-dump: %s; it ends here", n < 0 ? strerror(errno) : "no room");
        if (n > 0 && end >= 0 && ftruncate(file, end) != 0) {
            log_error("net", "--net-dump: its last frame is cut");
        }
        close(file);
        file = -1;
    }
}
