/* SPDX-License-Identifier: MIT */
/* Streams. */
#include "private.h"

static bool whence_of(int whence, int *c)
{
    *c = whence == RW_SEEK_SET ? SEEK_SET : whence == RW_SEEK_CUR ? SEEK_CUR : SEEK_END;
    return whence >= RW_SEEK_SET && whence <= RW_SEEK_END;
}

/* ---- files ---- */

static Sint64 file_seek(SDL_RWops *s, Sint64 offset, int whence)
{
    int c;
    if (!whence_of(whence, &c) || fseeko(s->hidden.stdio.fp, (off_t)offset, c) != 0) {
        return SDL_Error(SDL_EFSEEK);
    }
    return (Sint64)ftello(s->hidden.stdio.fp);
}

static Sint64 file_size(SDL_RWops *s)
{
    Sint64 here = file_seek(s, 0, RW_SEEK_CUR);
    Sint64 size = here >= 0 ? file_seek(s, 0, RW_SEEK_END) : -1;
    if (here >= 0) {
        file_seek(s, here, RW_SEEK_SET);
    }
    return size;
}

static size_t file_read(SDL_RWops *s, void *to, size_t size, size_t count)
{
    size_t done = fread(to, size, count, s->hidden.stdio.fp);
    if (done < count && ferror(s->hidden.stdio.fp)) {
        SDL_Error(SDL_EFREAD);
    }
    return done;
}

static size_t file_write(SDL_RWops *s, const void *from, size_t size, size_t count)
{
    size_t done = fwrite(from, size, count, s->hidden.stdio.fp);
    if (done < count) {
        SDL_Error(SDL_EFWRITE);
    }
    return done;
}

static int file_close(SDL_RWops *s)
{
    int result =
        s->hidden.stdio.autoclose && fclose(s->hidden.stdio.fp) != 0 ? SDL_Error(SDL_EFWRITE) : 0;
    SDL_FreeRW(s);
    return result;
}

SDL_RWops *SDL_RWFromFP(FILE *file, SDL_bool autoclose)
{
    SDL_RWops *s = file != NULL ? SDL_AllocRW() : NULL;
    if (s != NULL) {
        *s = (SDL_RWops){.size = file_size,
                         .seek = file_seek,
                         .read = file_read,
                         .write = file_write,
                         .close = file_close,
                         .type = SDL_RWOPS_STDFILE};
        s->hidden.stdio.fp = file;
        s->hidden.stdio.autoclose = autoclose;
    }
    return s;
}

SDL_RWops *SDL_RWFromFile(const char *file, const char *mode)
{
    if (file == NULL || file[0] == 0 || mode == NULL || mode[0] == 0) {
        SDL_SetError("SDL_RWFromFile(): No file or no mode specified");
        return NULL;
    }
    FILE *f = fopen(file, mode);
    if (f == NULL) {
        SDL_SetError("Couldn't open %s", file);
        return NULL;
    }
    SDL_RWops *s = SDL_RWFromFP(f, SDL_TRUE);
    if (s == NULL) {
        fclose(f);
    }
    return s;
}

/* ---- memory ---- */

static Sint64 mem_size(SDL_RWops *s)
{
    return s->hidden.mem.stop - s->hidden.mem.base;
}

static Sint64 mem_seek(SDL_RWops *s, Sint64 offset, int whence)
{
    Sint64 size = mem_size(s), from = 0;
    if (whence == RW_SEEK_CUR) {
        from = s->hidden.mem.here - s->hidden.mem.base;
    } else if (whence == RW_SEEK_END) {
        from = size;
    } else if (whence != RW_SEEK_SET) {
        return SDL_Error(SDL_EFSEEK);
    }
    Sint64 at;
    if (__builtin_add_overflow(from, offset, &at)) {
        return SDL_Error(SDL_EFSEEK);
    }
    at = at < 0 ? 0 : at > size ? size : at;
    s->hidden.mem.here = s->hidden.mem.base + at;
    return at;
}

static size_t mem_count(const SDL_RWops *s, size_t size, size_t count)
{
    size_t left = (size_t)(s->hidden.mem.stop - s->hidden.mem.here);
    return size == 0 ? 0 : count < left / size ? count : left / size;
}

static size_t mem_read(SDL_RWops *s, void *to, size_t size, size_t count)
{
    count = mem_count(s, size, count);
    memcpy(to, s->hidden.mem.here, size * count);
    s->hidden.mem.here += size * count;
    return count;
}

static size_t mem_write(SDL_RWops *s, const void *from, size_t size, size_t count)
{
    count = mem_count(s, size, count);
    memcpy(s->hidden.mem.here, from, size * count);
    s->hidden.mem.here += size * count;
    return count;
}

static size_t mem_refuse(SDL_RWops *s, const void *from, size_t size, size_t count)
{
    (void)s;
    (void)from;
    (void)size;
    (void)count;
    SDL_SetError("Can't write to read-only memory");
    return 0;
}

static int mem_close(SDL_RWops *s)
{
    SDL_FreeRW(s);
    return 0;
}

