/* SPDX-License-Identifier: MIT */
/* From boot modules to apps: single files, archives with and without a list, and damaged ones. */
#include "app.h"
#include "frame.h"
#include "make_boot.h"
#include "make_elf.h"
#include "modules.h"
#include "test.h"

static struct made_elf elf;
static struct made archive;
static struct boot_info boot;
static const char *boot_line = "";

/* Load one module with this text; returns the names of the apps, in order. */
static const char *load(const void *bytes, uint64_t len, const char *text)
{
    static char names[512];
    struct memory_view view = {bytes, len, 0x100000};
    memset(&boot, 0, sizeof boot);
    strcpy(boot.command_line, boot_line);
    boot.modules[0] = (struct boot_module){0x100000, 0x100000 + len, text, NULL};
    boot.module_count = 1;
    fake_serial_clear();
    uint64_t frames = frame_free_total();
    uint32_t count = modules_count(&boot, memory_view_at, &view);
    uint32_t refused = app_refused_count();
    assert_int_equal(frame_free_total(), frames);
    modules_load(&boot, memory_view_at, &view, NULL);
    names[0] = 0;
    for (struct app *app = app_first(); app != NULL; app = app_first()) {
        strcat(names, app->name);
        if (app->arguments != NULL) {
            strcat(names, "(");
            strcat(names, app->arguments);
            strcat(names, ")");
        }
        strcat(names, " ");
        app_unload(app);
        count--;
    }
    assert_true(count <= app_refused_count() - refused);
    assert_int_equal(frame_free_total(), frames);
    return names;
}

static void begin(void)
{
    memset(&archive, 0, sizeof archive);
    make_elf(&elf);
}

static void add_elf(const char *name)
{
    cpio_add(&archive, name, 0100755, elf.bytes, elf.len);
}

/* to=NAME:WORD, for apps of this name wherever they come from. */
static void more_words(void **state)
{
    (void)state;
    begin();
    boot_line = "to=hello:c fast to=hell:d to=hello: to=hello:e=f to=hello to=:g";
    assert_text(load(elf.bytes, elf.len, "hello a b"), "hello(c e=f a b) ");
    assert_text(load(elf.bytes, elf.len, "hello"), "hello(c e=f) ");
    assert_text(load(elf.bytes, elf.len, "other -- a"), "other(-- a) ");
    boot_line = "";
}

static void one_file(void **state)
{
    (void)state;
    begin();
    assert_text(load(elf.bytes, elf.len, "hello a b"), "hello(a b) ");
    assert_text(load(elf.bytes, elf.len, ""), "module-0 ");
    assert_text(load("garbage", 7, "junk"), "");
    assert_true(fake_said("refused file=junk field=size value=0x7"));
    assert_text(load("", 0, "nothing"), "");
    assert_true(fake_said("refused file=nothing field=size value=0x0"));
}

static void archives_with_a_list(void **state)
{
    (void)state;
    static const char list[] = "# a comment\n"
                               "b.elf second\n"
                               "  a.elf first with args  \r\n"
                               "\n"
                               "gone.elf gone\n"
                               "a.elf";
    begin();
    add_elf("./a.elf");
    cpio_add(&archive, "apps", 0100644, list, sizeof list - 1);
    add_elf("b.elf");
    add_elf("unlisted.elf");
    cpio_end(&archive);
    assert_text(load(archive.bytes, archive.len, "initrd"), "second first(with args) a ");
    assert_true(
        fake_said("refused file=gone.elf field=apps value=0x0: the archive has no such file"));
}

static void archives_without_a_list(void **state)
{
    (void)state;
    begin();
    add_elf("./z.elf");
    cpio_add(&archive, "text", 0100644, "just text", 9);
    add_elf("a.elf");
    cpio_end(&archive);
    assert_text(load(archive.bytes, archive.len, ""), "z a ");
    assert_true(fake_said("refused file=text field=size"));
    assert_text(load(archive.bytes, elf.len + 200, ""), "z "); /* cut off */
    assert_true(fake_said("refused file=archive field=offset"));
}

static void lines_that_are_too_long(void **state)
{
    (void)state;
    static char list[5000]; /* the first line is one byte too long */
    memset(list, ' ', sizeof list);
    memset(list, 'x', 4608);
    memcpy(list + 4608, "\na.elf ok ", 10);
    memcpy(list + sizeof list - 1, "\n", 1);
    begin();
    cpio_add(&archive, "apps", 0100644, list, sizeof list);
    add_elf("a.elf");
    cpio_end(&archive);
    assert_text(load(archive.bytes, archive.len, ""), "ok ");
    assert_true(fake_said("refused file=apps field=apps value=0x0: a line is longer"));
}

static void modules_outside_of_memory(void **state)
{
    (void)state;
    struct memory_view view = {(const uint8_t *)"", 0, 0x100000};
    memset(&boot, 0, sizeof boot);
    boot.modules[0] = (struct boot_module){0x900000, 0x901000, "far away", NULL};
    boot.module_count = 1;
    boot.modules_lost = 2;
    fake_serial_clear();
    modules_load(&boot, memory_view_at, &view, NULL);
    assert_true(
        fake_said("refused file=far field=apps value=0x0: the module lies outside of memory"));
    assert_true(fake_said("refused file=boot field=modules value=0x2"));
}

static int setup(void **state)
{
    (void)state;
    fake_boot(16, 64, 64);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_words),
        cmocka_unit_test(one_file),
        cmocka_unit_test(archives_with_a_list),
        cmocka_unit_test(archives_without_a_list),
        cmocka_unit_test(lines_that_are_too_long),
        cmocka_unit_test(modules_outside_of_memory),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
