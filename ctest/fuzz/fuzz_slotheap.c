/* SPDX-License-Identifier: MIT */
/* Bytes as operations on a slot heap, compared with the model of the unit tests. */
#include "frame.h"
#include "fuzz.h"
#include "heap.h"
#include "slotheap_model.h"

#include "fake_machine.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct model m;
    static bool booted;
    if (!booted) {
        fake_ram(32);
        booted = true;
    }
    uint64_t frames = frame_free_total();
    if (size < 4) {
        return 0;
    }
    FUZZ_MUST(model_start(&m, 1 + data[0] * 8u));
    size = size < 400 ? size : 400;
    for (size_t i = 1; i + 3 <= size; i += 3) {
        uint32_t what = data[i];
        uint64_t number = data[i + 1] | (uint64_t)data[i + 2] << 8;
        if (what < 128 && m.count < MODEL_LIVE) {
            uint64_t bytes = (number + 1) << what % 10, align = 1ull << (what >> 4 & 7) * 3;
            (void)(what % 16 < 10 ? model_alloc(&m, bytes, align)
                                  : model_alloc_guarded(&m, bytes, align));
        } else if (what < 224 && m.count > 0) {
            model_dealloc(&m, (uint32_t)(number % m.count));
        } else if (what < 240) {
            m.commits_left = number % 64 == 0 ? UINT64_MAX : number % 64;
        } else {
            /* Small ones are refused by unit.slotheap: each then costs a walk over the whole
             * window. */
            fake.small_ones_free = true;
            fake.allocs_left = number % 16 == 0 ? FAKE_ALWAYS : number % 16;
        }
    }
    fake.allocs_left = FAKE_ALWAYS;
    model_check(&m);
    model_empty(&m);
    model_end(&m);
    FUZZ_MUST(frame_free_total() == frames && heap_used() == 0);
    return 0;
}

size_t fuzz_seed(uint32_t no, uint8_t *buf)
{
    if (no > 3) {
        return 0;
    }
    uint32_t x = no * 7919 + 1;
    for (uint32_t i = 0; i < 390; i++) {
        x = x * 1103515245 + 12345;
        buf[i] = (uint8_t)(x >> 16);
    }
    for (uint32_t i = 1; no < 2 && i < 390; i += 3) { /* small ones only, memory never short */
        buf[i] = (uint8_t)(buf[i] % 224 & (buf[i] < 128 ? 0x37 : 0xff));
    }
    return 390;
}
