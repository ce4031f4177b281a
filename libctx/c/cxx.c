/* SPDX-License-Identifier: MIT */
/*
 * What compiled C++ asks for by name, without exceptions and run-time types: new and delete over
 * malloc (<new> declares them), and the end of a call of a pure virtual function. Names are those
 * of the Itanium C++ ABI: nw is new, na new[], dl delete, da delete[]; m stands for a size, Pv for
 * a pointer. Without exceptions a `new` that finds no memory ends the app, with a crash report.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

void *__dso_handle;

/* At least one byte, so that each has an address of its own; NULL where there is no memory. */
static void *ask(size_t size, size_t align)
{
    size = size != 0 ? size : 1;
    return align > _Alignof(max_align_t) ? aligned_alloc(align, size) : malloc(size);
}

static void *get(size_t size, size_t align)
{
    void *p = ask(size, align);
    if (p == NULL) {
        fprintf(stderr, "new: no memory for %lu bytes\n", (unsigned long)size);
        abort();
    }
    return p;
}

struct nothrow; /* std::nothrow_t, of which nobody reads anything */

void *_Znwm(size_t size);
void *_ZnwmRKSt9nothrow_t(size_t size, const struct nothrow *tag);
void *_ZnwmSt11align_val_t(size_t size, size_t align);
void *_ZnwmSt11align_val_tRKSt9nothrow_t(size_t size, size_t align, const struct nothrow *tag);
void *_Znam(size_t size);
void *_ZnamRKSt9nothrow_t(size_t size, const struct nothrow *tag);
void *_ZnamSt11align_val_t(size_t size, size_t align);
void *_ZnamSt11align_val_tRKSt9nothrow_t(size_t size, size_t align, const struct nothrow *tag);
void _ZdlPv(void *p);
void _ZdlPvm(void *p, size_t size);
void _ZdlPvSt11align_val_t(void *p, size_t align);
void _ZdlPvmSt11align_val_t(void *p, size_t size, size_t align);
void _ZdlPvRKSt9nothrow_t(void *p, const struct nothrow *tag);
void _ZdlPvSt11align_val_tRKSt9nothrow_t(void *p, size_t align, const struct nothrow *tag);
void _ZdaPv(void *p);
void _ZdaPvm(void *p, size_t size);
void _ZdaPvSt11align_val_t(void *p, size_t align);
void _ZdaPvmSt11align_val_t(void *p, size_t size, size_t align);
void _ZdaPvRKSt9nothrow_t(void *p, const struct nothrow *tag);
void _ZdaPvSt11align_val_tRKSt9nothrow_t(void *p, size_t align, const struct nothrow *tag);
void __cxa_pure_virtual(void);

void *_Znwm(size_t size)
{
    return get(size, 0);
}

void *_ZnwmRKSt9nothrow_t(size_t size, const struct nothrow *tag)
{
    (void)tag;
    return ask(size, 0);
}

void *_ZnwmSt11align_val_t(size_t size, size_t align)
{
    return get(size, align);
}

void *_ZnwmSt11align_val_tRKSt9nothrow_t(size_t size, size_t align, const struct nothrow *tag)
{
    (void)tag;
    return ask(size, align);
}

void *_Znam(size_t size)
{
    return get(size, 0);
}

void *_ZnamRKSt9nothrow_t(size_t size, const struct nothrow *tag)
{
    (void)tag;
    return ask(size, 0);
}

void *_ZnamSt11align_val_t(size_t size, size_t align)
{
    return get(size, align);
}

void *_ZnamSt11align_val_tRKSt9nothrow_t(size_t size, size_t align, const struct nothrow *tag)
{
    (void)tag;
    return ask(size, align);
}

void _ZdlPv(void *p)
{
    free(p);
}

void _ZdlPvm(void *p, size_t size)
{
    (void)size;
    free(p);
}

void _ZdlPvSt11align_val_t(void *p, size_t align)
{
    (void)align;
    free(p);
}

void _ZdlPvmSt11align_val_t(void *p, size_t size, size_t align)
{
    (void)size;
    (void)align;
    free(p);
}

void _ZdlPvRKSt9nothrow_t(void *p, const struct nothrow *tag)
{
    (void)tag;
    free(p);
}

void _ZdlPvSt11align_val_tRKSt9nothrow_t(void *p, size_t align, const struct nothrow *tag)
{
    (void)align;
    (void)tag;
    free(p);
}

void _ZdaPv(void *p)
{
    free(p);
}

void _ZdaPvm(void *p, size_t size)
{
    (void)size;
    free(p);
}

void _ZdaPvSt11align_val_t(void *p, size_t align)
{
    (void)align;
    free(p);
}

void _ZdaPvmSt11align_val_t(void *p, size_t size, size_t align)
{
    (void)size;
    (void)align;
    free(p);
}

void _ZdaPvRKSt9nothrow_t(void *p, const struct nothrow *tag)
{
    (void)tag;
    free(p);
}

void _ZdaPvSt11align_val_tRKSt9nothrow_t(void *p, size_t align, const struct nothrow *tag)
{
    (void)align;
    (void)tag;
    free(p);
}

void __cxa_pure_virtual(void)
{
    fputs("a pure virtual function was called\n", stderr);
    abort();
}
