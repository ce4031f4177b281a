/* SPDX-License-Identifier: MIT */
/*
 * A policy that lies in a file: whoever offers ctx.files/1 (`ctx run --dir`, the app storage) is
 * asked, again and again where a disk has to be waited for or nobody offers it yet. The app rests
 * meanwhile, so that not one call comes before its policy.
 */
#include "warden.hpp"

#include <ctx/status.h>

#include <stddef.h>

namespace
{

constexpr uint32_t file_most = 65536;           /* bytes of a policy's file */
constexpr uint64_t patience = 10 * second;      /* until somebody has to offer files */
constexpr uint64_t rest = second / 2;           /* the app's, asked for anew in each call of ours */
constexpr uint32_t piece = 16384;               /* at a time */

bool has_to_wait(ctx_status status)
{
    return status == CTX_E_AGAIN || status == CTX_E_BUSY || status == CTX_E_STALE;
}

const char *why_not(ctx_status status)
{
    switch (status) {
    case CTX_E_NOENT:
        return "there is no such file";
    case CTX_E_DENIED:
        return "it may not read that: it takes use=" CTX_ID_FILES ", or ctx run --dir";
    case CTX_E_INVAL:
        return "that is a folder";
    case CTX_E_NOSYS:
        return "nobody offers " CTX_ID_FILES;
    case CTX_E_TOOBIG:
        return "a policy's file has at most 65536 bytes";
    case CTX_E_NOMEM:
        return "there is not enough memory";
    default:
        return ctx_status_name(status);
    }
}

} // namespace

bool Warden::name_file(View path)
{
    if (file.state != File::none) {
        return false;
    }
    if (path.len == 0 || path.len >= sizeof file.path || path.bytes[0] != '/') {
        return false;
    }
    __builtin_memcpy(file.path, path.bytes, path.len);
    file.path_len = path.len;
    file.state = File::comes;
    return true;
}

/* The table, its file, a place for its bytes: as far as one gets. */
ctx_status Warden::open_file(struct ctx *ctx)
{
    if (file.files == nullptr) {
        const ctx_table *table = nullptr;
        ctx_status status = ctx->iface->open(ctx->iface, CTX_ID_FILES, sizeof CTX_ID_FILES - 1,
                                             offsetof(ctx_files, write), &table);
        if (status != CTX_OK) {
            return status;
        }
        file.files = reinterpret_cast<const ctx_files *>(table);
    }
    if (file.bytes == nullptr) {
        file.bytes =
            static_cast<char *>(ctx->mem->alloc(ctx->mem, file_most + 1, 1, CTX_MEM_ZERO));
    }
    if (file.bytes == nullptr) {
        return CTX_E_NOMEM;
    }
    file.have = 0;
    ctx_status status =
        file.files->open(file.files, file.path, file.path_len, CTX_FILES_READ, &file.handle);
    file.opened = status == CTX_OK;
    return status;
}

/* OK: all of it is there. */
ctx_status Warden::read_bytes(struct ctx *ctx)
{
    ctx_status status = file.opened ? CTX_OK : open_file(ctx);
    for (uint32_t count = 1; status == CTX_OK && count > 0;) {
        uint32_t room = file_most + 1 - file.have;
        if (room == 0) {
            status = CTX_E_TOOBIG;
            break;
        }
        count = 0;
        status = file.files->read(file.files, file.handle, file.have, file.bytes + file.have,
                                  room < piece ? room : piece, &count);
        file.have += status == CTX_OK && count <= room ? count : 0;
    }
    if (status == CTX_E_STALE) { /* who offered it has gone: from the beginning */
        file.opened = false;
        file.files = nullptr;
    }
    return status;
}

void Warden::read_file(struct ctx *ctx, uint64_t now)
{
    if (file.state != File::comes) {
        return;
    }
    file.since_ns = file.asked ? file.since_ns : now;
    file.asked = true;
    ctx_status status = read_bytes(ctx);
    bool late = now - file.since_ns >= patience;
    if (!late && (has_to_wait(status) || status == CTX_E_NOSYS)) {
        return;
    }
    file.state = File::over;
    panel.stale = true;
    if (file.opened) {
        file.files->close(file.files, file.handle);
    }
    if (status == CTX_OK) {
        read_rules({file.path, file.path_len}, 1, {file.bytes, file.have}, ctx);
    } else {
        refuse_all(file.path, 1, why_not(status), ctx);
    }
}

/* It is not called until the policy is there; then at once. */
void Warden::let_rest()
{
    if (target.state != HOLD_HELD || file.state == File::none || file.rested) {
        return;
    }
    target.host->rest(target.host, target.child, 0);
    if (file.state == File::comes) {
        target.host->rest(target.host, target.child, rest);
    } else {
        file.rested = true;
    }
}
