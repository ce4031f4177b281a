/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "fake_machine.h"

#include "app.h"
#include "canvas.h"
#include "frame.h"
#include "slot.h"

#include <kernel/call.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct fake fake = {.allocs_left = FAKE_ALWAYS,
                    .protects_left = FAKE_ALWAYS,
                    .maps_left = FAKE_ALWAYS,
                    .random = 1};

static struct {
    uint8_t *ram;
    uint64_t bytes;
    uint8_t *frame_map;
    int memory;
    jmp_buf call; /* the call that is going on */
} machine = {.memory = -1};

static void die(const char *what)
{
    perror(what);
    abort();
}

void fake_ram(uint32_t mib)
{
    if (machine.ram != NULL) {
        munmap(machine.ram, machine.bytes);
        close(machine.memory);
        free(machine.frame_map);
    }
    machine.bytes = (uint64_t)mib << 20;
    machine.memory = memfd_create("ram", 0);
    if (machine.memory < 0 || ftruncate(machine.memory, (off_t)machine.bytes) != 0) {
        die("memfd_create");
    }
    machine.ram = mmap(NULL, machine.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, machine.memory, 0);
    machine.frame_map = calloc(1, machine.bytes / PAGE_SIZE);
    if (machine.ram == MAP_FAILED || machine.frame_map == NULL) {
        die("mmap");
    }
    fake_heap_forget(machine.ram, machine.bytes);
    memset(machine.ram, 0x77, machine.bytes); /* RAM is not zero when a machine starts */
    frame_init(machine.frame_map, machine.bytes / PAGE_SIZE);
    frame_add(0, machine.bytes);
    fake_slots_use(machine.memory, machine.bytes);
}

void fake_boot(uint32_t mib, uint32_t width, uint32_t height)
{
    fake_ram(mib);
    slot_init(false);
    if (canvas_init(width, height) != CTX_OK || app_init(8u << 20) != CTX_OK) {
        die("fake_boot");
    }
}

/* ---- RAM ---- */

bool fake_is_ram(paddr_t paddr, uint64_t bytes)
{
    return paddr != 0 && bytes <= machine.bytes && paddr <= machine.bytes - bytes;
}

void *machine_direct(paddr_t paddr)
{
    if (paddr == 0 || paddr >= machine.bytes) {
        fprintf(stderr, "machine_direct: 0x%llx is no RAM\n", (unsigned long long)paddr);
        abort();
    }
    return machine.ram + paddr;
}

paddr_t machine_direct_paddr(const void *direct)
{
    return (paddr_t)((const uint8_t *)direct - machine.ram);
}

bool machine_is_untouched(paddr_t paddr, uint64_t bytes)
{
    (void)paddr;
    (void)bytes;
    return false;
}

/* ---- calls ---- */

struct cpu this_cpu;

/* r11d holds the gate's number, the six arguments are where C puts them. */
__asm__(".text\n"
        ".globl fake_gate_entry\n"
        ".type fake_gate_entry, @function\n"
        "fake_gate_entry:\n"
        "    push %rbp\n"
        "    mov %rsp, %rbp\n"
        "    and $-16, %rsp\n"
        "    sub $48, %rsp\n"
        "    mov %rdi, (%rsp)\n"
        "    mov %rsi, 8(%rsp)\n"
        "    mov %rdx, 16(%rsp)\n"
        "    mov %rcx, 24(%rsp)\n"
        "    mov %r8, 32(%rsp)\n"
        "    mov %r9, 40(%rsp)\n"
        "    mov %r11d, %edi\n"
        "    mov %rsp, %rsi\n"
        "    call fake_gate@PLT\n"
        "    leave\n"
        "    ret\n");

extern const char fake_gate_entry[];

uint64_t fake_gate(uint32_t gate, const uint64_t args[6]);
uint64_t fake_gate(uint32_t gate, const uint64_t args[6])
{
    uint64_t result = gate_dispatch(gate, args);
    if (this_cpu.call->overdue) {
        fake_overrun();
    }
    return result;
}

uint64_t machine_gate_entry(bool verified)
{
    (void)verified;
    return (uint64_t)(uintptr_t)fake_gate_entry;
}

uint64_t machine_return(void)
{
    return (uint64_t)(uintptr_t)fake_gate_entry;
}

/* Calls nest: what an inner one overwrites is put back. How it ended stands in its record, which
 * says that it returned if nobody writes there. */
static ctx_status run(struct call *call, fake_entered *code, const uint64_t args[6],
                      int32_t *result)
{
    jmp_buf outer;
    volatile int32_t returned = 0;
    memcpy(&outer, &machine.call, sizeof outer);
    switch (setjmp(machine.call)) {
    case 0:
        returned =
            code((struct ctx *)(uintptr_t)args[0], args[1], args[2], args[3], args[4], args[5]);
        break;
    case 1:
        call->ended = CALL_FAULTED;
        break;
    default:
        call->ended = CALL_PARKED;
        break;
    }
    memcpy(&machine.call, &outer, sizeof outer);
    return call_ended(call, (uint32_t)returned, result);
}

