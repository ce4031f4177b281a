/* SPDX-License-Identifier: MIT */
/* Who may have a disk that is a file, on Linux. */
#include "diskfile.h"
#include "test.h"

#include <stdio.h>
#include <unistd.h>

static char path[] = "/tmp/argos-diskfile-XXXXXX", other[sizeof path + 8];

static int opened(void)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void one_writes_or_several_read(void **unused)
{
    int a = opened(), b = opened();
    (void)unused;
    assert_null(diskfile_lock(a, path, false));
    assert_null(diskfile_lock(b, path, false));
    int c = opened();
    assert_non_null(diskfile_lock(c, path, true));
    close(a);
    close(b);
    assert_null(diskfile_lock(c, path, true));
    int d = opened();
    assert_non_null(diskfile_lock(d, path, false));
    close(c);
    close(d);
}

/* It was opened, then another file was put in its place: nobody would read what is written there.
 */
static void another_file_is_there_by_now(void **unused)
{
    (void)unused;
    int late = opened();
    int fd = open(other, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(rename(other, path), 0);
    const char *why = diskfile_lock(late, path, true);
    assert_non_null(why);
    assert_string_equal(why, "another program has just put another file there");
    close(late);
    int again = opened();
    assert_null(diskfile_lock(again, path, true));
    close(again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_writes_or_several_read),
        cmocka_unit_test(another_file_is_there_by_now),
    };
    int fd = mkstemp(path);
    snprintf(other, sizeof other, "%s.other", path);
    if (fd < 0) {
        return 1;
    }
    close(fd);
    int failed = RUN(tests);
    unlink(path);
    return failed;
}
