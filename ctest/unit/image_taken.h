/* SPDX-License-Identifier: MIT */
/* Images in tests: taken from an app, kept outside the kernel's memory, and made an app again. */
#ifndef UNIT_IMAGE_TAKEN_H
#define UNIT_IMAGE_TAKEN_H

#include "image.h"
#include "image_reseal.h"
#include "restore.h"
#include "save.h"
#include "v3_fixture.h"

/* An image's bytes outside the kernel's memory: reads behind its end are seen. */
static struct {
    uint8_t *bytes;
    uint64_t len;
    struct image image;
    struct image_error error;
} f;

static inline void keep(struct image_bytes *made)
{
    free(f.bytes);
    f.bytes = malloc(made->len);
    assert_non_null(f.bytes);
    memcpy(f.bytes, made->bytes, made->len);
    f.len = made->len;
    image_bytes_free(made);
}

static inline void take(struct app *app, uint32_t flags)
{
    struct image_bytes made;
    assert_int_equal(app_save(app, flags, &made), CTX_OK);
    keep(&made);
}

static inline struct app *bring_back(void)
{
    struct app *app = NULL;
    if (!image_open(f.bytes, f.len, &f.image, &f.error) ||
        app_restore(&f.image, "made.img", NULL, &app, &f.error) != CTX_OK) {
        print_error("%s=0x%llx: %s\n", f.error.field, (unsigned long long)f.error.value,
                    f.error.reason);
        fail();
    }
    return app;
}

static inline struct ctx_image_app *head(void)
{
    return (struct ctx_image_app *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_APP));
}

static inline int done(void **state)
{
    (void)state;
    free(f.bytes);
    return 0;
}

#endif
