/* SPDX-License-Identifier: MIT */
/*
 * A report goes to the log line by line as it is made, so that one that can not be finished is not
 * lost. The app's memory is read through the direct map, page by page: nothing here can fault.
 */
#include "crash.h"

#include "insn.h"
#include "report.h"
#include "resource.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#define INVALID_OPCODE 6u
#define FRAMES         12u
#define SCAN_BYTES     0x40000u /* of the stack, where there are no frame pointers */

/* [loop, in a call] */
static struct {
    struct ctx_crash ring[CRASHES];
    uint64_t count; /* of all so far; the ring has the last ones */
} state;

/* ---- text ---- */

__attribute__((format(printf, 2, 3))) static void say(struct ctx_crash *c, const char *format, ...)
{
    char line[KLOG_LINE];
    va_list args;
    va_start(args, format);
    size_t len = format_args(line, sizeof line, format, args);
    va_end(args);
    log_error("app", "%s", line);
    if (c->text_len + len + 1 <= sizeof c->text) {
        memcpy(c->text + c->text_len, line, len);
        c->text[c->text_len + len] = '\n';
        c->text_len += (uint32_t)len + 1;
    }
}

/* ---- where ---- */

/* A word of the app's memory; false: nothing is there. */
static bool peek(const struct app *app, uint64_t address, uint64_t *value)
{
    uint64_t offset = address - app->base;
    if (offset >= CTX_SLOT_SIZE - CTX_SLOT_GUARD || (address & 7) != 0) {
        return false;
    }
    paddr_t frame = machine_slot_frame(ALIGN_DOWN(address, (uint64_t)PAGE_SIZE));
    if (frame == 0) {
        return false;
    }
    *value = *(const uint64_t *)((const uint8_t *)machine_direct(frame) + (address & PAGE_MASK));
    return true;
}

static uint8_t byte_at(const struct app *app, uint64_t address)
{
    uint64_t word = 0;
    bool there = peek(app, ALIGN_DOWN(address, UINT64_C(8)), &word);
    return (uint8_t)(there ? word >> (address % 8 * 8) & 0xff : 0);
}

/* Whether an address lies behind a call instruction: E8 rel32, or FF /2 with any operand. */
static bool follows_call(const struct app *app, uint64_t address)
{
    /* The one behind the last instruction is no code any more: a call that never returns. */
    if (!app_is_code(app, address - 1) || !app_is_code(app, address - 5)) {
        return false;
    }
    if (byte_at(app, address - 5) == 0xe8) {
        return true;
    }
    for (uint32_t len = 2; len <= 7; len++) {
        if (byte_at(app, address - len) == 0xff &&
            (byte_at(app, address - len + 1) >> 3 & 7) == 2) {
            return true;
        }
    }
    return false;
}

/*
 * "draw+0x12 (slot+0x401234)"; the names are the app's, and may be anything. `behind` is 1 for
 * return addresses: the call is the instruction before, perhaps the last one of its function.
 */
static void name_place(const struct app *app, uint64_t address, uint32_t behind, char *text,
                       size_t size)
{
    struct program_symbol symbol;
    uint64_t offset = address - app->base;
    if (offset >= CTX_SLOT_SIZE) {
        format_text(text, size, "0x%lx", address);
        return;
    }
    if (app->program == NULL || !app_is_code(app, address - behind) ||
        !program_find(app->program, offset - behind - app->bias, &symbol)) {
        format_text(text, size, "slot+0x%lx", offset);
        return;
    }
    char name[40];
    uint32_t len = MIN(symbol.name_len, (uint32_t)sizeof name - 1);
    for (uint32_t i = 0; i < len; i++) {
        name[i] = symbol.name[i] > ' ' && symbol.name[i] < 0x7f ? symbol.name[i] : '?';
    }
    name[len] = 0;
    format_text(text, size, "%s+0x%lx (slot+0x%lx)", name, symbol.offset + behind, offset);
}

