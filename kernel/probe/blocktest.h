/* SPDX-License-Identifier: MIT */
/*
 * A self-check of all block devices, for the boot word `blocktest`: see kernel/doc/boot.md. A task
 * of its own, beside everything else.
 */
#ifndef KERNEL_BLOCKTEST_H
#define KERNEL_BLOCKTEST_H

/*
 * word: the value of the boot word. NULL: nothing is done; "write...": what is on the devices is
 * lost; else they are only read. Once. [boot]
 */
void blocktest_start(const char *word);

#endif
