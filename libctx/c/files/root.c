/* SPDX-License-Identifier: MIT */
/*
 * "/": the files compiled in, which nobody changes, beside those in memory, which are made in "/",
 * in /tmp and in folders made there. "/" and /tmp may be both. What is compiled in, and its
 * folders, say EROFS to whoever writes, makes, renames or removes something.
 */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* What a path leads to. */
struct found {
    struct ctx_c_node *mem;            /* NULL: not in memory */
    const struct ctx_c_rom_entry *rom; /* NULL: not compiled in */
    const char *name;                  /* the last name of the path */
    size_t len;
};

static bool is_there(const struct found *it)
{
    return it->mem != NULL || it->rom != NULL;
}

static bool is_folder(const struct found *it)
{
    return it->mem != NULL ? S_ISDIR(it->mem->mode)
                           : it->rom != NULL && it->rom->kind == CTX_C_ROM_FOLDER;
}

static void go_down(struct found *it)
{
    const struct ctx_c_rom *rom = ctx_c_rom_of_app();
    it->mem = it->mem != NULL ? ctx_c_mem_child(it->mem, it->name, it->len) : NULL;
    it->rom = it->rom != NULL ? ctx_c_rom_child(rom, it->rom, it->name, it->len) : NULL;
}

/* 0 also if the last name alone is missing: then neither of the two is there. */
static int find(const char *path, struct found *it)
{
    const struct ctx_c_rom *rom = ctx_c_rom_of_app();
    *it = (struct found){&ctx_c_mem_root, rom != NULL ? ctx_c_rom_entry(rom, 0) : NULL, path, 0};
    while (*path != 0) {
        const char *slash = strchr(path, '/');
        if (!is_there(it)) {
            return -ENOENT;
        }
        if (!is_folder(it)) {
            return -ENOTDIR;
        }
        it->name = path;
        it->len = slash != NULL ? (size_t)(slash - path) : strlen(path);
        go_down(it);
        path += it->len + (slash != NULL);
    }
    return 0;
}

/* The folder that a path's last name is in, if something may be made there: it is in memory, as "/"
 * and /tmp always are. The path has been found. */
static int folder_of(const char *path, const char *name, struct ctx_c_node **out)
{
    struct ctx_c_node *at = &ctx_c_mem_root;
    while (path != name && at != NULL) {
        size_t len = (size_t)(strchr(path, '/') - path);
        at = ctx_c_mem_child(at, path, len);
        path += len + 1;
    }
    *out = at;
    return at != NULL ? 0 : -EROFS;
}

static void fill(struct stat *out, const struct found *it)
{
    const struct ctx_c_rom *rom = ctx_c_rom_of_app();
    memset(out, 0, sizeof *out);
    out->st_nlink = 1;
    out->st_blksize = (blksize_t)CTX_C_BLOCK;
    if (it->rom != NULL) {
        bool folder = it->rom->kind == CTX_C_ROM_FOLDER;
        out->st_ino = ctx_c_rom_number(rom, it->rom);
        out->st_mode = folder ? S_IFDIR | (it->mem != NULL ? 0755 : 0555) : S_IFREG | 0444;
        out->st_size = folder ? 0 : (off_t)it->rom->size;
    } else {
        out->st_ino = it->mem->number;
        out->st_mode = it->mem->mode;
        out->st_nlink = it->mem->parent != NULL || it->mem == &ctx_c_mem_root;
        out->st_size = it->mem->size;
    }
    if (it->mem != NULL) {
        out->st_mtim.tv_sec = (time_t)it->mem->modified[0];
        out->st_mtim.tv_nsec = (long)it->mem->modified[1];
        out->st_atim = out->st_ctim = out->st_mtim;
    }
    out->st_blocks = (out->st_size + 511) / 512;
}

/* ---- open files ---- */

static ssize_t rom_read(struct ctx_c_file *file, off_t at, void *to, size_t len)
{
    const struct ctx_c_rom_entry *entry = file->node;
    size_t most = (uint64_t)at < entry->size ? (size_t)(entry->size - (uint64_t)at) : 0;
    len = len < most ? len : most;
    memcpy(to, (const char *)ctx_c_rom_data(ctx_c_rom_of_app(), entry) + at, len);
    return (ssize_t)len;
}

static int rom_stat(struct ctx_c_file *file, struct stat *out)
{
    fill(out, &(struct found){.rom = file->node});
    return 0;
}

static const void *rom_whole(struct ctx_c_file *file, size_t *len)
{
    const struct ctx_c_rom_entry *entry = file->node;
    *len = entry->size;
    return ctx_c_rom_data(ctx_c_rom_of_app(), entry);
}

