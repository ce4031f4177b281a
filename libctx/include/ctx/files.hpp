/* SPDX-License-Identifier: MIT */
/*
 * <ctx/files.hpp> - files in C++ without a C library: ctx.files/1 with what it has no word for in C,
 * files that close themselves and changes that are one. No exceptions, no heap.
 *
 *     files::Files all{cx};
 *     files::File notes;
 *     if (notes.open(all, "/data/notes", CTX_FILES_READ) == CTX_OK) {
 *         uint32_t n = notes.read(0, text, sizeof text, &status);
 *     }
 *     all.replace("/data/score", &score, sizeof score);     // all of it, or as it was
 *     all.together([&] { return move(all); });                // several changes, or none
 *
 * Functions answer a status of <ctx/status.h>. Where a disk has to be waited for they wait, in a
 * fiber (<ctx/fiber.h>); elsewhere they answer AGAIN, and the same call once more, later, gives the
 * result. STALE: whoever keeps the files began anew, or the app was restored; open again. libctx.a
 * has what this calls.
 */
#ifndef CTX_FILES_HPP
#define CTX_FILES_HPP

#include <ctx/client.h>
#include <ctx/fiber.h>
#include <ctx/tables.h>

namespace files {

class Files {
  public:
    /* cx: the app's own, which is the same in every call. */
    explicit Files(struct ctx *cx) : client_{cx, nullptr, 0, 0, 0} {}

    ctx_status look(const char *path, struct ctx_files_info *out)
    {
        *out = {};
        return call(offsetof(struct ctx_files, look), [&](const struct ctx_files *f) {
            out->size = static_cast<uint32_t>(sizeof *out);
            return f->look(f, path, len(path), out);
        });
    }

    ctx_status make_folder(const char *path)
    {
        return call(offsetof(struct ctx_files, make_folder), [&](const struct ctx_files *f) {
            return f->make_folder(f, path, len(path), 0);
        });
    }

    /* A file, or a folder that is empty. */
    ctx_status remove(const char *path, bool folder = false)
    {
        return call(offsetof(struct ctx_files, remove), [&](const struct ctx_files *f) {
            return f->remove(f, path, len(path), folder ? 1u : 0u);
        });
    }

    ctx_status rename(const char *from, const char *to)
    {
        return call(offsetof(struct ctx_files, rename), [&](const struct ctx_files *f) {
            return f->rename(f, from, len(from), to, len(to));
        });
    }

    /* The file has these bytes and no others, or is as it was. It outlives a power cut. */
    ctx_status replace(const char *path, const void *bytes, uint32_t count)
    {
        return call(offsetof(struct ctx_files, replace), [&](const struct ctx_files *f) {
            return f->replace(f, path, len(path), bytes, count, 0);
        });
    }

    ctx_status space(const char *path, struct ctx_files_space *out)
    {
        *out = {};
        return call(offsetof(struct ctx_files, space), [&](const struct ctx_files *f) {
            out->size = static_cast<uint32_t>(sizeof *out);
            return f->space(f, path, len(path), out);
        });
    }

    /* What `changes` does, which answers a status, is done as one, and lasts; or, if that is not OK,
     * nothing of it. A second at most. In a fiber, and by this object: others, and the C library,
     * open again what began anew in the middle, and know nothing of the beginning. */
    template <class Changes> ctx_status together(Changes changes)
    {
        ctx_status status = tell_together(CTX_FILES_TOGETHER);
        if (status != CTX_OK) {
            return status;
        }
        client_.stays = 1;
        status = changes();
        ctx_status end = tell_together(status == CTX_OK ? CTX_FILES_DONE : CTX_FILES_DROP);
        client_.stays = 0;
        return status == CTX_OK ? end : status;
    }

    /* Any function of the table, given by its place, until it does not answer AGAIN. */
    template <class Function> ctx_status call(size_t place, Function function)
    {
        const uint32_t end = static_cast<uint32_t>(place + sizeof(void *));
        for (;;) {
            struct ctx_client_call call;
            ctx_status status = ctx_client_begin(&call, &client_, CTX_ID_FILES, end, 0);
            if (status != CTX_OK) {
                return status;
            }
            do {
                status = static_cast<ctx_status>(
                    function(reinterpret_cast<const struct ctx_files *>(client_.table)));
            } while (status < 0 && ctx_client_again(&call, status));
            if (status != CTX_E_AGAIN || ctx_fiber_current() == nullptr) {
                return status;
            }
            if (wait() < 0) {
                return CTX_E_AGAIN;
            }
        }
    }

    /* Once: whoever keeps the files began anew. */
    bool renewed()
    {
        bool is = client_.renewed != 0;
        client_.renewed = 0;
        return is;
    }

    static uint32_t len(const char *text)
    {
        uint32_t n = 0;
        while (text[n] != 0) { /* there may be no strlen() */
            n++;
        }
        return n;
    }

  private:
    ctx_status tell_together(uint32_t what)
    {
        return call(offsetof(struct ctx_files, together),
                    [&](const struct ctx_files *f) { return f->together(f, what); });
    }

