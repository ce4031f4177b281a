/* SPDX-License-Identifier: MIT */
/* Pictures as files: <ctx/png.h>. */
#include "linux.h"

#include <ctx/png.h>

#include <errno.h>
#include <stdio.h>

static int put(void *file, const void *bytes, uint32_t len)
{
    return fwrite(bytes, 1, len, file) == len;
}

int linux_write_png(const char *path, const uint32_t *pixels, uint32_t width, uint32_t height)
{
    struct ctx_png png;
    FILE *f = fopen(path, "wb");
    if (f == NULL) {
        return errno;
    }
    errno = 0;
    ctx_png_begin(&png, width, height, put, f);
    for (uint32_t y = 0; y < height; y++) {
        ctx_png_row(&png, pixels + (size_t)y * width);
    }
    int error = ctx_png_end(&png) ? 0 : errno != 0 ? errno : EIO;
    return fclose(f) != 0 && error == 0 ? errno : error;
}