ctx_status machine_call(struct call *call, const struct machine_entry *entry, int32_t *result)
{
    if (call != this_cpu.call) {
        fprintf(stderr, "machine_call: not this processor's innermost call\n");
        abort();
    }
    if (fake_rights(call->base + CTX_SLOT_GATES) != (MAP_READ | MAP_EXEC) ||
        fake_rights(entry->stack_top - 1) != (MAP_READ | MAP_WRITE)) {
        fprintf(stderr, "machine_call: no gates, or no stack\n");
        abort();
    }
    call->stepped = entry->step;
    void *code = (void *)(uintptr_t)entry->code;
    if (call->served != NULL && call->served->use != NULL && fake.service != NULL) {
        code = (void *)fake.service(entry->code - call->base);
    } else if (call->served != NULL && call->served->use == NULL && fake.serve != NULL) {
        code = (void *)fake.serve;
    } else if (fake.app != NULL) {
        code = (void *)fake.app;
    }
    return run(call, (fake_entered *)code, entry->args, result);
}

uint64_t machine_begin(struct call *call, uint64_t code)
{
    struct machine_entry entry;
    int32_t result = 0;
    entry_set(&entry, code, call->base + CTX_SLOT_CTX, 0, call->base + CTX_SLOT_STACK_TOP);
    (void)machine_call(call, &entry, &result);
    return (uint32_t)result;
}

bool machine_has_gsbase;

void machine_set_gsbase(uint64_t base)
{
    (void)base;
}

/* What a call that was parked does when it goes on is fake.app too, with no ctx. */
ctx_status machine_resume(struct call *call, const struct machine_parked *parked, int32_t *result)
{
    if (call != this_cpu.call || parked->frame[0] != call->base) {
        fprintf(stderr, "machine_resume: that call was not parked here\n");
        abort();
    }
    static const uint64_t none[6];
    call->stepped = parked->frame[1] != 0;
    return run(call, (fake_entered *)(void *)fake.app, none, result);
}

bool fake_spend(uint64_t ns)
{
    bool over = false;
    fake.now_ns += ns;
    for (uint64_t i = 0; i < ns / MACHINE_TICK_NS; i++) {
        over = app_overran();
    }
    return over;
}

void fake_overrun(void)
{
    this_cpu.call->keep->frame[0] = this_cpu.call->base;
    this_cpu.call->keep->frame[1] = this_cpu.call->stepped;
    longjmp(machine.call, 2);
}

void fake_fault(uint32_t vector, uint64_t address)
{
    *this_cpu.call->fault = (struct machine_fault){.vector = vector, .address = address};
    longjmp(machine.call, 1);
}

/* ---- time ---- */

uint64_t machine_now_ns(void)
{
    return fake.now_ns;
}

void machine_wait(uint64_t deadline_ns)
{
    fake.waits++;
    if (fake.on_wait != NULL) {
        fake.on_wait(deadline_ns);
    } else if (deadline_ns != NEVER_NS) {
        fake.now_ns = MAX(fake.now_ns, deadline_ns);
    } else {
        fprintf(stderr, "machine_wait: for ever\n");
        abort();
    }
}

void machine_wall_ahead(int64_t seconds)
{
    fake.wall_ahead = seconds;
}

ctx_status machine_wall_ns(int64_t *out)
{
    *out = fake.wall_ns != 0 ? fake.wall_ns - fake.wall_ahead * (int64_t)NSEC_PER_SEC : 0;
    return fake.wall_ns != 0 ? CTX_OK : CTX_E_NOSYS;
}

uint64_t machine_cpu_features(void)
{
    return fake.cpu_features;
}

uint64_t machine_random(void)
{
    fake.random = fake.random * 6364136223846793005u + 1442695040888963407u;
    return fake.random >> 20;
}

/* ---- serial line ---- */

void machine_serial_write(const char *bytes, size_t len)
{
    size_t room = sizeof fake.serial - 1 - fake.serial_len;
    size_t part = MIN(len, room);
    memcpy(fake.serial + fake.serial_len, bytes, part);
    fake.serial_len += part;
    fake.serial[fake.serial_len] = 0;
}

int machine_serial_read(void)
{
    return -1;
}

void fake_serial_clear(void)
{
    fake.serial_len = 0;
    fake.serial[0] = 0;
}

uint32_t fake_said_times(const char *text)
{
    uint32_t times = 0;
    for (const char *at = fake.serial; (at = strstr(at, text)) != NULL; at++) {
        times++;
    }
    return times;
}

bool fake_said(const char *text)
{
    return fake_said_times(text) > 0;
}

/* ---- the end ---- */

void machine_verdict(enum machine_verdict verdict)
{
    fake.verdict = verdict;
}

void machine_halt(void)
{
    if (fake.halt != NULL) {
        longjmp(*fake.halt, 1);
    }
    fprintf(stderr, "the kernel stopped; its last lines:\n%s\n",
            fake.serial + (fake.serial_len > 500 ? fake.serial_len - 500 : 0));
    abort();
}

void machine_reboot(void)
{
    machine_serial_write("REBOOT\n", 7);
    machine_halt();
}

void machine_power_off(void)
{
    machine_halt();
}

void machine_panic_mark(uint64_t frame_pointer)
{
    (void)frame_pointer;
}

void machine_panic_details(void) {}

void machine_on_panic_stack(void (*fn)(void))
{
    fn();
    abort();
}

bool fake_panics(void (*fn)(void *arg), void *arg)
{
    jmp_buf here;
    fake.verdict = 0;
    fake.halt = &here;
    if (setjmp(here) == 0) {
        fn(arg);
    }
    fake.halt = NULL;
    return fake.verdict == VERDICT_PANIC;
}

/* kernel/screen/screen.c's font: a PSF1 header and 256 glyphs of 16 rows, all striped. */
extern const uint8_t font_psf[4 + 256 * 16];
const uint8_t font_psf[4 + 256 * 16] = {0x36, 0x04, 0, 16, [4 ... 4 + 256 * 16 - 1] = 0x55};
