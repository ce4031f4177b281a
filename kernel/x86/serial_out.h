/* SPDX-License-Identifier: MIT */
/*
 * What is on its way out of a serial port. A line of 115,200 baud takes 9 ms for 100 characters;
 * whoever logs does not wait for that as long as there is room here. Pure: the port is a few
 * functions, for tests.
 */
#ifndef KERNEL_X86_SERIAL_OUT_H
#define KERNEL_X86_SERIAL_OUT_H

#include <kernel/types.h>

#define SERIAL_OUT_BYTES 65536u /* five seconds and a half of such a line */

struct serial_out {
    bool (*has_space)(void); /* the port takes `fifo` bytes now */
    void (*put)(uint8_t byte);
    void (*breathe)(void); /* between two looks of who waits long: the tick may come, and pump */
    uint32_t fifo;
    uint32_t first, count;
    uint8_t bytes[SERIAL_OUT_BYTES];
};

/* Give the port what it takes now; never waits. True if something is still to go. */
bool serial_out_pump(struct serial_out *out);

/* Wait until all is in the port, or a byte has not gone after `patience` looks. */
void serial_out_flush(struct serial_out *out, uint32_t patience);

/* Nothing is lost: where there is no room it waits for the port as flush does, but breathes. */
void serial_out_write(struct serial_out *out, const char *bytes, size_t len, uint32_t patience);

#endif
