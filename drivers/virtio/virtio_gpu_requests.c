/* SPDX-License-Identifier: MIT */
/* Requests to a virtio-gpu and its answers: the contract is at the end of virtio_gpu.h. */
#include "virtio_gpu.h"

#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

#define ROOM "virtio-gpu"

/*
 * A wrong answer is worth a line the first few times; a device that always errs must not flood the
 * log.
 */
#define BAD_ANSWER_LINES 8u

bool gpu_send(struct virtio_gpu *gpu, const void *request, uint32_t len, uint32_t answer_type)
{
    uint32_t no = 0;
    while (no < GPU_REQUESTS && gpu->requests[no].in_flight) {
        no++;
    }
    if (no == GPU_REQUESTS || len > sizeof(gpu->area->messages[0].request)) {
        return false;
    }
    struct gpu_message *message = &gpu->area->messages[no];
    paddr_t message_paddr = gpu->area_paddr + no * sizeof(*message);
    memcpy(message->request, request, len);

    struct gpu_request *state = &gpu->requests[no];
    struct virtq_segment segments[2] = {{message_paddr, len}};
    state->command = ((const struct virtio_gpu_ctrl_hdr *)request)->type;
    state->answer_type = answer_type;
    state->big = answer_type != VIRTIO_GPU_RESP_OK_NODATA;
    if (state->big) {
        /* An answer that stays short of its end must not look like the one before it. */
        memset(&gpu->area->big, 0, sizeof(gpu->area->big));
        bool edid = answer_type == VIRTIO_GPU_RESP_OK_EDID;
        state->answer_len = edid ? sizeof(struct virtio_gpu_resp_edid)
                                 : sizeof(struct virtio_gpu_resp_display_info);
        segments[1] = (struct virtq_segment){gpu->area_paddr + offsetof(struct gpu_area, big),
                                             state->answer_len};
    } else {
        memset(message->answer, 0, sizeof(message->answer));
        state->answer_len = sizeof(struct virtio_gpu_ctrl_hdr);
        segments[1] = (struct virtq_segment){message_paddr + offsetof(struct gpu_message, answer),
                                             state->answer_len};
    }
    if (virtq_add(&gpu->control, segments, 1, 1, state) != CTX_OK) {
        return false;
    }
    state->in_flight = true;
    if (gpu->in_flight++ == 0) {
        gpu->heard_ns = machine_now_ns(); /* silence counts from here */
    }
    return true;
}

static void check_answer(struct virtio_gpu *gpu, const struct gpu_request *request, uint32_t len)
{
    uint32_t no = (uint32_t)(request - gpu->requests);
    const uint8_t *bytes = request->big ? gpu->area->big.bytes : gpu->area->messages[no].answer;
    struct virtio_gpu_ctrl_hdr header;
    memcpy(&header, bytes, sizeof(header)); /* once: the device can still reach it */
    if (len >= sizeof(header) && len >= request->answer_len &&
        header.type == request->answer_type) {
        return;
    }
    gpu->step_failed = true;
    gpu->bad_answers++;
    if (gpu->bad_answers <= BAD_ANSWER_LINES) {
        log_warn(ROOM, "bad answer command=0x%x type=0x%x expected=0x%x len=%u least=%u%s",
                 request->command, len >= sizeof(header) ? header.type : 0, request->answer_type,
                 len, request->answer_len,
                 gpu->bad_answers == BAD_ANSWER_LINES ? " (no more of these are logged)" : "");
    }
}

void gpu_collect(struct virtio_gpu *gpu)
{
    struct virtq_chain chain;
    while (virtq_get(&gpu->control, &chain)) {
        struct gpu_request *request = chain.cookie;
        request->in_flight = false;
        gpu->in_flight--;
        gpu->heard_ns = machine_now_ns();
        if (gpu->silent) {
            gpu->silent = false;
            log_info(ROOM, "answers again at=%s", gpu->dev->at);
        }
        check_answer(gpu, request, chain.len);
    }
    virtq_arm(&gpu->control);
}

bool gpu_quiet_too_long(const struct virtio_gpu *gpu)
{
    return gpu->in_flight > 0 && machine_now_ns() - gpu->heard_ns >= GPU_SILENCE_NS;
}