static void rom_close(struct ctx_c_file *file)
{
    (void)file;
}

static const struct ctx_c_file_ops rom_file = {
    .read = rom_read, .stat = rom_stat, .whole = rom_whole, .close = rom_close};
static const struct ctx_c_file_ops rom_folder = {.stat = rom_stat, .close = rom_close};

static ssize_t mem_read(struct ctx_c_file *file, off_t at, void *to, size_t len)
{
    return ctx_c_mem_read(file->node, at, to, len);
}

static ssize_t mem_write(struct ctx_c_file *file, off_t at, const void *from, size_t len)
{
    return ctx_c_mem_write(file->node, at, from, len);
}

static int mem_truncate(struct ctx_c_file *file, off_t len)
{
    return ctx_c_mem_resize(file->node, len);
}

static int mem_stat(struct ctx_c_file *file, struct stat *out)
{
    fill(out, &(struct found){.mem = file->node});
    return 0;
}

static int mem_chmod(struct ctx_c_file *file, mode_t mode)
{
    struct ctx_c_node *node = file->node;
    node->mode = (node->mode & S_IFMT) | (mode & 07777);
    return 0;
}

static int mem_times(struct ctx_c_file *file, const struct timespec *modified)
{
    struct ctx_c_node *node = file->node;
    node->modified[0] = modified->tv_sec;
    node->modified[1] = modified->tv_nsec;
    return 0;
}

static void mem_close(struct ctx_c_file *file)
{
    ctx_c_mem_drop(file->node);
}

static const struct ctx_c_file_ops mem_file = {.read = mem_read,
                                               .write = mem_write,
                                               .truncate = mem_truncate,
                                               .stat = mem_stat,
                                               .chmod = mem_chmod,
                                               .times = mem_times,
                                               .close = mem_close};
static const struct ctx_c_file_ops mem_folder = {
    .stat = mem_stat, .chmod = mem_chmod, .times = mem_times, .close = mem_close};

static int may(const struct found *it, int flags)
{
    bool writes = (flags & O_ACCMODE) != O_RDONLY;
    if (is_folder(it)) {
        return writes || (flags & O_CREAT) != 0 ? -EISDIR : 0;
    }
    if ((flags & O_DIRECTORY) != 0) {
        return -ENOTDIR;
    }
    if (it->rom != NULL) {
        return writes || (flags & O_TRUNC) != 0 ? -EROFS : 0;
    }
    bool reads = (flags & O_ACCMODE) != O_WRONLY;
    mode_t mode = it->mem->mode;
    return (writes && (mode & S_IWUSR) == 0) || (reads && (mode & S_IRUSR) == 0) ? -EACCES : 0;
}

