/* SPDX-License-Identifier: MIT */
/* See fake_kernel.h. */
#include "fake_kernel.h"

#include <kernel/dma.h>
#include <kernel/input.h>
#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/noise.h>
#include <kernel/string.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake_kernel fake;

struct block {
    struct block *next;
    void *memory;
    size_t bytes;
};

static struct block *blocks;

void fake_reset(void)
{
    while (blocks != NULL) {
        struct block *next = blocks->next;
        free(blocks->memory);
        free(blocks);
        blocks = next;
    }
    memset(&fake, 0, sizeof(fake));
    fake.room = 256;
    fake.now_ns = 5 * NSEC_PER_SEC; /* not 0: nothing may count on it */
}

/* ---- log ---- */

void klog(char level, const char *room, const char *format, ...)
{
    char text[280];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (fake.log_count < ARRAY_COUNT(fake.log)) {
        snprintf(fake.log[fake.log_count], sizeof(fake.log[0]), "%c %s: %s", level, room, text);
    }
    fake.log_count++; /* beyond the array only counted: a driver that floods shows up */
}

size_t format_text(char *buf, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(buf, size, format, args);
    va_end(args);
    return MIN((size_t)len, size - 1);
}

void text_make_printable(char *text)
{
    for (; *text != 0; text++) {
        *text = *text < ' ' || *text > '~' ? '?' : *text;
    }
}

void panic(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\npanic: a device can never cause one\n");
    abort();
}

uint32_t fake_logged(const char *text)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < MIN(fake.log_count, (uint32_t)ARRAY_COUNT(fake.log)); i++) {
        count += strstr(fake.log[i], text) != NULL;
    }
    return count;
}

void fake_log_dump(void)
{
    for (uint32_t i = 0; i < MIN(fake.log_count, (uint32_t)ARRAY_COUNT(fake.log)); i++) {
        fprintf(stderr, "    %s\n", fake.log[i]);
    }
}

/* ---- tasks and time ---- */

uint64_t machine_now_ns(void)
{
    return fake.now_ns;
}

uint64_t task_deadline_ns(uint64_t ns)
{
    return fake.now_ns + ns;
}

bool task_overdue(const struct task *task)
{
    return fake.now_ns >= task->wake_at_ns;
}

void task_start(struct task *task, const char *name, void (*run)(struct task *task))
{
    *task = (struct task){
        .name = name, .run = run, .wake_at_ns = NEVER_NS, .next = fake.tasks, .woken = 1};
    fake.tasks = task;
}

void task_wake(struct task *task)
{
    task->woken = 1;
}

uint32_t fake_run_turns(uint32_t turns)
{
    for (uint32_t i = 0; i < turns; i++) {
        bool ran = false;
        for (struct task *task = fake.tasks; task != NULL; task = task->next) {
            if (!task->done && (task->woken != 0 || task_overdue(task))) {
                task->woken = 0;
                task->run(task);
                ran = true;
            }
        }
        if (!ran) {
            return i;
        }
    }
    return turns;
}

void fake_run(void)
{
    if (fake_run_turns(1000) == 1000) {
        fake_log_dump();
        panic("a task never rests");
    }
}

void fake_sleep(uint64_t ns)
{
    uint64_t end = fake.now_ns + ns;
    for (;;) {
        fake_run();
        uint64_t next = NEVER_NS;
        for (struct task *task = fake.tasks; task != NULL; task = task->next) {
            next = task->done ? next : MIN(next, task->wake_at_ns);
        }
        if (next > end) {
            break;
        }
        fake.now_ns = MAX(fake.now_ns, next);
    }
    fake.now_ns = end;
}

/* ---- memory ---- */

