/* SPDX-License-Identifier: MIT */
/*
 * Devices that come and go while the system runs: native hot plug of PCI Express (Base 4.0, section
 * 6.7), at slots below root ports that say they can. A task for each slot is woken by the port's
 * interrupt. A board that comes gets power, and addresses out of the port's window; one that is to
 * go - somebody pressed its attention button - is told to its driver first, and loses power then.
 *
 * Machines that do this by ACPI's methods instead (QEMU's q35, unless told otherwise) have no such
 * ports: nothing here interprets those methods.
 */
#include "x86.h"

#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/pci.h>

#define ROOM           "pci"
#define SLOTS_MAX      8u
#define CAP_PCIE       0x10
#define BRIDGE         0x060400u
#define REG_BAR0       0x10
#define REG_BUS        0x19 /* the bus below */
#define REG_MEMORY     0x20
#define REG_PREF       0x24
#define REG_PREF_UPPER 0x28

/* In the PCI Express capability (7.5.3) */
#define FLAGS         0x02
#define FLAGS_SLOT    0x100u
#define SLOT_CAPS     0x14
#define CAPS_BUTTON   1u
#define CAPS_POWER    2u
#define CAPS_PLUG     0x40u
#define SLOT_CONTROL  0x18
#define CONTROL_WANT  0x29u /* interrupts: button, presence, all */
#define CONTROL_LAMP  0x300u
#define LAMP_ON       0x100u
#define LAMP_OFF      0x300u
#define CONTROL_OFF   0x400u
#define SLOT_STATUS   0x1a
#define STATUS_BUTTON 1u
#define STATUS_SEEN   0x1fu /* all events; written back they are cleared */
#define STATUS_TRIES  16u   /* a device may go on for ever */
#define STATUS_THERE  0x40u

#define POWER_NS      (200 * NSEC_PER_MSEC) /* until a board answers; 6.6.1 */
#define DRIVER_NS     (500 * NSEC_PER_MSEC) /* for a driver to let go */

/* [boot, loop] */
static struct {
    struct slot {
        struct task task;
        struct pci_device port;
        uint32_t cap;
        bool on; /* a board has power, and its driver was told */
        uint32_t status;
    } slots[SLOTS_MAX];
    uint32_t count;
    const struct pci_listener *listener;
} state;

/* With all that happened since the last time. The port interrupts only when there was nothing to be
 * cleared: so again, until there is not. */
static uint32_t status_of(const struct slot *s)
{
    uint32_t seen = 0, status = pci_read(&s->port, s->cap + SLOT_STATUS, 2);
    for (uint32_t i = 0; i < STATUS_TRIES && (status & STATUS_SEEN) != 0; i++) {
        seen |= status & STATUS_SEEN;
        pci_write(&s->port, s->cap + SLOT_STATUS, 2, status & STATUS_SEEN);
        status = pci_read(&s->port, s->cap + SLOT_STATUS, 2);
    }
    return status | seen;
}

static void set_power(const struct slot *s, bool on)
{
    uint32_t control = pci_read(&s->port, s->cap + SLOT_CONTROL, 2);
    control &= ~(CONTROL_OFF | CONTROL_LAMP);
    pci_write(&s->port, s->cap + SLOT_CONTROL, 2,
              control | CONTROL_WANT | (on ? LAMP_ON : CONTROL_OFF | LAMP_OFF));
}

/* ---- addresses ---- */

struct window {
    uint64_t next, end;
};

static struct window memory_window(const struct pci_device *port)
{
    uint64_t base = pci_read(port, REG_MEMORY, 2) & 0xfff0u;
    uint64_t limit = pci_read(port, REG_MEMORY + 2, 2) & 0xfff0u;
    return (struct window){base << 16, (limit << 16) + 0x100000u};
}

static struct window pref_window(const struct pci_device *port)
{
    uint64_t base = pci_read(port, REG_PREF, 2), limit = pci_read(port, REG_PREF + 2, 2);
    bool wide = (base & 0xf) == 1;
    uint64_t upper = wide ? pci_read(port, REG_PREF_UPPER, 4) : 0;
    uint64_t upper_limit = wide ? pci_read(port, REG_PREF_UPPER + 4, 4) : 0;
    return (struct window){upper << 32 | (base & 0xfff0u) << 16,
                           (upper_limit << 32 | (limit & 0xfff0u) << 16) + 0x100000u};
}

static uint64_t take(struct window *w, uint64_t size)
{
    uint64_t at = ALIGN_UP(w->next, size);
    if (at < w->next || at > w->end || size > w->end - at) {
        return 0;
    }
    w->next = at + size;
    return at;
}

/* Addresses for the memory BARs of a board; a window may be empty (its end below its begin). False:
 * there are not enough. */
