/* SPDX-License-Identifier: MIT */
/* Bytes as calls of an app of version 3: any function, with arguments that are good, nearly good,
 * or nothing of the kind. Whatever it does, nothing outside its slot changes, and all comes back.
 */
#include "app_v3.h"
#include "event.h"
#include "fake_block.h"
#include "fake_files.h"
#include "fake_nic.h"
#include "fake_terminal.h"
#include "frame.h"
#include "fuzz.h"
#include "heap.h"
#include "make_elf.h"
#include "surface.h"

#include "fake_machine.h"

#include <string.h>

#define EVERYBODY  ((struct route){ROUTE_ALL, 0}) /* nobody manages windows */

#define CALL_BYTES 12u
#define FILE_AT    8192u /* in the scratch memory, behind all that arguments point to */

static const uint8_t *script;
static size_t script_len;
static uint8_t victim[256];
static uint32_t disk, card;
static struct fake_nic nic;
static struct made_elf m;

typedef uint64_t gate_call(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);

/* Two bytes as an argument. results[] is what earlier calls gave: handles, blocks, tables. */
static uint64_t argument(uint8_t kind, uint8_t value, uint64_t scratch, const uint64_t *results)
{
    uint64_t base = app_current()->base;
    switch (kind % 16) {
    case 0:
        return value;
    case 1:
        return (uint64_t)value << 4;
    case 2:
        return 1ull << value % 64;
    case 3:
        return (uint64_t)0 - value;
    case 4:
        return base + (uint64_t)value * 0x1000;
    case 5:
        return base + CTX_SLOT_SIZE - value * 0x800ull;
    case 6:
        return (uint64_t)(uintptr_t)victim + value % 200;
    case 7:
        return base + CTX_SLOT_HEAP + value * 0x1000ull + 0xffc;
    case 8:
    case 9:
        return results[value % 16];
    case 10:
        return 40;
    default:
        return scratch + value * 16;
    }
}

/* Arguments that no chance would find. */
static void hint(uint32_t no, uint32_t fn, uint64_t args[5], uint64_t scratch, uint64_t handle)
{
    if (no == CTX_TABLE_IFACE) {
        args[0] = scratch; /* an id lies there */
        args[1] = 12;
        args[2] &= 31;
        args[3] = scratch + 32;
    } else if (no == CTX_TABLE_DISPLAY && fn == 2) {
        args[0] = args[0] % 600 + 1;
        args[1] = args[1] % 600 + 1;
        args[2] = args[2] % 2 + 1;
        args[3] = 0;
        args[4] = scratch + 64;
    } else if (no == CTX_TABLE_DISPLAY) {
        args[0] = handle;
        args[1] = fn == 6 ? args[1] % 400 : args[1];
        args[2] = fn == 6 ? args[2] % 400 : args[2];
    } else if (no == CTX_TABLE_BLOCK && fn == 1) {
        args[0] = disk;
        args[1] &= 1;
        args[2] = scratch + 48;
    } else if (no == CTX_TABLE_BLOCK && fn == 4) {
        struct ctx_block_request r = {.size = sizeof r,
                                      .op = (uint32_t)(args[1] % 7),
                                      .handle = (uint32_t)handle,
                                      .share = args[1] % 64 == 9,
                                      .from = args[1] % 7 < 3 ? scratch + 16384 : 0,
                                      .at = args[2] % 70 * BLOCK_SECTOR,
                                      .bytes = args[3] % 18 * BLOCK_SECTOR};
        args[0] = scratch + 12288;
        memcpy((void *)(uintptr_t)args[0], &r, sizeof r);
    } else if (no == CTX_TABLE_BLOCK) {
        args[0] = fn == 5 ? scratch + 128 : fn == 0 ? 0 : handle;
    } else if (no == CTX_TABLE_NIC && fn == 1) {
        struct ctx_nic_setup s = {.size = sizeof s,
                                  .card = card,
                                  .share = (uint32_t)handle,
                                  .at = args[1] % 70 * 64,
                                  .send_entries = 1u << args[2] % 7,
                                  .receive_entries = 1u << args[3] % 7};
        args[0] = scratch + 12288;
        args[1] = scratch + 48;
        memcpy((void *)(uintptr_t)args[0], &s, sizeof s);
    } else if (no == CTX_TABLE_NIC) {
        args[0] = fn == 6 ? card : fn == 0 ? 0 : handle;
        args[1] &= fn == 4 || fn == 5 ? 3 : UINT64_MAX;
    } else if (no == CTX_TABLE_LOG) {
        args[0] = args[0] % 5;
        args[2] &= 0xfff;
    } else if (no == CTX_TABLE_LOADER) {
        args[0] = scratch + FILE_AT;
        args[1] = m.len;
        args[2] = scratch;
        args[3] &= 63;
        args[4] = scratch + 32;
    } else if (no == CTX_TABLE_TIME) {
        args[0] = scratch + 40;
    }
}

