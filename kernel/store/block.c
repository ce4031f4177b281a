/* SPDX-License-Identifier: MIT */
/* The list of block devices, and the checks that no driver has to make: see kernel/block.h. Who has
 * them is disks.c's. */
#include <kernel/block.h>
#include <kernel/klog.h>
#include <kernel/string.h>

/* [boot, loop] write, [in a call] reads. */
static struct {
    struct block_device *first, **end;
    uint32_t probing;
} state;

void block_offer(struct block_device *device)
{
    KASSERT(device->submit != NULL && device->max_sectors >= BLOCK_SECTORS_LEAST);
    device->next = NULL;
    if (state.end == NULL) {
        state.end = &state.first;
    }
    *state.end = device;
    state.end = &device->next;
    log_info("block", "name=%s sectors=%lu MiB=%lu%s", device->name, device->sectors,
             device->sectors / ((1u << 20) / BLOCK_SECTOR), device->read_only ? " read-only" : "");
    device->whole =
        (struct block_disk){.device = device, .number = block_number(), .sectors = device->sectors};
    text_copy(device->whole.name, sizeof device->whole.name, device->name);
    text_copy(device->whole.label, sizeof device->whole.label, device->serial);
    text_make_printable(device->whole.label);
    device->look = true;
    block_partitions_look();
    block_changed();
}

void block_resized(struct block_device *device, uint64_t sectors)
{
    if (device->gone || sectors == device->sectors) {
        return;
    }
    log_info("block", "name=%s sectors=%lu were=%lu", device->name, sectors, device->sectors);
    device->sectors = device->whole.sectors = sectors;
    device->look = true;
    block_partitions_look();
    block_changed();
}

void block_gone(struct block_device *device)
{
    if (!device->gone) {
        device->gone = true;
        log_info("block", "name=%s is gone", device->name);
        block_changed();
    }
}

void block_probe_begin(void)
{
    state.probing++;
}

void block_probe_end(void)
{
    state.probing -= state.probing > 0;
}

bool block_probing(void)
{
    return state.probing > 0 || block_partitions_busy();
}

struct block_device *block_first(void)
{
    return state.first;
}

const char *block_op_name(enum block_op op)
{
    static const char *const names[BLOCK_OPS] = {"read", "write", "flush", "discard", "zeroes"};
    return (uint32_t)op < BLOCK_OPS ? names[op] : "?";
}

void block_done(struct block_request *request, ctx_status status)
{
    struct task *task = request->task; /* once the status is set the struct is the asker's */
    void (*ended)(struct block_request *) = request->ended;
    request->status = status;
    if (task != NULL) {
        task_wake(task);
    }
    if (ended != NULL) {
        ended(request);
    }
}

static bool segments_good(const struct block_device *device, const struct block_request *request)
{
    uint64_t bytes = 0;
    if (request->segment_count == 0) {
        return request->bytes != NULL;
    }
    if (request->segment_count > MAX(device->max_segments, 1u)) {
        return false;
    }
    for (uint32_t i = 0; i < request->segment_count; i++) {
        const struct block_segment *s = &request->segments[i];
        if (s->bytes == NULL || s->len == 0 || s->len % BLOCK_SECTOR != 0) {
            return false;
        }
        bytes += s->len;
    }
    return bytes == (uint64_t)request->sectors * BLOCK_SECTOR;
}

/* PENDING: the device has to see it. In release builds too: the numbers may come from a disk, or
 * from an app. */
static ctx_status judge(const struct block_device *device, const struct block_request *request)
{
    uint32_t multiple = MAX(device->multiple, 1u), most = device->max_sectors;
    bool moves = request->op == BLOCK_READ || request->op == BLOCK_WRITE;
    if (device->gone) {
        return CTX_E_IO;
    }
    switch (request->op) {
    case BLOCK_FLUSH:
        if (request->sectors != 0) {
            return CTX_E_INVAL;
        }
        /* Where it is only read nothing can have been written. */
        return device->read_only || device->cache == BLOCK_CACHE_NONE ? CTX_OK
               : device->cache == BLOCK_CACHE_FORGETS                 ? CTX_E_NOSYS
                                                                      : CTX_PENDING;
    case BLOCK_READ:
    case BLOCK_WRITE:
        break;
    case BLOCK_DISCARD:
    case BLOCK_ZEROES:
        if (!(request->op == BLOCK_DISCARD ? device->discards : device->zeroes)) {
            return CTX_E_NOSYS;
        }
        most = device->max_erase;
        break;
    default:
        return CTX_E_INVAL;
    }
    if (request->sectors == 0 || request->sectors > most || request->sector % multiple != 0 ||
        request->sectors % multiple != 0 || (moves && !segments_good(device, request))) {
        return CTX_E_INVAL;
    }
    if (request->op != BLOCK_READ && device->read_only) {
        return CTX_E_RDONLY;
    }
    /* Never sector + sectors: that sum can wrap. */
    if (request->sector >= device->sectors ||
        request->sectors > device->sectors - request->sector) {
        return CTX_E_RANGE;
    }
    return CTX_PENDING;
}

void block_submit(struct block_device *device, struct block_request *request)
{
    ctx_status status = judge(device, request);
    request->next = NULL;
    request->status = CTX_PENDING;
    if (status != CTX_PENDING) {
        block_done(request, status);
        return;
    }
    device->submit(device, request);
}