/* The callers, by frame pointers; returns how many. */
static uint32_t walk_frames(const struct app *app, const struct machine_fault *f,
                            uint64_t callers[FRAMES])
{
    uint32_t count = 0;
    uint64_t frame = f->regs[5]; /* rbp */
    for (uint64_t caller, next; count < FRAMES; frame = next) {
        if (frame < f->sp || !peek(app, frame, &next) || !peek(app, frame + 8, &caller) ||
            !follows_call(app, caller)) {
            break;
        }
        callers[count++] = caller;
        if (next <= frame) {
            break;
        }
    }
    return count;
}

/* The callers, by what on the stack looks like a return address. Old ones may be among them. */
static uint32_t scan_stack(const struct app *app, const struct machine_fault *f,
                           uint64_t callers[FRAMES])
{
    uint32_t count = 0;
    uint64_t at = ALIGN_UP(f->sp, UINT64_C(8));
    uint64_t end = at + SCAN_BYTES;
    while (count < FRAMES && at < end) {
        uint64_t value;
        if (!peek(app, at, &value)) { /* of an overflowing stack the lowest page is missing */
            at = ALIGN_DOWN(at, (uint64_t)PAGE_SIZE) + PAGE_SIZE;
            continue;
        }
        if (value - app->base < CTX_SLOT_SIZE && follows_call(app, value)) {
            callers[count++] = value;
        }
        at += 8;
    }
    return count;
}

static void say_where(const struct app *app, const struct machine_fault *f, struct ctx_crash *c)
{
    uint64_t callers[FRAMES];
    char place[96];
    name_place(app, f->ip, 0, place, sizeof place);
    memcpy(c->place, place, MIN(strlen(place), sizeof c->place - 1));
    say(c, "  #0 %s", place);
    uint32_t count = walk_frames(app, f, callers);
    bool sure = count > 0;
    if (!sure) {
        count = scan_stack(app, f, callers);
    }
    for (uint32_t i = 0; i < count; i++) {
        name_place(app, callers[i], 1, place, sizeof place);
        say(c, "  #%u %s%s", i + 1, place, sure ? "" : " perhaps");
    }
}

/* ---- what it did before ---- */

/* "mem.alloc=0x2000", "time.now=OK": a use of the Context and its outcome. */
static void describe_use(char *text, size_t size, const struct ctx_gate_info *info, uint64_t result)
{
    size_t len = format_text(text, size, "%s", info->name);
    if (info->returns == CTX_RETURNS_STATUS) {
        format_text(text + len, size - len, "=%s", ctx_status_name((int32_t)result));
    } else if (info->returns == CTX_RETURNS_POINTER) {
        format_text(text + len, size - len, "=0x%lx", result);
    }
}

static void say_calls(const struct app *app, struct ctx_crash *c)
{
    char line[160];
    size_t len = 0;
    uint64_t count = MIN(app->gate_calls, (uint64_t)APP_RECENT);
    for (uint64_t n = app->gate_calls - count; n < app->gate_calls; n++) {
        const struct app_recent *r = &app->recent[n % APP_RECENT];
        char one[128];
        describe_use(one, sizeof one, r->info, r->result);
        if (len + strlen(one) + 3 > 120) {
            say(c, "  calls: %s", line);
            len = 0;
        }
        len += format_text(line + len, sizeof line - len, "%s%s", len > 0 ? ", " : "", one);
    }
    if (len > 0) {
        say(c, "  calls: %s", line);
    }
}

static void say_build(const struct app *app, struct ctx_crash *c)
{
    const struct program *p = app->program;
    char id[2 * PROGRAM_BUILD_ID + 1] = "-";
    if (p == NULL) {
        return;
    }
    for (uint32_t i = 0; i < p->build_id_len; i++) {
        format_text(id + 2 * i, 3, "%02x", p->build_id[i]);
    }
    say(c, "  version=%s build=%s context=%u restarts=%u", p->version[0] != 0 ? p->version : "-",
        id, app->version, app->restarts);
}