static void one_call(struct ctx *ctx, const uint8_t *bytes, uint64_t scratch, uint64_t *results)
{
    uint32_t no = bytes[0] % CTX_TABLES;
    uint64_t table = ((const uint64_t *)ctx)[14 + no % 5];
    memcpy((void *)(uintptr_t)scratch, CTX_ID_RANDOM, 12);
    if (ctx_tables[no].id[0] != 0) {
        uint32_t len = (uint32_t)strlen(ctx_tables[no].id);
        memcpy((void *)(uintptr_t)scratch, ctx_tables[no].id, len);
        FUZZ_MUST(ctx->iface->open(ctx->iface, (void *)(uintptr_t)scratch, len, 0,
                                   (const struct ctx_table **)(uintptr_t)(scratch + 32)) == CTX_OK);
        memcpy(&table, (void *)(uintptr_t)(scratch + 32), 8);
    }
    uint64_t args[5];
    for (uint32_t i = 0; i < 5; i++) {
        args[i] = argument(bytes[2 + i * 2], bytes[3 + i * 2], scratch, results);
    }
    uint32_t fn = bytes[1] / 3 % (ctx_tables[no].count + 1); /* one too many: NOSYS */
    if ((bytes[0] & 0x40) != 0) {
        hint(no, fn, args, scratch, results[15]);
    }
    gate_call *gate = (gate_call *)(uintptr_t)((const uint64_t *)(uintptr_t)table)[2 + fn];
    /* A size where a struct may lie, and a file for the loader, now and then. */
    uint32_t size = bytes[1] >> 1;
    memcpy((void *)(uintptr_t)(scratch + bytes[3] * 16), &size, 4);
    uint64_t result = gate(table, args[0], args[1], args[2], args[3], args[4]);
    const struct ctx_gate_info *info = fn < ctx_tables[no].count ? &ctx_tables[no].fns[fn] : NULL;
    if (info != NULL && info->returns == CTX_RETURNS_POINTER) {
        FUZZ_MUST(result == 0 || result >> 32 == app_current()->base >> 32);
    } else {
        FUZZ_MUST(
            ((int32_t)result <= 0 || (ctx_tables[no].optional != 0 && result == CTX_PENDING)) &&
            (int32_t)result >= CTX_E_LAST);
    }
    results[bytes[11] % 15] =
        info != NULL && info->returns == CTX_RETURNS_POINTER ? result : args[bytes[1] % 5];
    bool made = no == CTX_TABLE_DISPLAY && fn == 2, claimed = no == CTX_TABLE_BLOCK && fn == 1;
    if ((made || claimed) && (int32_t)result == CTX_OK) {
        uint32_t handle;
        memcpy(&handle, (void *)(uintptr_t)args[made ? 4 : 2], sizeof handle);
        results[15] = handle;
    }
}

static int32_t body(struct ctx *ctx)
{
    uint64_t results[16] = {0};
    uint64_t scratch = (uint64_t)(uintptr_t)ctx->mem->alloc(ctx->mem, 32768, 16, CTX_MEM_ZERO);
    FUZZ_MUST(scratch != 0);
    memcpy((void *)(uintptr_t)(scratch + FILE_AT), m.bytes, m.len);
    results[0] = scratch + FILE_AT;
    results[1] = m.len;
    for (size_t i = 0; i + CALL_BYTES <= script_len; i += CALL_BYTES) {
        one_call(ctx, script + i, scratch, results);
        if (script[i] % 7 == 0) {
            event_key(script[i + 1], script[i + 2] % 3, EVERYBODY);
            event_pointer(script[i + 1], script[i + 3], 0, 0, EVERYBODY);
        }
    }
    return script_len % 2 == 0 ? CTX_WAIT : CTX_EXIT(0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool booted;
    if (!booted) {
        fake_boot(32, 320, 200);
        make_elf(&m);
        make_note(&m, CTX_NOTE_MINIMUM, 3);
        struct app app = {.order = 1}; /* the heap of deadlines stays when it was once made */
        FUZZ_MUST(ready_wait(&app, 5) == CTX_OK);
        ready_remove(&app);
        disk = fake_block_offer()->number;
        card = fake_nic_make(&nic, "net0")->device.number;
        booted = true;
    }
    uint64_t frames = frame_free_total(), used = heap_used();
    memset(victim, 0xc3, sizeof victim);
    fake_serial_clear();
    script = data;
    script_len = size;
    struct app *app =
        app_load(m.bytes, m.len, "fuzz.elf",
                 "fuzz a b grant=ctx.system/1,ctx.loader/1,ctx.block/1,ctx.nic/1 disk=* nic=*");
    FUZZ_MUST(app != NULL);
    fake_terminal_give(app);
    fake_files_give(app);
    fake.app = body;
    app_call(app, machine_now_ns());
    FUZZ_MUST(app->faults == 0);
    FUZZ_MUST(slotheap_check(app->heap) == NULL);
    uint32_t row[320] = {0};
    surface_compose(row, 0, 100, 320);
    surface_presented(1);
    while (app_first() != NULL) {
        app_unload(app_first());
    }
    for (size_t i = 0; i < sizeof victim; i++) {
        FUZZ_MUST(victim[i] == 0xc3);
    }
    FUZZ_MUST(frame_free_total() == frames && heap_used() == used && fake.left_mapped == 0);
    return 0;
}

size_t fuzz_seed(uint32_t no, uint8_t *buf)
{
    if (no >= 40) {
        return 0;
    }
    uint64_t x = no * 7919 + 1;
    for (uint32_t i = 0; i < 960; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        buf[i] = (uint8_t)(x >> 56);
        if (i % CALL_BYTES > 1 && i % CALL_BYTES % 2 == 0 && no % 2 == 0) {
            buf[i] = (uint8_t)(8 + buf[i] % 8); /* mostly good places */
        }
    }
    return 960;
}
