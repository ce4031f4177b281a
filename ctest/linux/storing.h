/* SPDX-License-Identifier: MIT */
/* Between storing.c and storing_hostile.c, which are one program. */
#ifndef STORING_H
#define STORING_H

#include <ctx/fiber.h>
#include <ctx/tables.h>

#include <stdint.h>

extern const struct ctx_files *files;
extern const struct ctx_service *service;

const void *open_table(const char *id, uint32_t size);
void rest(uint64_t ns);

/* Until it does not say AGAIN any more. */
#define ALWAYS(status, call)                                                                       \
    do {                                                                                           \
        while (((status) = (call)) == CTX_E_AGAIN || (status) == CTX_E_BUSY) {                     \
            rest(1000000);                                                                         \
        }                                                                                          \
    } while (0)

int hostile(long times);                  /* nonsense to every function */
int odd(const char *what);                /* one of the oddities */
int names(const char *folder, long many); /* ever new ones, that are not there */

#endif