    ctx_status wait()
    {
        struct ctx_client_call call;
        uint64_t request = 0;
        ctx_status status = ctx_client_begin(
            &call, &client_, CTX_ID_FILES,
            static_cast<uint32_t>(offsetof(struct ctx_files, wait) + sizeof(void *)),
            CTX_CLIENT_REQUEST);
        if (status != CTX_OK) {
            return status;
        }
        const auto *f = reinterpret_cast<const struct ctx_files *>(client_.table);
        status = static_cast<ctx_status>(f->wait(f, &request));
        return ctx_client_result(&call, status, request, nullptr, 0);
    }

    struct ctx_client client_;
};

/* An open file, or a folder to be listed; closed at its end. */
class File {
  public:
    File() = default;
    File(const File &) = delete;
    File &operator=(const File &) = delete;
    File(File &&other) noexcept : files_{other.files_}, handle_{other.handle_}
    {
        other.handle_ = 0;
    }
    ~File() { close(); }

    /* flags: CTX_FILES_*. What was open is closed before. */
    ctx_status open(Files &files, const char *path, uint32_t flags)
    {
        close();
        uint32_t handle = 0;
        ctx_status status =
            files.call(offsetof(struct ctx_files, open), [&](const struct ctx_files *f) {
                return f->open(f, path, Files::len(path), flags, &handle);
            });
        files_ = status == CTX_OK ? &files : nullptr;
        handle_ = status == CTX_OK ? handle : 0;
        return status;
    }

    void close()
    {
        if (handle_ != 0) {
            (void)call(offsetof(struct ctx_files, close),
                       [&](const struct ctx_files *f) { return f->close(f, handle_); });
        }
        handle_ = 0;
    }

    bool is_open() const { return handle_ != 0; }

    /* Bytes from `at` on; how many: fewer only at the end, or when *status says why. */
    uint32_t read(uint64_t at, void *bytes, uint32_t count, ctx_status *status)
    {
        uint32_t done = 0;
        *status = CTX_OK;
        while (done < count) {
            uint32_t n = 0, part = count - done < most ? count - done : most;
            *status = call(offsetof(struct ctx_files, read), [&](const struct ctx_files *f) {
                return f->read(f, handle_, at + done, static_cast<uint8_t *>(bytes) + done, part,
                               &n);
            });
            done += *status == CTX_OK ? n : 0;
            if (*status != CTX_OK || n == 0) {
                break;
            }
        }
        return done;
    }

    /* All of them; at: from where on, all ones: behind the last byte. */
    ctx_status write(uint64_t at, const void *bytes, uint32_t count)
    {
        ctx_status status = CTX_OK;
        for (uint32_t done = 0; status == CTX_OK && done < count;) {
            uint32_t n = 0, part = count - done < most ? count - done : most;
            status = call(offsetof(struct ctx_files, write), [&](const struct ctx_files *f) {
                return f->write(f, handle_, at == UINT64_MAX ? at : at + done,
                                static_cast<const uint8_t *>(bytes) + done, part, &n);
            });
            done += status == CTX_OK ? n : 0;
        }
        return status;
    }

    ctx_status append(const void *bytes, uint32_t count) { return write(UINT64_MAX, bytes, count); }

    ctx_status resize(uint64_t bytes)
    {
        return call(offsetof(struct ctx_files, resize),
                    [&](const struct ctx_files *f) { return f->resize(f, handle_, bytes); });
    }

    /* What was done outlives a power cut. STALE: also, once, when whoever keeps the files began anew
     * since the last one. */
    ctx_status sync()
    {
        ctx_status status = call(offsetof(struct ctx_files, sync),
                                 [&](const struct ctx_files *f) { return f->sync(f, handle_); });
        return status == CTX_OK && files_->renewed() ? static_cast<ctx_status>(CTX_E_STALE)
                                                     : status;
    }

    ctx_status info(struct ctx_files_info *out)
    {
        *out = {};
        return call(offsetof(struct ctx_files, info), [&](const struct ctx_files *f) {
            out->size = static_cast<uint32_t>(sizeof *out);
            return f->info(f, handle_, out);
        });
    }

    /* Each name in a folder; until name() answers false. OK, or why not all were told. */
    template <class Name> ctx_status list(Name name)
    {
        for (uint64_t cursor = 0;;) {
            struct ctx_files_entry entry = {};
            ctx_status status =
                call(offsetof(struct ctx_files, list), [&](const struct ctx_files *f) {
                    entry.size = static_cast<uint32_t>(sizeof entry);
                    return f->list(f, handle_, cursor, &entry);
                });
            if (status == CTX_E_NOENT || (status == CTX_OK && !name(entry))) {
                return CTX_OK;
            }
            if (status != CTX_OK) {
                return status;
            }
            cursor = entry.next;
        }
    }

  private:
    static constexpr uint32_t most = 61440; /* of a call */

    template <class Function> ctx_status call(size_t place, Function function)
    {
        return handle_ != 0 ? files_->call(place, function) : static_cast<ctx_status>(CTX_E_STALE);
    }

    Files *files_ = nullptr;
    uint32_t handle_ = 0;
};

} // namespace files
#endif
