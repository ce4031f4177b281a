/* SPDX-License-Identifier: MIT */
/* The list of block devices, and the checks that no driver has to make: see kernel/block.h. */
#include <kernel/block.h>
#include <kernel/klog.h>

/* [boot, loop] */
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
    return state.probing > 0;
}

struct block_device *block_first(void)
{
    return state.first;
}

void block_done(struct block_request *request, ctx_status status)
{
    struct task *task = request->task; /* once the status is set the struct is the asker's */
    request->status = status;
    if (task != NULL) {
        task_wake(task);
    }
}

/* PENDING: the device has to see it. In release builds too: the numbers may come from a disk. */
static ctx_status judge(const struct block_device *device, const struct block_request *request)
{
    uint32_t multiple = MAX(device->multiple, 1u);
    switch (request->op) {
    case BLOCK_FLUSH:
        if (request->sectors != 0) {
            return CTX_E_INVAL;
        }
        return device->read_only ? CTX_OK : CTX_PENDING; /* nothing can have been written */
    case BLOCK_READ:
    case BLOCK_WRITE:
        break;
    default:
        return CTX_E_INVAL;
    }
    if (request->sectors == 0 || request->sectors > device->max_sectors || request->bytes == NULL ||
        request->sector % multiple != 0 || request->sectors % multiple != 0) {
        return CTX_E_INVAL;
    }
    if (request->op == BLOCK_WRITE && device->read_only) {
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
