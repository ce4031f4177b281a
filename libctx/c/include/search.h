/* SPDX-License-Identifier: MIT */
/* picolibc's <search.h> has no searches in arrays. */
#ifndef CTX_C_SEARCH_H
#define CTX_C_SEARCH_H

#include_next <search.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

void *lfind(const void *key, const void *list, size_t *count, size_t each,
            int (*order)(const void *, const void *));
void *lsearch(const void *key, void *list, size_t *count, size_t each,
              int (*order)(const void *, const void *));

#ifdef __cplusplus
}
#endif
#endif
