/* SPDX-License-Identifier: MIT */
/*
 * fake_kernel - what drivers see of the kernel, on the host: a clock that tests move, tasks that
 * tests run, a log, an input queue, displays and disks that tests read, DMA memory whose address
 * for devices is its pointer, and PCI functions made of plain memory.
 */
#ifndef FAKE_KERNEL_H
#define FAKE_KERNEL_H

#include <kernel/block.h>
#include <kernel/display.h>
#include <kernel/nic.h>
#include <kernel/pci.h>
#include <kernel/task.h>
#include <kernel/types.h>

enum fake_input_kind { FAKE_KEY, FAKE_MOVE, FAKE_SET, FAKE_WHEEL };

struct fake_input {
    enum fake_input_kind kind;
    int64_t a, b, c, d; /* the arguments in their order */
};

/*
 * A PCI function: tests fill config[] (capabilities from 0x34 on) and hand out memory for its BARs.
 */
struct fake_function {
    struct pci_device pci;
    uint8_t config[256];
    uint8_t *bars[6];
    uint64_t bar_len[6];
    uint32_t vectors;       /* MSI-X */
    uint32_t routable;      /* how many of them get an interrupt */
    struct task *routed[8]; /* whom they wake */
    bool enabled;
};

struct fake_kernel {
    uint64_t now_ns;
    struct task *tasks;

    char log[256][320];
    uint32_t log_count;

    long dma_live;    /* allocations not given back */
    size_t dma_limit; /* bigger ones fail; 0: none do */

    struct display *display;
    uint32_t offers, probes_begun, probes_ended;
    bool refuse_resize; /* display_resize() has no memory */

    struct block_device *disk; /* the last one */
    uint32_t disks, disk_probes_begun, disk_probes_ended;

    /* the last card, and what it said */
    struct nic_device *nic;
    uint32_t nics, nic_ready, nic_resets, nic_gone, nic_changes, nic_settled;
    struct fake_frame {
        uint32_t tag;
        ctx_status status;          /* sent */
        struct nic_arrival arrival; /* came */
    } sent[512], came[512];
    uint32_t sent_count, came_count;

    struct fake_input inputs[512];
    uint32_t input_count;
    uint32_t room; /* what input_room() says; each key takes one */

    struct fake_function functions[12];
    uint32_t function_count;
};

extern struct fake_kernel fake;

/* What came through <kernel/noise.h>. */
extern struct fake_noise {
    uint8_t bytes[1024];
    size_t len;
    uint32_t times;
    bool wanted;
    struct task *source;
} fake_noise;

/* Forget everything; DMA memory that is still live is freed. For setup and teardown. */
void fake_reset(void);

/* Run woken and overdue tasks until none is left (at most `turns` rounds); returns the rounds. */
uint32_t fake_run_turns(uint32_t turns);
void fake_run(void); /* 1,000 rounds, and fails the test if that was not the end */

/* Let ns pass, stopping at each deadline on the way to run what is due. */
void fake_sleep(uint64_t ns);

/* How many log lines contain text; fake_log_dump() prints all for a failing test. */
uint32_t fake_logged(const char *text);
void fake_log_dump(void);

#endif