static bool assign(const struct pci_device *d, struct window *memory, struct window *pref)
{
    for (uint32_t bar = 0; bar < 6; bar++) {
        uint32_t reg = REG_BAR0 + 4 * bar, low = pci_read(d, reg, 4);
        bool wide = (low & 6) == 4;
        uint64_t size = (low & 1) == 0 ? pci_bar_size(d, reg, wide) : 0;
        if (size > 0) {
            uint64_t at = (low & 8) != 0 ? take(pref, size) : 0;
            at = at != 0 ? at : take(memory, size);
            if (at == 0 || (!wide && at + size > UINT64_C(1) << 32)) {
                return false;
            }
            pci_write(d, reg, 4, (uint32_t)at);
            if (wide) {
                pci_write(d, reg + 4, 4, (uint32_t)(at >> 32));
            }
        }
        bar += wide;
    }
    return true;
}

/* ---- coming and going ---- */

static void came(struct slot *s)
{
    struct window memory = memory_window(&s->port), pref = pref_window(&s->port);
    for (uint8_t f = 0; f < 8; f++) {
        struct pci_device d = {.bus = (uint8_t)pci_read(&s->port, REG_BUS, 1), .function = f};
        if (!pci_look(&d)) {
            continue;
        }
        if (!assign(&d, &memory, &pref)) {
            log_warn(ROOM, "no addresses for the board at=%02x:00.%u: its port's window is full",
                     d.bus, f);
            continue;
        }
        log_info(ROOM, "plugged vendor=0x%x device=0x%x at=%02x:00.%u", d.vendor, d.device, d.bus,
                 f);
        state.listener->came(&d);
    }
}

static void goes(const struct slot *s)
{
    uint8_t bus = (uint8_t)pci_read(&s->port, REG_BUS, 1);
    log_info(ROOM, "unplugged at=%02x:00", bus);
    state.listener->goes(bus);
}

static bool has_news(struct slot *s)
{
    s->status = status_of(s);
    bool there = (s->status & STATUS_THERE) != 0;
    return there != s->on || (s->on && (s->status & STATUS_BUTTON) != 0);
}

static void slot_run(struct task *task)
{
    struct slot *s = container_of(task, struct slot, task);
    TASK_BEGIN(task);
    for (;;) {
        TASK_AWAIT(task, has_news(s));
        if (!s->on) {
            set_power(s, true);
            TASK_AWAIT_FOR(task, false, POWER_NS);
            s->on = true;
            came(s);
            (void)status_of(s); /* the button that said so */
            continue;
        }
        goes(s);
        TASK_AWAIT_FOR(task, false, DRIVER_NS);
        set_power(s, false);
        s->on = false;
        TASK_AWAIT_FOR(task, false, POWER_NS); /* else it would be there still */
    }
    TASK_END(task);
}

/* ---- finding slots ---- */

static bool look_at(const struct pci_device *d, void *arg)
{
    (void)arg;
    uint32_t cap = d->class_code == BRIDGE ? pci_find_capability(d, CAP_PCIE, 0) : 0;
    uint32_t caps = cap != 0 && (pci_read(d, cap + FLAGS, 2) & FLAGS_SLOT) != 0
                        ? pci_read(d, cap + SLOT_CAPS, 4)
                        : 0;
    if ((caps & CAPS_PLUG) == 0) {
        return true;
    }
    if (state.count == SLOTS_MAX || (caps & CAPS_POWER) == 0 || (caps & CAPS_BUTTON) == 0) {
        log_warn(ROOM, "nothing can be plugged at=%02x:%02x.%u: %s", d->bus, d->slot, d->function,
                 state.count == SLOTS_MAX ? "eight slots are watched already"
                                          : "its slot has no button, or no switch");
        return true;
    }
    struct slot *s = &state.slots[state.count];
    *s = (struct slot){.port = *d, .cap = cap};
    pci_enable(d);
    if (pci_msix_enable(d) == 0 || pci_msix_route(d, 0, &s->task) != CTX_OK) {
        log_warn(ROOM, "nothing can be plugged at=%02x:%02x.%u: its port has no MSI-X", d->bus,
                 d->slot, d->function);
        return true;
    }
    state.count++;
    s->on = (status_of(s) & STATUS_THERE) != 0; /* the firmware has given it all it needs */
    pci_write(d, cap + SLOT_CONTROL, 2, pci_read(d, cap + SLOT_CONTROL, 2) | CONTROL_WANT);
    log_info(ROOM, "slot at=%02x:%02x.%u %s", d->bus, d->slot, d->function,
             s->on ? "in use" : "empty");
    task_start(&s->task, "hotplug", slot_run);
    return true;
}

void pci_listen(const struct pci_listener *listener)
{
    state.listener = listener;
    pci_for_each(look_at, NULL);
}
