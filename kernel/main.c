/* SPDX-License-Identifier: MIT */
/*
 * The composition root: everything that is started, in the order in which it is started, with the
 * reason for that order. The only core file that knows which machine it runs on and which drivers
 * there are.
 */
#include "app.h"
#include "blocktest.h"
#include "bootinfo.h"
#include "canvas.h"
#include "enough.h"
#include "event.h"
#include "frame.h"
#include "framebuffer.h"
#include "heap.h"
#include "imagebench.h"
#include "input.h"
#include "isolate.h"
#include "keep.h"
#include "loop.h"
#include "memory_map.h"
#include "modules.h"
#include "notice.h"
#include "present.h"
#include "program.h"
#include "screen.h"
#include "service.h"
#include "slot.h"
#include "statehash.h"
#include "surface.h"
#include "vault.h"
#include "wall.h"
#include "x86/x86.h"

#include <kernel/block.h>
#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/pci.h>
#include <kernel/string.h>
#include <kernel/task.h>

#include <ctx/keymap.h>

#include <virtio/virtio_start.h>

#ifndef ARGOS_VERSION
#define ARGOS_VERSION "0"
#endif

#define FRAME_US     16667u
#define UNKNOWN_SAID 8u
#define PROBE_NS                                                                                   \
    (2 * NSEC_PER_SEC) /* a display that has not answered by then is not waited for                \
                        */
#define DISK_NS        (5 * NSEC_PER_SEC) /* for a disk to tell what is on it */
#define FIRMWARE_REACH 0x100000000u       /* what the boot page tables map */

extern char kernel_start[], kernel_end[], data_start[], bss_end[];

/* [boot] writes, [loop] reads. */
static struct {
    struct boot_info boot;
    uint32_t apps;
    bool resumed;
} state;

static paddr_t kernel_first(void)
{
    return (uint64_t)kernel_start - KERNEL_HALF;
}

static paddr_t kernel_after(void)
{
    return (uint64_t)kernel_end - KERNEL_HALF;
}

/*
 * Loaders' tables and modules lie below 4 GiB, which the direct map shows from the first moment,
 * and not in the kernel's data, which has been written by now. (GRUB does put its information into
 * the gaps between the kernel's segments.)
 */
static const uint8_t *low_memory(paddr_t address, uint64_t len, void *arg)
{
    (void)arg;
    bool inside = address != 0 && address < FIRMWARE_REACH && len <= FIRMWARE_REACH - address;
    bool on_data = address < (uint64_t)bss_end - KERNEL_HALF &&
                   address + len > (uint64_t)data_start - KERNEL_HALF;
    return inside && !on_data ? machine_direct(address) : NULL;
}

/* Modules are in RAM that the map names; the rest of the first 4 GiB may not be mapped any more. */
static const uint8_t *module_memory(paddr_t address, uint64_t len, void *arg)
{
    for (uint32_t i = 0; i < state.boot.range_count; i++) {
        const struct boot_range *r = &state.boot.ranges[i];
        if (r->type == BOOT_MEMORY_USABLE && address >= r->start && address < r->end &&
            len <= r->end - address) {
            return low_memory(address, len, arg);
        }
    }
    return NULL;
}

static void unfit(const char *what)
{
    log_error("main", "%s", what);
    screen_message(what);
    machine_verdict(VERDICT_UNFIT);
    machine_halt();
}

static void start_framebuffer(void)
{
    const struct boot_framebuffer *fb = &state.boot.framebuffer;
    const char *why = state.boot.framebuffer_wrong;
    if (fb->bpp == 0 && why == NULL) {
        log_info("boot", "no framebuffer from the boot loader");
        return;
    }
    uint64_t len = (uint64_t)fb->pitch * fb->height;
    why = why != NULL ? why : framebuffer_check(fb);
    if (why == NULL && mmio_is_taken(fb->address, len)) {
        why = "it lies on the registers of a device";
    }
    volatile void *memory = why == NULL ? mmio_map(fb->address, len) : NULL;
    if (why == NULL && (memory == NULL || !framebuffer_start(fb, memory))) {
        why = "no memory for it";
    }
    if (why != NULL) {
        log_warn("boot", "framebuffer %ux%u at=0x%lx pitch=%u is not used: %s", fb->width,
                 fb->height, fb->address, fb->pitch, why);
    }
}

