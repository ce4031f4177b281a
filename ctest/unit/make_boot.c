/* SPDX-License-Identifier: MIT */
#include "make_boot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const uint8_t *memory_view_at(paddr_t address, uint64_t len, void *arg)
{
    const struct memory_view *v = arg;
    if (address < v->base || address - v->base > v->len || len > v->len - (address - v->base)) {
        return NULL;
    }
    return v->bytes + (address - v->base);
}

void made_add(struct made *m, const void *bytes, size_t len)
{
    if (len > sizeof m->bytes - m->len) {
        abort();
    }
    if (len > 0) {
        memcpy(m->bytes + m->len, bytes, len);
    }
    m->len += len;
}

void made_number(struct made *m, uint64_t value, uint32_t size)
{
    made_add(m, &value, size);
}

/* ---- Multiboot2 ---- */

void mb2_begin(struct made *m, paddr_t base)
{
    memset(m, 0, sizeof *m);
    m->base = base;
    made_number(m, 0, 8);
}

void mb2_tag(struct made *m, uint32_t type, const void *payload, size_t len)
{
    made_number(m, type, 4);
    made_number(m, 8 + len, 4);
    made_add(m, payload, len);
    made_add(m, "\0\0\0\0\0\0\0", (8 - m->len % 8) % 8);
}

void mb2_end(struct made *m)
{
    mb2_tag(m, 0, NULL, 0);
    memcpy(m->bytes, &(uint32_t){(uint32_t)m->len}, 4);
}

static void mb2_module(struct made *m, uint32_t start, uint32_t end, const char *text)
{
    uint8_t payload[128];
    size_t len = strlen(text) + 1;
    memcpy(payload, &start, 4);
    memcpy(payload + 4, &end, 4);
    memcpy(payload + 8, text, len);
    mb2_tag(m, 3, payload, 8 + len);
}

void mb2_full(struct made *m)
{
    static const struct {
        uint32_t entry_size, version;
        struct {
            uint64_t start, len;
            uint32_t type, rsv;
        } entries[4];
    } map = {24,
             0,
             {{0, 0x9fc00, 1, 0},
              {0x100000, 0x7f00000, 1, 0},
              {0xfffc0000, 0x40000, 2, 0},
              {UINT64_MAX, 2, 1, 0}}}; /* the last one wraps around: to be skipped */
    static const struct __attribute__((packed)) {
        uint64_t address;
        uint32_t pitch, width, height;
        uint8_t bpp, type;
        uint16_t rsv;
        uint8_t fields[6];
    } fb = {0xfd000000, 5120, 1280, 800, 32, 1, 0, {16, 8, 8, 8, 0, 8}};
    uint8_t rsdp[36] = "RSD PTR ";

    mb2_begin(m, 0x10000);
    mb2_tag(m, 1, "stop=60 debugexit", 18);
    mb2_tag(m, 2, "GRUB 2.06", 10);
    mb2_module(m, 0x200000, 0x201234, "hello one two");
    mb2_module(m, 0x202000, 0x202000, "");
    mb2_tag(m, 6, &map, sizeof map);
    mb2_tag(m, 8, &fb, sizeof fb);
    mb2_tag(m, 14, rsdp, 20);
    mb2_tag(m, 15, rsdp, 36);
    mb2_tag(m, 77, "from the future", 16);
    mb2_end(m);
}

/* ---- PVH ---- */

void pvh_full(struct made *m)
{
    enum { MODULES = 64, MAP = 96, COMMAND_LINE = 96 + 72, MODULE_TEXT = COMMAND_LINE + 16 };
    memset(m, 0, sizeof *m);
    m->base = 0x9000;
    made_number(m, 0x336ec578, 4);
    made_number(m, 1, 4);
    made_number(m, 0, 4);
    made_number(m, 1, 4);
    made_number(m, m->base + MODULES, 8);
    made_number(m, m->base + COMMAND_LINE, 8);
    made_number(m, 0xf5a10, 8);
    made_number(m, m->base + MAP, 8);
    made_number(m, 3, 8);
    made_number(m, 0, 8);
    const uint64_t module[] = {0x400000, 0x1234, m->base + MODULE_TEXT, 0};
    made_add(m, module, sizeof module);
    const uint64_t map[] = {0, 0x9fc00, 1, 0x100000, 0x7ee0000, 1, 0xfffc0000, 0x40000, 2};
    made_add(m, map, sizeof map);
    made_add(m, "stop=5 slots=seq", 16);
    m->bytes[m->len - 1] = 0;
    made_add(m, "initrd", 7);
}

/* ---- cpio ---- */

void cpio_add(struct made *m, const char *name, uint32_t mode, const void *data, size_t len)
{
    char head[128];
    size_t name_len = strlen(name) + 1;
    snprintf(head, sizeof head, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 1u,
             mode, 0u, 0u, 1u, 0u, (unsigned)len, 0u, 0u, 0u, 0u, (unsigned)name_len, 0u);
    made_add(m, head, 110);
    made_add(m, name, name_len);
    made_add(m, "\0\0\0", (4 - m->len % 4) % 4);
    made_add(m, data, len);
    made_add(m, "\0\0\0", (4 - m->len % 4) % 4);
}

void cpio_end(struct made *m)
{
    cpio_add(m, "TRAILER!!!", 0, NULL, 0);
}
