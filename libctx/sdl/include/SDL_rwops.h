/* SPDX-License-Identifier: MIT */
/* SDL_rwops.h - streams: a file (libctx/doc/files.md), memory, or functions of the caller's. */
#ifndef SDL_rwops_h_
#define SDL_rwops_h_

#include "SDL_error.h"
#include "SDL_stdinc.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SDL_RWOPS_UNKNOWN   0u
#define SDL_RWOPS_STDFILE   2u
#define SDL_RWOPS_MEMORY    4u
#define SDL_RWOPS_MEMORY_RO 5u

#define RW_SEEK_SET         0
#define RW_SEEK_CUR         1
#define RW_SEEK_END         2

typedef struct SDL_RWops {
    Sint64 (*size)(struct SDL_RWops *context); /* -1: not known */
    Sint64 (*seek)(struct SDL_RWops *context, Sint64 offset, int whence);
    size_t (*read)(struct SDL_RWops *context, void *to, size_t size, size_t count);
    size_t (*write)(struct SDL_RWops *context, const void *from, size_t size, size_t count);
    int (*close)(struct SDL_RWops *context);
    Uint32 type;
    union {
        struct {
            SDL_bool autoclose;
            FILE *fp;
        } stdio;
        struct {
            Uint8 *base, *here, *stop;
        } mem;
        struct {
            void *data1, *data2;
        } unknown;
    } hidden;
} SDL_RWops;

SDL_RWops *SDL_RWFromFile(const char *file, const char *mode);
SDL_RWops *SDL_RWFromFP(FILE *file, SDL_bool autoclose);
SDL_RWops *SDL_RWFromMem(void *mem, int size);
SDL_RWops *SDL_RWFromConstMem(const void *mem, int size);
SDL_RWops *SDL_AllocRW(void);
void SDL_FreeRW(SDL_RWops *stream);
Sint64 SDL_RWsize(SDL_RWops *stream);
Sint64 SDL_RWseek(SDL_RWops *stream, Sint64 offset, int whence);
Sint64 SDL_RWtell(SDL_RWops *stream);
size_t SDL_RWread(SDL_RWops *stream, void *to, size_t size, size_t count);
size_t SDL_RWwrite(SDL_RWops *stream, const void *from, size_t size, size_t count);
int SDL_RWclose(SDL_RWops *stream);
/* for SDL_free(); with a 0 behind it */
void *SDL_LoadFile_RW(SDL_RWops *stream, size_t *size, int close);
void *SDL_LoadFile(const char *file, size_t *size);
Uint8 SDL_ReadU8(SDL_RWops *stream); /* 0 at the end, as those below */
Uint16 SDL_ReadLE16(SDL_RWops *stream);
Uint16 SDL_ReadBE16(SDL_RWops *stream);
Uint32 SDL_ReadLE32(SDL_RWops *stream);
Uint32 SDL_ReadBE32(SDL_RWops *stream);
Uint64 SDL_ReadLE64(SDL_RWops *stream);
Uint64 SDL_ReadBE64(SDL_RWops *stream);
size_t SDL_WriteU8(SDL_RWops *stream, Uint8 value); /* 1: written */
size_t SDL_WriteLE16(SDL_RWops *stream, Uint16 value);
size_t SDL_WriteBE16(SDL_RWops *stream, Uint16 value);
size_t SDL_WriteLE32(SDL_RWops *stream, Uint32 value);
size_t SDL_WriteBE32(SDL_RWops *stream, Uint32 value);
size_t SDL_WriteLE64(SDL_RWops *stream, Uint64 value);
size_t SDL_WriteBE64(SDL_RWops *stream, Uint64 value);

#ifdef __cplusplus
}
#endif
#endif