/* A word that is misspelt would do nothing in silence: isolat=require isolates nobody. */
static void warn_of_unknown(const char *words)
{
    size_t len;
    uint32_t said = 0;
    for (const char *p = words; (p = boot_word_unknown(p, &len)) != NULL; p += len) {
        char word[64] = "";
        memcpy(word, p, MIN(len, sizeof word - 1));
        if (said++ < UNKNOWN_SAID) {
            log_warn("boot", "%s: there is no such word, and it does nothing", word);
        }
    }
    if (said > UNKNOWN_SAID) {
        log_warn("boot", "and so are %u more", said - UNKNOWN_SAID);
    }
}

static void read_boot_info(uint32_t protocol, paddr_t info)
{
    const char *why = "unknown boot protocol";
    bool good = protocol == BOOT_MULTIBOOT2
                    ? multiboot2_parse(&state.boot, info, low_memory, NULL, &why)
                : protocol == BOOT_PVH ? pvh_parse(&state.boot, info, low_memory, NULL, &why)
                                       : false;
    serial_init(state.boot.command_line);
    log_info("main", "Argos " ARGOS_VERSION);
    if (!good) {
        unfit(why);
    }
    char text[160];
    if (!enough_for_kernel(&state.boot, kernel_first(), kernel_after(), text, sizeof text)) {
        unfit(text);
    }
    if (state.boot.command_line_cut) {
        log_warn("boot", "the command line is longer than %u bytes, and was cut",
                 (uint32_t)sizeof state.boot.command_line - 1);
    }
    const char *why_not;
    const char *number = boot_number_wrong(state.boot.command_line, &why_not);
    if (number != NULL) {
        log_warn("boot", "%s: %s; it is taken as not given", number, why_not);
    }
    warn_of_unknown(state.boot.command_line);
    boot_check(&state.boot, kernel_first(), kernel_after());
    log_info("boot", "protocol=%s loader=\"%s\" modules=%u words=\"%s\"",
             protocol == BOOT_PVH ? "pvh" : "multiboot2", state.boot.loader,
             state.boot.module_count, state.boot.command_line);
}

/* A loader may bring a thousand modules. Most bring one, and leave 90 KiB for them unused. */
static void give_away_boot_tables(void)
{
    struct boot_info *b = &state.boot;
    paging_give_away(b->texts + b->texts_len, b->texts + sizeof b->texts);
    paging_give_away(b->modules + b->module_count, b->modules + BOOT_MODULES);
}

/* What is there, and what will be plugged in. */
static void start_virtio(void)
{
    static const struct pci_listener drivers = {virtio_plugged, virtio_unplugged};
    virtio_start();
    pci_listen(&drivers);
}

static bool probing_done(void)
{
    return !present_probing() && !block_probing();
}

/* The canvas and what apps share. A machine that has too little is told how much would do, before
 * apps find out one by one. */
static void start_memory_of_apps(const struct display *d, uint32_t width, uint32_t height)
{
    char text[160];
    struct enough_screen screen = {.width = width, .height = height, .shown = d != NULL};
    if (d != NULL) {
        screen.wanted_width = d->wanted_width;
        screen.wanted_height = d->wanted_height;
    }
    if (!enough_memory(&state.boot, &screen, state.apps, module_memory, NULL, text, sizeof text)) {
        unfit(text);
    }
    if (canvas_init(width, height) != CTX_OK) {
        enough_in_pieces(&state.boot, &screen, module_memory, NULL, text, sizeof text);
        unfit(text);
    }
    if (app_init(frame_free_total() * PAGE_SIZE / 2) != CTX_OK) {
        unfit("not enough memory in one piece for gates");
    }
}

static void show_progress(uint32_t done, const char *name)
{
    char text[80];
    format_text(text, sizeof text, "loading %s", name);
    task_run_ready(machine_now_ns()); /* the display takes one picture at a time */
    screen_progress(done, state.apps, text);
}

/* `isolate=require`: what becomes of apps that can not be verified. A word that nobody knows is not
 * taken for less than somebody may have meant. */
static void set_isolation(const char *word)
{
    enum isolate_mode mode;
    if (!isolate_read_mode(word, &mode)) {
        log_error("boot", "isolate: neither off nor prefer nor require; taken as require");
    }
    isolate_set_mode(mode);
}

