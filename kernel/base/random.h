/* SPDX-License-Identifier: MIT */
/*
 * Random bytes for apps: ChaCha20 (RFC 8439) whose key is replaced by its own output after each
 * use, so that what was given out can not be worked out later. Seeded from machine_random() and
 * what drivers bring (<kernel/noise.h>), again every minute of use.
 */
#ifndef KERNEL_RANDOM_H
#define KERNEL_RANDOM_H

#include <kernel/types.h>

void random_fill(uint8_t *out, size_t len);

/* Mix in fresh noise now. */
void random_reseed(void);

/* One block of the cipher, for tests: RFC 8439 section 2.3. */
void chacha20_block(const uint32_t key[8], uint32_t counter, const uint32_t nonce[3],
                    uint8_t out[64]);

#endif
