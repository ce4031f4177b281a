// SPDX-License-Identifier: MIT
// For storage.py: <ctx/files.hpp>, in a fiber. wrappers/files.rs does the same.
#include <ctx/files.hpp>

#include <ctx/note.h>

CTX_NOTE(3);

namespace {

struct ctx *now;

void say(const char *text)
{
    now->log(reinterpret_cast<const uint8_t *>(text), files::Files::len(text));
}

bool same(const char *a, const char *b, uint32_t n)
{
    while (n > 0 && *a == *b) {
        a++;
        b++;
        n--;
    }
    return n == 0;
}

const char *work(files::Files &all)
{
    static char text[200000], back[200000];
    ctx_status status;
    files::File file;
    struct ctx_files_info info;
    struct ctx_files_space space;
    for (uint32_t i = 0; i < sizeof text; i++) {
        text[i] = static_cast<char>('a' + i % 23);
    }
    if (file.open(all, "/data/nothing", CTX_FILES_READ) != CTX_E_NOENT || file.is_open()) {
        return "it opened nothing";
    }
    if (file.open(all, "/data/a", CTX_FILES_READ | CTX_FILES_WRITE | CTX_FILES_CREATE) != CTX_OK ||
        file.write(0, text, sizeof text) != CTX_OK || file.append("end", 3) != CTX_OK ||
        file.sync() != CTX_OK) {
        return "it can not be written";
    }
    if (file.read(0, back, sizeof back, &status) != sizeof back || !same(text, back, sizeof text) ||
        file.read(sizeof text, back, sizeof back, &status) != 3 || status != CTX_OK) {
        return "it can not be read";
    }
    if (file.info(&info) != CTX_OK || info.bytes != sizeof text + 3 || file.resize(10) != CTX_OK ||
        all.look("/data/a", &info) != CTX_OK || info.bytes != 10) {
        return "it has another size";
    }
    file.close();
    if (file.sync() != CTX_E_STALE) {
        return "a closed one works";
    }
    ctx_status moved = all.together([&] {
        ctx_status first = all.rename("/data/a", "/data/b");
        return first == CTX_OK ? all.replace("/data/c", "new", 3) : first;
    });
    ctx_status dropped = all.together([&] {
        (void)all.remove("/data/b");
        return static_cast<ctx_status>(CTX_E_INVAL);
    });
    if (moved != CTX_OK || dropped != CTX_E_INVAL || all.look("/data/b", &info) != CTX_OK) {
        return "changes are not one";
    }
    uint32_t names = 0;
    files::File folder;
    if (all.make_folder("/data/d") != CTX_OK || all.remove("/data/d", true) != CTX_OK ||
        folder.open(all, "/data", CTX_FILES_READ | CTX_FILES_ONLY_FOLDER) != CTX_OK ||
        folder.list([&](const struct ctx_files_entry &) { return ++names > 0; }) != CTX_OK ||
        names != 2) {
        return "it can not be listed";
    }
    if (all.space("/data", &space) != CTX_OK || space.free == 0 || all.remove("/data/b") != CTX_OK ||
        all.remove("/data/c") != CTX_OK) {
        return "there is no room";
    }
    return "all is well";
}

void rest(uint64_t ms)
{
    uint64_t ns = 0;
    now->time->now(now->time, &ns);
    (void)ctx_fiber_await(0, ns + ms * 1000000);
}

/* Whoever keeps the files begins anew in the middle of changes that are one: none of them is done.
 */
const char *cut(files::Files &all, const struct ctx_control *control)
{
    struct ctx_files_info info;
    files::File file;
    (void)all.replace("/data/old", "1", 1);
    ctx_status status = all.together([&] {
        ctx_status first = all.replace("/data/one", "half", 4);
        if (first != CTX_OK || control->restart(control, 0) != CTX_OK) {
            return first != CTX_OK ? first : static_cast<ctx_status>(CTX_E_INVAL);
        }
        rest(300);
        (void)all.remove("/data/old");
        return all.replace("/data/two", "half", 4);
    });
    if (status != CTX_E_STALE) {
        return "it does not say that it was cut";
    }
    while ((status = all.look("/data/old", &info)) == CTX_E_STALE || status == CTX_E_NOSYS) {
        rest(1); /* it is not back yet */
    }
    bool half = all.look("/data/one", &info) == CTX_OK || all.look("/data/two", &info) == CTX_OK ||
                status != CTX_OK;
    return half ? "half of it is there" : "nothing of it is there";
}

/* A name was given that nobody synced, and who keeps files begins anew. Two syncs follow. */
const char *renewed(files::Files &all, const struct ctx_control *control)
{
    files::File file;
    ctx_status status = all.make_folder("/data/made");
    if (status != CTX_OK || control->restart(control, 0) != CTX_OK) {
        return "it does not begin";
    }
    rest(1);
    while ((status = file.open(all, "/data/new", CTX_FILES_WRITE | CTX_FILES_CREATE)) ==
               CTX_E_STALE ||
           status == CTX_E_NOSYS) {
        rest(1); /* it is not back yet */
    }
    ctx_status first = file.sync(), second = file.sync();
    file.close();
    (void)all.remove("/data/new");
    (void)all.remove("/data/made", true);
    return first == CTX_E_STALE && second == CTX_OK ? "sync told it once"
           : first == CTX_OK                        ? "sync did not tell it"
                                                    : "it goes on and on";
}

void fiber(struct ctx *cx, void *)
{
    files::Files all{cx};
    const struct ctx_table *table = nullptr;
    ctx_status status =
        cx->iface->open(cx->iface, CTX_ID_CONTROL, sizeof CTX_ID_CONTROL - 1,
                        static_cast<uint32_t>(sizeof(struct ctx_control)), &table);
    bool granted = status == CTX_OK && (table->flags & CTX_TBL_GRANTED) != 0;
    const struct ctx_control *control = reinterpret_cast<const struct ctx_control *>(table);
    say(granted ? cut(all, control) : work(all));
    if (granted) {
        say(renewed(all, control));
    }
}

} // namespace

extern "C" int32_t _start(struct ctx *cx)
{
    static struct ctx_fiber *running;
    now = cx;
    if (running == nullptr) {
        running = ctx_fiber_start(cx, fiber, nullptr, 32768);
    }
    return running != nullptr ? ctx_fiber_run(cx, running) : CTX_EXIT(1);
}