/* `isolate-rdtsc=on`: verified code may measure what others take, as far as the counter tells. */
static void set_rdtsc(const char *word)
{
    bool may;
    if (!isolate_read_rdtsc(word, &may)) {
        log_error("boot", "isolate-rdtsc: neither on nor off; taken as off");
    }
    isolate_set_rdtsc(may);
}

/* `provider=ID:NAME`, for each id whose provider is not to be the first that comes. */
static void set_providers(const char *words)
{
    size_t len;
    for (const char *p = words; (p = boot_next_value(p, "provider", &len)) != NULL; p += len) {
        if (!service_prefer(p, len)) {
            log_warn("boot", "provider=%.*s: no memory for it", (int)len, p);
        }
    }
}

/* `layout=fr`: which characters text events carry. */
static void set_layout(const char *name)
{
    for (uint32_t i = 0; name != NULL && i < ctx_keymap_count(); i++) {
        const char *known = ctx_keymap_get(i)->name;
        if (strncmp(name, known, strlen(known)) == 0) {
            event_set_layout(i);
        }
    }
}

/* `zone=+2:00`: people's time; `rtc=local`: so has the PC's clock. */
static void set_zone(const char *zone, const char *rtc)
{
    int64_t seconds = 0;
    bool local = rtc != NULL && strncmp(rtc, "local", 5) == 0;
    if ((zone != NULL && !wall_read_zone(zone, &seconds)) ||
        (rtc != NULL && !local && strncmp(rtc, "utc", 3) != 0)) {
        log_warn("boot", "zone, rtc: want +2:00, and local or utc; taken as not given");
        return;
    }
    (void)wall_set_zone(seconds, local);
}

/* What ran when the machine went down, else what the boot loader brought. */
static void start_apps(const char *words)
{
    if (isolate_mode() == ISOLATE_REQUIRE) {
        modules_allow(&state.boot, module_memory, NULL);
    }
    vault_start(machine_now_ns() + DISK_NS);
    keep_start(boot_word(words, "session"), notice_show);
    bool fresh = boot_word(words, "fresh") != NULL;
    if (!fresh && boot_word(words, "session") != NULL) {
        modules_lend(&state.boot, module_memory, NULL);
    }
    bool resumed = !fresh && keep_resume();
    program_lend_end();
    if (resumed) {
        show_progress(state.apps, "the last session");
        state.resumed = true;
        if (state.apps > 0) {
            log_info("main",
                     "the session goes on; %u apps of the boot loader's are not started anew "
                     "(the word `fresh` does)",
                     state.apps);
        }
        return;
    }
    modules_load(&state.boot, module_memory, NULL, show_progress);
    show_progress(state.apps, "done");
}

static void panic_in_task(struct task *task)
{
    (void)task;
    panic("asked for by the boot word `panic=task`");
}

static void say_that_it_runs(struct task *task)
{
    log_info("main", "a task runs");
    task_wake(task); /* and again with the next turn */
}

/*
 * The boot word `panic`, to see what it looks like, and to test it: `panic=fault` by a wild write,
 * `panic=twice` with a display that can not be drawn to, `panic=task` in the middle of a task while
 * others wait for their turn.
 */
__attribute__((noinline)) static void provoke(const char *how)
{
    static struct task victim, bystander; /* [boot, loop] */
    if (how != NULL && strncmp(how, "task", 4) == 0) {
        task_start(&victim, "victim", panic_in_task);
        task_start(&bystander, "bystander", say_that_it_runs);
        return;
    }
    if (how != NULL && strncmp(how, "twice", 5) == 0 && present_display() != NULL) {
        present_display()->pixels = (uint32_t *)0x10; /* like a framebuffer that is none */
    }
    if (how != NULL && strncmp(how, "fault", 5) == 0) {
        volatile uint64_t wild = 0x10;
        *(volatile uint32_t *)wild = 1;
    }
    if (how != NULL) {
        panic("asked for by the boot word `panic`");
    }
}

static void finish(const struct loop_options *options)
{
    uint32_t refused = app_refused_count() + app_needing_count(); /* neither ran */
    if (refused > 0) {
        log_error("main", "KTEST REFUSED n=%u", refused);
        machine_verdict(VERDICT_REFUSED);
    } else {
        log_info("main", "KTEST PASS apps=%u calls=%lu", app_count(), options->stop_calls);
        machine_verdict(VERDICT_PASS);
    }
    machine_power_off();
}

