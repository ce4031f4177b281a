/* SPDX-License-Identifier: MIT */
/* <dlfcn.h>: answers no. dlerror() says why. */
#ifndef CTX_C_DLFCN_H
#define CTX_C_DLFCN_H

#define RTLD_LAZY    1
#define RTLD_NOW     2
#define RTLD_GLOBAL  0x100
#define RTLD_LOCAL   0
#define RTLD_DEFAULT ((void *)0)
#define RTLD_NEXT    ((void *)-1)

#ifdef __cplusplus
extern "C" {
#endif

void *dlopen(const char *path, int flags);
void *dlsym(void *handle, const char *name);
int dlclose(void *handle);
char *dlerror(void);

#ifdef __cplusplus
}
#endif
#endif
