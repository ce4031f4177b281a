/* SPDX-License-Identifier: MIT */
/* What is let through runs, however little memory there is; what is not is told what would do. */
#include "enough.h"

#include "app.h"
#include "canvas.h"
#include "frame.h"
#include "make_boot.h"
#include "make_elf.h"
#include "modules.h"
#include "slot.h"
#include "test.h"

#include <sys/wait.h>
#include <unistd.h>

#define RAM_MIB 4u
#define APPS    8u
#define BASE    0x100000u

enum outcome { RUNS, TOLD, FAILS };

static struct boot_info info;
static struct made archive;
static struct made_elf m;
static struct enough_screen screen = {.width = 64, .height = 64};

static void begin(bool with_note)
{
    make_elf(&m);
    if (with_note) {
        make_note(&m, CTX_NOTE_MINIMUM, 2);
    }
    memset(&archive, 0, sizeof archive);
    char list[APPS * 16 + 1] = "";
    for (uint32_t i = 0; i < APPS; i++) {
        strcat(list, i % 2 != 0 ? "one a\n" : "other b c\n");
    }
    cpio_add(&archive, "apps", 0100644, list, strlen(list));
    cpio_add(&archive, "one", 0100755, m.bytes, m.len);
    m.bytes[0x1003] ^= 1; /* another program */
    cpio_add(&archive, "other", 0100755, m.bytes, m.len);
    cpio_end(&archive);
    memset(&info, 0, sizeof info);
    info.modules[0] = (struct boot_module){BASE, BASE + archive.len, "archive", NULL};
    info.module_count = 1;
    info.ranges[0] = (struct boot_range){0, (uint64_t)RAM_MIB << 20, BOOT_MEMORY_USABLE};
    info.range_count = 1;
}

/* A machine with so many free frames, in a process of its own. ask: else it is just tried. */
static enum outcome with(uint64_t frames, bool ask)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct memory_view view = {archive.bytes, archive.len, BASE};
        char text[160] = "";
        fake_ram(RAM_MIB);
        slot_init(false);
        while (frame_free_total() > frames) {
            (void)frame_alloc(0, 0);
        }
        if (ask && !enough_memory(&info, &screen, APPS, memory_view_at, &view, text, sizeof text)) {
            const char *advice = strstr(text, "; give this machine ");
            bool told = strncmp(text, "not enough memory: ", 19) == 0 && advice != NULL &&
                        strtoul(advice + 20, NULL, 10) > RAM_MIB;
            _exit(told ? TOLD : FAILS);
        }
        if (canvas_init(screen.width, screen.height) != CTX_OK ||
            app_init(frame_free_total() * PAGE_SIZE / 2) != CTX_OK) {
            _exit(FAILS);
        }
        modules_load(&info, memory_view_at, &view, NULL);
        _exit(app_refused_count() == 0 && app_count() == APPS ? RUNS : FAILS);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return (enum outcome)WEXITSTATUS(status);
}

static void what_is_let_through_runs(void **state)
{
    (void)state;
    begin(true);
    uint64_t enough = 0, least = 0;
    for (uint64_t frames = 20; frames < 400; frames += 5) {
        enum outcome asked = with(frames, true);
        assert_int_not_equal(asked, FAILS);
        assert_true(enough == 0 || asked == RUNS); /* more memory never does less */
        enough = enough == 0 && asked == RUNS ? frames : enough;
        least = least == 0 && with(frames, false) == RUNS ? frames : least;
    }
    assert_true(least > 20 && enough >= least);
    /* Page tables, which this machine has none of, are a third of it; the rest is what may come. */
    assert_true(enough < 2 * least + 40);
}

/* Seen: an app that writes one line was refused without a display, for a picture of its size. */
static void pictures_are_for_screens(void **state)
{
    (void)state;
    uint64_t frames = 400;
    begin(false);
    assert_int_equal(with(frames, true), RUNS);
    screen.shown = true;
    assert_int_equal(with(frames, true), RUNS); /* the canvas is all that such an app has */
    begin(true);
    assert_int_equal(with(frames, true), TOLD); /* this one may have windows */
    screen.shown = false;
    assert_int_equal(with(frames, true), RUNS);
}

static void a_kernel_in_memory_that_is_not_its_own(void **state)
{
    (void)state;
    char text[160];
    begin(false);
    info.module_count = 0;
    info.ranges[0] = (struct boot_range){0, 0x9fc00, BOOT_MEMORY_USABLE};
    info.ranges[1] = (struct boot_range){0x100000, 0x1e0000, BOOT_MEMORY_USABLE};
    info.ranges[2] = (struct boot_range){0x1e0000, 0x200000, BOOT_MEMORY_RESERVED};
    info.range_count = 3;
    assert_true(enough_for_kernel(&info, 0x100000, 0x1e0000, text, sizeof text));
    assert_false(enough_for_kernel(&info, 0x100000, 0x1e0001, text, sizeof text));
    assert_string_equal(text,
                        "not enough memory: the kernel lies at 0x100000..0x1e0001, and not all "
                        "of that is memory for it; give this machine 4 MiB");
    info.modules[0].start = 0x1bf000; /* in so small a machine the loader has no better place */
    info.modules[0].end = 0x1d0000;
    info.module_count = 1;
    assert_true(enough_for_kernel(&info, 0x100000, 0x1bf000, text, sizeof text));
    assert_false(enough_for_kernel(&info, 0x100000, 0x1c0000, text, sizeof text));
    assert_string_equal(text, "not enough memory: the boot loader put a module of 68 KiB over the "
                              "kernel; give this machine 3 MiB");
    info.ranges[1].end = 0x4000000; /* a larger one's lies: that is refused by name, by others */
    info.range_count = 2;
    assert_true(enough_for_kernel(&info, 0x100000, 0x1c0000, text, sizeof text));
    info.range_count = 0;
    assert_false(enough_for_kernel(&info, 0x100000, 0x1e0000, text, sizeof text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_let_through_runs),
        cmocka_unit_test(pictures_are_for_screens),
        cmocka_unit_test(a_kernel_in_memory_that_is_not_its_own),
    };
    return RUN(tests);
}