static SDL_RWops *from_memory(void *mem, int size, bool constant)
{
    if (mem == NULL || size <= 0) {
        SDL_InvalidParamError(mem == NULL ? "mem" : "size");
        return NULL;
    }
    SDL_RWops *s = SDL_AllocRW();
    if (s != NULL) {
        *s = (SDL_RWops){.size = mem_size,
                         .seek = mem_seek,
                         .read = mem_read,
                         .write = constant ? mem_refuse : mem_write,
                         .close = mem_close,
                         .type = constant ? SDL_RWOPS_MEMORY_RO : SDL_RWOPS_MEMORY};
        s->hidden.mem.base = s->hidden.mem.here = mem;
        s->hidden.mem.stop = s->hidden.mem.base + size;
    }
    return s;
}

SDL_RWops *SDL_RWFromMem(void *mem, int size)
{
    return from_memory(mem, size, false);
}

SDL_RWops *SDL_RWFromConstMem(const void *mem, int size)
{
    union {
        const void *given;
        void *mem;
    } u = {mem};
    return from_memory(u.mem, size, true);
}

SDL_RWops *SDL_AllocRW(void)
{
    SDL_RWops *s = calloc(1, sizeof *s);
    if (s == NULL) {
        SDL_OutOfMemory();
    }
    return s;
}

void SDL_FreeRW(SDL_RWops *s)
{
    free(s);
}

/* ---- of any kind ---- */

/* clang-format off */
Sint64 SDL_RWsize(SDL_RWops *s) { return s->size(s); }
Sint64 SDL_RWseek(SDL_RWops *s, Sint64 offset, int whence) { return s->seek(s, offset, whence); }
Sint64 SDL_RWtell(SDL_RWops *s) { return s->seek(s, 0, RW_SEEK_CUR); }
size_t SDL_RWread(SDL_RWops *s, void *to, size_t size, size_t count) { return s->read(s, to, size, count); }
size_t SDL_RWwrite(SDL_RWops *s, const void *from, size_t size, size_t count) { return s->write(s, from, size, count); }
int SDL_RWclose(SDL_RWops *s) { return s->close(s); }
/* clang-format on */

void *SDL_LoadFile_RW(SDL_RWops *s, size_t *size, int close)
{
    if (s == NULL) {
        return NULL;
    }
    size_t room = 4096, len = 0, got;
    char *bytes = malloc(room + 1);
    while (bytes != NULL && (got = SDL_RWread(s, bytes + len, 1, room - len)) > 0) {
        len += got;
        if (len == room) {
            char *more = realloc(bytes, room * 2 + 1);
            if (more == NULL) {
                free(bytes);
            }
            bytes = more;
            room *= 2;
        }
    }
    if (bytes == NULL) {
        SDL_OutOfMemory();
    } else {
        bytes[len] = 0;
    }
    if (size != NULL) {
        *size = bytes != NULL ? len : 0;
    }
    if (close) {
        SDL_RWclose(s);
    }
    return bytes;
}

void *SDL_LoadFile(const char *file, size_t *size)
{
    return SDL_LoadFile_RW(SDL_RWFromFile(file, "rb"), size, 1);
}

/* clang-format off */
#define READ(type) type value = 0; SDL_RWread(s, &value, sizeof value, 1)
Uint8 SDL_ReadU8(SDL_RWops *s) { READ(Uint8); return value; }
Uint16 SDL_ReadLE16(SDL_RWops *s) { READ(Uint16); return SDL_SwapLE16(value); }
Uint16 SDL_ReadBE16(SDL_RWops *s) { READ(Uint16); return SDL_SwapBE16(value); }
Uint32 SDL_ReadLE32(SDL_RWops *s) { READ(Uint32); return SDL_SwapLE32(value); }
Uint32 SDL_ReadBE32(SDL_RWops *s) { READ(Uint32); return SDL_SwapBE32(value); }
Uint64 SDL_ReadLE64(SDL_RWops *s) { READ(Uint64); return SDL_SwapLE64(value); }
Uint64 SDL_ReadBE64(SDL_RWops *s) { READ(Uint64); return SDL_SwapBE64(value); }

#define WRITE(swapped) value = swapped; return SDL_RWwrite(s, &value, sizeof value, 1)
size_t SDL_WriteU8(SDL_RWops *s, Uint8 value) { WRITE(value); }
size_t SDL_WriteLE16(SDL_RWops *s, Uint16 value) { WRITE(SDL_SwapLE16(value)); }
size_t SDL_WriteBE16(SDL_RWops *s, Uint16 value) { WRITE(SDL_SwapBE16(value)); }
size_t SDL_WriteLE32(SDL_RWops *s, Uint32 value) { WRITE(SDL_SwapLE32(value)); }
size_t SDL_WriteBE32(SDL_RWops *s, Uint32 value) { WRITE(SDL_SwapBE32(value)); }
size_t SDL_WriteLE64(SDL_RWops *s, Uint64 value) { WRITE(SDL_SwapLE64(value)); }
size_t SDL_WriteBE64(SDL_RWops *s, Uint64 value) { WRITE(SDL_SwapBE64(value)); }
/* clang-format on */