void *dma_alloc(size_t bytes, paddr_t *out)
{
    if (fake.dma_limit != 0 && bytes > fake.dma_limit) {
        return NULL;
    }
    struct block *block = malloc(sizeof(*block));
    /*
     * Exactly what was asked for, so that the sanitizer sees a step too far; page-aligned as
     * promised.
     */
    if (posix_memalign(&block->memory, PAGE_SIZE, bytes) != 0) {
        abort();
    }
    memset(block->memory, 0, bytes);
    block->bytes = bytes;
    block->next = blocks;
    blocks = block;
    fake.dma_live++;
    *out = (paddr_t)(uintptr_t)block->memory;
    return block->memory;
}

paddr_t machine_direct_paddr(const void *direct)
{
    return (paddr_t)(uintptr_t)direct;
}

void dma_free(void *memory, size_t bytes)
{
    if (memory == NULL) {
        return;
    }
    for (struct block **at = &blocks; *at != NULL; at = &(*at)->next) {
        struct block *block = *at;
        if (block->memory == memory) {
            if (block->bytes != bytes) {
                panic("dma_free: allocated %zu, freed %zu bytes", block->bytes, bytes);
            }
            *at = block->next;
            free(block->memory);
            free(block);
            fake.dma_live--;
            return;
        }
    }
    panic("dma_free: not ours");
}

/* ---- display and input ---- */

void display_offer(struct display *display)
{
    fake.display = display;
    fake.offers++;
}

bool display_resize(struct display *display, uint32_t width, uint32_t height, uint32_t *pixels)
{
    if (fake.refuse_resize) {
        return false;
    }
    display->width = width;
    display->height = height;
    display->pixels = pixels;
    return true;
}

void display_probe_begin(void)
{
    fake.probes_begun++;
}

void display_probe_end(void)
{
    fake.probes_ended++;
}

/* ---- disks ---- */

void block_offer(struct block_device *device)
{
    fake.disk = device;
    fake.disks++;
}

void block_resized(struct block_device *device, uint64_t sectors)
{
    device->sectors = sectors;
}

void block_gone(struct block_device *device)
{
    device->gone = true;
}

const char *block_op_name(enum block_op op)
{
    static const char *const names[BLOCK_OPS] = {"read", "write", "flush", "discard", "zeroes"};
    return names[op];
}

uint64_t machine_random(void)
{
    return 0x1122334455667788;
}

void nic_offer(struct nic_device *device)
{
    fake.nic = device;
    fake.nics++;
}

void nic_is_ready(struct nic_device *device)
{
    device->ready = true;
    fake.nic_ready++;
}

void nic_was_reset(struct nic_device *device)
{
    device->ready = false;
    fake.nic_resets++;
}

void nic_is_gone(struct nic_device *device)
{
    device->gone = true;
    device->ready = false;
    fake.nic_gone++;
}

void nic_link_changed(struct nic_device *device)
{
    (void)device;
    fake.nic_changes++;
}

void nic_settle(struct nic_device *device)
{
    (void)device;
    fake.nic_settled++;
}

void nic_sent(struct nic_device *device, uint32_t tag, ctx_status status)
{
    (void)device;
    fake.sent[fake.sent_count++ % ARRAY_COUNT(fake.sent)] =
        (struct fake_frame){.tag = tag, .status = status};
}

void nic_received(struct nic_device *device, uint32_t tag, const struct nic_arrival *arrival)
{
    (void)device;
    fake.came[fake.came_count++ % ARRAY_COUNT(fake.came)] =
        (struct fake_frame){.tag = tag, .arrival = *arrival};
}

void block_probe_begin(void)
{
    fake.disk_probes_begun++;
}

void block_probe_end(void)
{
    fake.disk_probes_ended++;
}

void block_done(struct block_request *request, ctx_status status)
{
    if (request->status != CTX_PENDING || status == CTX_PENDING) {
        panic("a request that is answered twice, or not");
    }
    request->status = status;
    task_wake(request->task);
}

static void record(struct fake_input input)
{
    if (fake.input_count < ARRAY_COUNT(fake.inputs)) {
        fake.inputs[fake.input_count] = input;
    }
    fake.input_count++;
}

uint32_t input_room(void)
{
    return fake.room;
}