/* Memory, the processor's tables, time, and where devices are. */
static void start_machine(const char *words)
{
    if (!memory_init(&state.boot, kernel_first(), kernel_after())) {
        unfit("no usable memory");
    }
    cpu_init();                      /* faults from here on are readable */
    if (!paging_init(&state.boot)) { /* needs frames below 4 GiB, which memory_init gave */
        unfit("not enough memory for page tables");
    }
    memory_add_high(); /* needs the direct map to reach them */
    give_away_boot_tables();
    if (!apic_early()) { /* the clock is measured together with the APIC's timer */
        unfit("the local APIC can not be used: its registers lie on memory, or there is not enough "
              "memory for page tables");
    }
    clock_init();
    acpi_init(&state.boot); /* where the interrupt controllers and PCI's window are */
    apic_init();            /* interrupts on */
    pci_init(words);
    log_info("memory", "MiB=%lu free=%lu", frame_total() >> 8, frame_free_total() >> 8);
}

/* Drivers' tasks, until it is known which display and which disks there are. */
static void start_drivers(const char *words)
{
    /* Something to look at while drivers look for devices. */
    bool display = boot_word(words, "nodisplay") == NULL;
    if (!display) {
        present_off();
    } else {
        start_framebuffer();
        screen_boot_begin();
    }
    serial_start();
    ps2_start();
    power_start();
    start_virtio();
    acpi_name_passed_over(words);
    blocktest_start(boot_word(words, "blocktest"));
    loop_tasks_until(probing_done, machine_now_ns() + PROBE_NS);

    if (display && present_display() != NULL) {
        screen_boot_begin();
    } else {
        log_info("main", "no display: apps draw on %ux%u that nobody sees", CANVAS_BLIND_WIDTH,
                 CANVAS_BLIND_HEIGHT);
    }
}

/* The words that say how apps are run. */
static void obey_words(const char *words)
{
    app_set_offer((uint32_t)boot_word_u64(words, "context", CTX_ABI_VERSION),
                  boot_word(words, "force") != NULL);
    app_set_poison(boot_word(words, "poison") != NULL);
    set_isolation(boot_word(words, "isolate"));
    set_rdtsc(boot_word(words, "isolate-rdtsc"));
    set_layout(boot_word(words, "layout"));
    set_zone(boot_word(words, "zone"), boot_word(words, "rtc"));
    set_providers(words);
    const char *pointer = boot_word(words, "pointer");
    if (pointer != NULL && strcmp(pointer, "soft") == 0) {
        present_soft_pointer();
    }
    if (boot_word(words, "hash") != NULL) {
        statehash_all();
    }
}

void kernel_main(uint32_t protocol, paddr_t info);
void kernel_main(uint32_t protocol, paddr_t info)
{
    /* The serial line first, so that everything after can complain. */
    read_boot_info(protocol, info);
    const char *words = state.boot.command_line;
    start_machine(words);
    start_drivers(words);

    /* The canvas has the display's size, and apps have the canvas: so displays first, apps last. */
    struct display *d = present_display();
    uint32_t width = d != NULL ? d->width : CANVAS_BLIND_WIDTH;
    uint32_t height = d != NULL ? d->height : CANVAS_BLIND_HEIGHT;
    state.apps = modules_count(&state.boot, module_memory, NULL);
    slot_init(boot_word(words, "slots") != NULL); /* the only value is `seq` */
    start_memory_of_apps(d, width, height);
    obey_words(words);
    input_set_screen(width, height);
    windows_init();
    start_apps(words);
    memory_release_modules(&state.boot);
    provoke(boot_word(words, "panic"));

    if (app_count() == 0) {
        log_warn("main",
                 "no apps: nothing to run; boot with modules, or with an initrd that holds them");
        screen_message("no apps: nothing to run. Ctrl-Alt-Del restarts.");
    } else {
        log_info("main", "running apps=%u refused=%u free=%luKiB", app_count(), app_refused_count(),
                 frame_free_total() * 4);
        screen_boot_end();
    }
    imagebench_start(boot_word_u64(words, "imagebench", 0));
    struct loop_options options = {
        .frame_ns = boot_word_u64(words, "frame_us", FRAME_US) * NSEC_PER_USEC,
        .stop_calls = boot_word_u64(words, "stop", 0),
        .resumed = state.resumed,
    };
    loop_run(&options);
    finish(&options);
}
