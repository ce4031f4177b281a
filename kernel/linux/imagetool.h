/* SPDX-License-Identifier: MIT */
/* What the files of `ctx image` share. */
#ifndef KERNEL_LINUX_IMAGETOOL_H
#define KERNEL_LINUX_IMAGETOOL_H

#include "image.h"

/* An image, or one app's of a session. */
struct image_file {
    const char *path;
    uint8_t *bytes; /* the whole file's; one app of a session has none of its own */
    struct image image;
    char label[160]; /* "FILE", or "FILE, app 2 (clock)" */
};

/* Read and check a file. False: stderr or stdout has said why; *code is the exit code. */
bool image_file_open(struct image_file *f, const char *path, int *code);
void image_file_close(struct image_file *f);

/* Whether it is one of several apps. */
bool image_file_is_session(const struct image_file *f);

/* App number index of a session, as good as a file of its own as long as that one is open. False:
 * it is damaged, which is told, or there are not so many. */
bool image_file_app(const struct image_file *session, uint32_t index, struct image_file *out);

/* A whole section's contents, unpacked; free() it. NULL: no memory. */
uint8_t *image_file_part(const struct image *image, uint32_t kind, uint64_t *len);

/* The app's file, with zeroes for what the image only names (CTX_IMAGE_NEEDS); else the same. */
uint8_t *image_file_program(const struct image *image, uint64_t *len);

/* Its pages one after the other, those that it does not name left out. */
struct image_pages {
    const struct image *image;
    struct image_stream stream;
    struct ctx_image_run run;
    uint64_t next;   /* run */
    uint32_t within; /* the run */
    uint64_t offset; /* of this page in the slot; UINT64_MAX: there are no more */
    uint8_t bytes[4096];
};
void image_pages_begin(struct image_pages *p, const struct image *image);
void image_pages_next(struct image_pages *p);
void image_pages_end(struct image_pages *p);

/* The name of what lies at an offset in the slot, if the app's file has names: "main+0x12". */
struct image_names {
    uint8_t *symbols, *strings;
    uint64_t symbols_len, strings_len, bias;
};
void image_names_open(struct image_names *n, const struct image *image);
bool image_names_find(const struct image_names *n, uint64_t offset, char *to, size_t size);
void image_names_close(struct image_names *n);

/* "data", "heap" ... of an offset in the slot. */
const char *image_place(const struct image *image, uint64_t offset);

/* A text of the image's, without what a terminal would obey. */
const char *image_text(const uint8_t *text, size_t size, char *to);

int image_info(int argc, char **argv);
int image_diff(int argc, char **argv);
int image_extract(int argc, char **argv);

#endif
