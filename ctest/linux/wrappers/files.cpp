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

void fiber(struct ctx *cx, void *)
{
    files::Files all{cx};
    say(work(all));
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