static void say_quota(const struct app *app, struct ctx_crash *c)
{
    struct slotheap_usage heap = {0};
    if (app->heap != NULL) {
        slotheap_usage(app->heap, &heap);
    }
    say(c, "  memory=%luKiB of %luKiB heap_blocks=%lu heap_bytes=%lu log_dropped=%lu overruns=%lu",
        app->pages * 4, app->quota_pages * 4, heap.blocks, heap.bytes, app->log.dropped,
        app->preemptions);
}

/* What else it has: tables, surfaces, links ... */
static void say_resources(const struct app *app, struct ctx_crash *c)
{
    char line[160];
    const char *name;
    uint64_t count;
    size_t len = 0;
    for (uint32_t no = 0; resources_count(app, no, &name, &count); no++) {
        if (count > 0) {
            len += format_text(line + len, sizeof line - len, " %s=%lu", name, count);
        }
    }
    if (len > 0) {
        say(c, "  has%s", line);
    }
}

/* An instruction that this machine does not have: which extension it is of. */
static void report_missing(const struct app *app, const struct machine_fault *f, char *text,
                           size_t size)
{
    uint8_t code[INSN_MAX];
    uint64_t feature;
    size_t len = 0;
    text[0] = 0;
    while (len < sizeof code && app_is_code(app, f->ip + len)) {
        code[len] = byte_at(app, f->ip + len);
        len++;
    }
    if (insn_look(code, len, &feature) == 0 || (feature & ~machine_cpu_features()) == 0) {
        return;
    }
    char name[16];
    insn_feature_names(feature, name, sizeof name);
    format_text(text, size, "used %s, which is not there; ctx.cpu/1 tells what is", name);
}

void crash_report(const struct app *app, const struct machine_fault *f)
{
    struct ctx_crash *c = &state.ring[state.count % CRASHES];
    memset(c, 0, sizeof *c);
    c->size = sizeof *c;
    c->seq = ++state.count;
    c->vector = f->vector;
    c->time_ns = machine_now_ns();
    c->pid = app->pid;
    c->call = app->calls;
    c->ip = f->ip - app->base;
    c->address = f->address;
    memcpy(c->name, app->name, MIN(strlen(app->name), sizeof c->name - 1));
    char text[KLOG_LINE];
    report_fault(app, f, text, sizeof text);
    say(c, "%s", text);
    if (f->vector == INVALID_OPCODE) {
        report_missing(app, f, text, sizeof text);
    } else {
        report_access(app, f, text, sizeof text);
    }
    if (text[0] != 0) {
        memcpy(c->what, text, MIN(strlen(text), sizeof c->what - 1));
        say(c, "  it %s", text);
    }
    if (app->log.said_call >= MAX(app->calls, UINT64_C(1))) { /* in this call */
        say(c, "  said: %s", app->log.said);
    }
    say_where(app, f, c);
    const uint64_t *r = f->regs; /* rax rcx rdx rbx rsp rbp rsi rdi r8..r15 */
    say(c, "  rax=%016lx rbx=%016lx rcx=%016lx rdx=%016lx rsi=%016lx rdi=%016lx", r[0], r[3], r[1],
        r[2], r[6], r[7]);
    say(c, "  rsp=%016lx rbp=%016lx r8=%016lx r9=%016lx r10=%016lx r11=%016lx", f->sp, r[5], r[8],
        r[9], r[10], r[11]);
    say(c, "  r12=%016lx r13=%016lx r14=%016lx r15=%016lx", r[12], r[13], r[14], r[15]);
    say_calls(app, c);
    say_quota(app, c);
    say_resources(app, c);
    say_build(app, c);
}

void crash_add(const char *format, ...)
{
    char line[KLOG_LINE];
    va_list args;
    va_start(args, format);
    format_args(line, sizeof line, format, args);
    va_end(args);
    say(&state.ring[(state.count - 1) % CRASHES], "  %s", line);
}

uint64_t crash_count(void)
{
    return state.count;
}

const struct ctx_crash *crash_get(uint64_t seq)
{
    uint64_t oldest = state.count > CRASHES ? state.count - CRASHES + 1 : 1;
    seq = MAX(seq, oldest);
    return seq <= state.count ? &state.ring[(seq - 1) % CRASHES] : NULL;
}
