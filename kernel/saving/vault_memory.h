/* SPDX-License-Identifier: MIT */
/* Images kept in memory, where there is no disk. For vault.c. */
#ifndef KERNEL_VAULT_MEMORY_H
#define KERNEL_VAULT_MEMORY_H

#include "save.h"
#include "store.h"

/* At most this part of all memory holds images. */
#define VAULT_MEMORY_PART 8u

/* The image is moved: *image is zeroes afterwards. One of the same name goes. NOSPC, NOMEM, INVAL:
 * no such name may be; then it stays the caller's. */
ctx_status vault_memory_put(const char *name, struct image_bytes *image);

/* NOENT: NULL. The bytes stay the memory's. */
const struct image_bytes *vault_memory_get(const char *name);
ctx_status vault_memory_remove(const char *name);

bool vault_memory_next(struct store_stat *out);
uint64_t vault_memory_used(void);
uint64_t vault_memory_quota(void);

#endif
