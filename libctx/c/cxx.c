/* SPDX-License-Identifier: MIT */
/*
 * What compiled C++ asks for by name, without exceptions and run-time types: new and delete over
 * malloc, and the end of a call of a pure virtual function. Names are those of the Itanium C++ ABI.
 * Without exceptions a `new` that finds no memory ends the app, with a crash report.
 */
#include <stdio.h>
#include <stdlib.h>

void *__dso_handle;

static void *get(size_t size)
{
    void *p = malloc(size != 0 ? size : 1);
    if (p == NULL) {
        fprintf(stderr, "new: no memory for %lu bytes\n", (unsigned long)size);
        abort();
    }
    return p;
}

void *_Znwm(size_t size);
void *_Znam(size_t size);
void _ZdlPv(void *p);
void _ZdaPv(void *p);
void _ZdlPvm(void *p, size_t size);
void _ZdaPvm(void *p, size_t size);
void __cxa_pure_virtual(void);

void *_Znwm(size_t size) /* operator new(unsigned long) */
{
    return get(size);
}

void *_Znam(size_t size) /* operator new[](unsigned long) */
{
    return get(size);
}

void _ZdlPv(void *p) /* operator delete(void *) */
{
    free(p);
}

void _ZdaPv(void *p) /* operator delete[](void *) */
{
    free(p);
}

void _ZdlPvm(void *p, size_t size) /* operator delete(void *, unsigned long) */
{
    (void)size;
    free(p);
}

void _ZdaPvm(void *p, size_t size) /* operator delete[](void *, unsigned long) */
{
    (void)size;
    free(p);
}

void __cxa_pure_virtual(void)
{
    fputs("a pure virtual function was called\n", stderr);
    abort();
}
