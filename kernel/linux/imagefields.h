/* SPDX-License-Identifier: MIT */
/* The structs of <ctx/image.h>, field by field, for whoever shows or compares them. */
#ifndef LINUX_IMAGEFIELDS_H
#define LINUX_IMAGEFIELDS_H

#include <kernel/types.h>

enum how { NUMBER, SIGNED, HEX, TEXT, BYTES };

struct field {
    const char *name;
    uint32_t at, size;
    uint8_t how;
    uint8_t system; /* of the system that saved it, not of the app's state */
};

struct layout {
    uint32_t kind;
    const char *name;
    uint32_t size;
    const struct field *fields;
    uint32_t count;
};

extern const struct layout image_app_layout, image_session_layout;

/* What there may be any number of. */
extern const struct layout image_lists[];
extern const uint32_t image_list_count;

#endif