void input_key(uint32_t code, uint32_t value)
{
    fake.room -= fake.room > 0 ? 1 : 0;
    record((struct fake_input){FAKE_KEY, code, value, 0, 0});
}

void input_pointer_move(int32_t dx, int32_t dy)
{
    record((struct fake_input){FAKE_MOVE, dx, dy, 0, 0});
}

void input_wheel(int32_t dx, int32_t dy)
{
    record((struct fake_input){FAKE_WHEEL, dx, dy, 0, 0});
}

void input_pointer_set(uint32_t x, uint32_t max_x, uint32_t y, uint32_t max_y)
{
    record((struct fake_input){FAKE_SET, x, max_x, y, max_y});
}

/* ---- PCI ---- */

static struct fake_function *function_of(const struct pci_device *pci)
{
    for (uint32_t i = 0; i < fake.function_count; i++) {
        const struct pci_device *it = &fake.functions[i].pci;
        if (it->bus == pci->bus && it->slot == pci->slot && it->function == pci->function) {
            return &fake.functions[i];
        }
    }
    panic("no such PCI function");
}

void pci_for_each(bool (*fn)(const struct pci_device *device, void *arg), void *arg)
{
    for (uint32_t i = 0; i < fake.function_count; i++) {
        if (!fn(&fake.functions[i].pci, arg)) {
            break;
        }
    }
}

uint32_t pci_read(const struct pci_device *device, uint32_t offset, uint32_t size)
{
    if (offset % size != 0 || offset + size > 256) {
        panic("pci_read: offset %u size %u", offset, size);
    }
    uint32_t value = 0;
    memcpy(&value, function_of(device)->config + offset, size);
    return value;
}

void pci_write(const struct pci_device *device, uint32_t offset, uint32_t size, uint32_t value)
{
    memcpy(function_of(device)->config + offset, &value, size);
}

/* As pci.h says, down to the 48 entries: the list belongs to the device. */
uint32_t pci_find_capability(const struct pci_device *device, uint8_t id, uint32_t after)
{
    const uint8_t *config = function_of(device)->config;
    uint32_t at = config[0x34] & 0xfcu;
    bool on = after == 0;
    for (uint32_t i = 0; i < 48 && at >= 0x40; i++) {
        if (on && config[at] == id) {
            return at;
        }
        on = on || at == after;
        at = config[at + 1] & 0xfcu;
    }
    return 0;
}

volatile void *pci_map_bar(const struct pci_device *device, uint32_t bar, uint64_t offset,
                           uint64_t len)
{
    struct fake_function *function = function_of(device);
    if (bar > 5) {
        panic("pci_map_bar: bar %u", bar);
    }
    uint64_t have = function->bar_len[bar];
    return offset > have || len > have - offset ? NULL : function->bars[bar] + offset;
}

void pci_enable(const struct pci_device *device)
{
    function_of(device)->enabled = true;
}

uint32_t pci_msix_enable(const struct pci_device *device)
{
    return function_of(device)->vectors;
}

ctx_status pci_msix_route(const struct pci_device *device, uint32_t vector, struct task *task)
{
    struct fake_function *function = function_of(device);
    if (vector >= function->vectors) {
        return CTX_E_INVAL;
    }
    if (vector >= function->routable) {
        return CTX_E_NOSPC;
    }
    if (function->routed[vector] != NULL) {
        panic("vector %u is routed twice", vector);
    }
    function->routed[vector] = task;
    return CTX_OK;
}

/* ---- noise ---- */

struct fake_noise fake_noise;

void noise_add(const void *bytes, size_t len)
{
    size_t room = sizeof fake_noise.bytes - fake_noise.len;
    if (len > room) {
        fake_noise.len = 0;
    }
    memcpy(fake_noise.bytes + fake_noise.len, bytes, len);
    fake_noise.len += len;
    fake_noise.times++;
    fake_noise.wanted = false;
}

void noise_source(struct task *task)
{
    fake_noise.source = task;
}

bool noise_is_wanted(void)
{
    return fake_noise.wanted;
}