static int open_it(void *fs, const char *path, int flags, mode_t mode, struct ctx_c_file *file)
{
    struct found it;
    struct ctx_c_node *folder;
    int error = find(path, &it);
    (void)fs;
    if (error == 0 && !is_there(&it)) {
        if ((flags & O_CREAT) == 0) {
            return -ENOENT;
        }
        error = folder_of(path, it.name, &folder);
        if (error == 0) {
            error = ctx_c_mem_add(folder, it.name, it.len, S_IFREG | (mode & 0777), &it.mem);
        }
    } else if (error == 0) {
        bool must_be_new = (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
        error = must_be_new ? -EEXIST : may(&it, flags);
    }
    if (error != 0) {
        return error;
    }
    if (it.rom != NULL) {
        file->node = (void *)it.rom;
        file->ops = it.rom->kind == CTX_C_ROM_FOLDER ? &rom_folder : &rom_file;
        return 0;
    }
    if ((flags & O_TRUNC) != 0 && (flags & O_ACCMODE) != O_RDONLY) {
        ctx_c_mem_resize(it.mem, 0);
    }
    it.mem->refs++;
    file->node = it.mem;
    file->ops = S_ISDIR(it.mem->mode) ? &mem_folder : &mem_file;
    return 0;
}

/* ---- names ---- */

static int find_there(const char *path, struct found *it)
{
    int error = find(path, it);
    return error == 0 && !is_there(it) ? -ENOENT : error;
}

static int stat_it(void *fs, const char *path, struct stat *out)
{
    struct found it;
    int error = find_there(path, &it);
    (void)fs;
    if (error == 0) {
        fill(out, &it);
    }
    return error;
}

static int list(void *fs, const char *path, ctx_c_name_fn name, void *arg)
{
    const struct ctx_c_rom *rom = ctx_c_rom_of_app();
    struct found it;
    int error = find_there(path, &it);
    (void)fs;
    if (error == 0 && !is_folder(&it)) {
        return -ENOTDIR;
    }
    for (uint64_t i = 0; error == 0 && it.rom != NULL && i < it.rom->size; i++) {
        const struct ctx_c_rom_entry *entry = ctx_c_rom_entry(rom, it.rom->at + i);
        error = name(arg, ctx_c_rom_name(rom, entry), entry->name_len, ctx_c_rom_number(rom, entry),
                     entry->kind == CTX_C_ROM_FOLDER ? DT_DIR : DT_REG);
    }
    struct ctx_c_node *node = error == 0 && it.mem != NULL ? it.mem->first : NULL;
    for (; error == 0 && node != NULL; node = node->next) {
        if (it.rom == NULL || ctx_c_rom_child(rom, it.rom, node->name, node->name_len) == NULL) {
            error = name(arg, node->name, node->name_len, node->number,
                         S_ISDIR(node->mode) ? DT_DIR : DT_REG);
        }
    }
    return error;
}

static int make_folder(void *fs, const char *path, mode_t mode)
{
    struct found it;
    struct ctx_c_node *folder, *made;
    int error = find(path, &it);
    (void)fs;
    if (error == 0 && is_there(&it)) {
        error = -EEXIST;
    }
    if (error == 0) {
        error = folder_of(path, it.name, &folder);
    }
    return error != 0 ? error
                      : ctx_c_mem_add(folder, it.name, it.len, S_IFDIR | (mode & 01777), &made);
}

/* Whether this may go, as a folder or as a file; also in favour of another one. */
static int may_go(const struct found *it, bool folder)
{
    if (is_folder(it) != folder) {
        return folder ? -ENOTDIR : -EISDIR;
    }
    if (it->rom != NULL) {
        return -EROFS;
    }
    if (it->mem->fixed) {
        return -EBUSY;
    }
    return it->mem->first != NULL ? -ENOTEMPTY : 0;
}

static int remove_it(void *fs, const char *path, bool folder)
{
    struct found it;
    int error = find_there(path, &it);
    (void)fs;
    if (error == 0) {
        error = may_go(&it, folder);
    }
    if (error == 0) {
        ctx_c_mem_unlink(it.mem);
    }
    return error;
}

/* Whether it lies in that folder, however deep. */
static bool lies_in(const char *path, const char *folder)
{
    size_t len = strlen(folder);
    return strncmp(path, folder, len) == 0 && path[len] == '/';
}

static int rename_it(void *fs, const char *from, const char *to)
{
    struct found a, b;
    struct ctx_c_node *folder;
    int error = find(from, &a);
    (void)fs;
    if (error == 0) {
        error = find(to, &b);
    }
    if (error != 0 || !is_there(&a)) {
        return error != 0 ? error : -ENOENT;
    }
    if (lies_in(to, from) || lies_in(from, to)) {
        return lies_in(to, from) ? -EINVAL : -ENOTEMPTY;
    }
    if (a.rom != NULL || a.mem->fixed) {
        return a.rom != NULL ? -EROFS : -EBUSY;
    }
    if (a.mem == b.mem) {
        return 0;
    }
    if (is_there(&b)) {
        error = may_go(&b, is_folder(&a));
    }
    if (error == 0) {
        error = folder_of(to, b.name, &folder);
    }
    if (error == 0) {
        error = ctx_c_mem_move(a.mem, folder, b.name, b.len);
    }
    if (error == 0 && b.mem != NULL) {
        ctx_c_mem_unlink(b.mem);
    }
    return error;
}

static int change_mode(void *fs, const char *path, mode_t mode)
{
    struct found it;
    int error = find_there(path, &it);
    (void)fs;
    if (error == 0 && it.rom != NULL) {
        error = -EROFS;
    }
    if (error == 0) {
        it.mem->mode = (it.mem->mode & S_IFMT) | (mode & 07777);
    }
    return error;
}

static int change_times(void *fs, const char *path, const struct timespec *modified)
{
    struct found it;
    int error = find_there(path, &it);
    (void)fs;
    if (error == 0 && it.rom != NULL) {
        error = -EROFS;
    }
    if (error == 0) {
        it.mem->modified[0] = modified->tv_sec;
        it.mem->modified[1] = modified->tv_nsec;
    }
    return error;
}

const struct ctx_c_fs ctx_c_root = {
    .open = open_it,
    .stat = stat_it,
    .list = list,
    .mkdir = make_folder,
    .remove = remove_it,
    .rename = rename_it,
    .chmod = change_mode,
    .times = change_times,
};
