/* SPDX-License-Identifier: MIT */
/* Images with each allocation refused in turn, and those too large for any machine. */
#include "image_fixture.h"
#include "session.h"

/* ---- no memory ---- */

static void no_frames_at_each_point(void **state)
{
    (void)state;
    uint32_t failed = 0, stages = 0;
    for (uint32_t kind = 0; kind < 8; kind++) {
        bool v3 = (kind & 1) != 0;
        fake.once = (kind & 2) != 0;
        uint32_t flags = (kind & 4) != 0 ? SAVE_PACKED | SAVE_CANVAS : 0;
        uint64_t start = frame_free_total();
        struct app *app = v3 ? load_v3("new one two") : load("old");
        call(app, v3 ? body_begin : body_fill);
        for (uint64_t n = 0, calls = 1; n < calls; n++) { /* saving */
            struct image_bytes made = {f.bytes, 1, 1};    /* what was there is not what is said */
            remember();
            fake.allocs_left = n;
            uint64_t asked = fake.alloc_calls;
            ctx_status status = app_save(app, flags, &made);
            calls = fake.alloc_calls - asked;
            fake.allocs_left = FAKE_ALWAYS;
            assert_true(status == CTX_OK || status == CTX_E_NOMEM);
            if (status != CTX_OK) {
                assert_null(made.bytes);
                assert_int_equal(made.len, 0);
                assert_int_equal(made.pages, 0);
            }
            failed += status != CTX_OK;
            image_bytes_free(&made);
            all_is_back();
            if (status == CTX_OK && calls <= n) {
                break;
            }
            calls = n + 2;
        }
        take(app, flags);
        app_unload(app);
        assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
        for (uint64_t n = 0;; n++) { /* restoring */
            assert_true(n < 3000);
            remember();
            fake.allocs_left = n;
            uint64_t asked = fake.alloc_calls;
            f.error = (struct image_error){"", 0, ""};
            ctx_status status = app_restore(&f.image, "made.img", NULL, &app, &f.error);
            uint64_t calls = fake.alloc_calls - asked;
            fake.allocs_left = FAKE_ALWAYS;
            assert_true(status == CTX_OK || status == CTX_E_NOMEM);
            if (status == CTX_OK) {
                if (!v3) {
                    call(app, body_still_there);
                }
                app_unload(app);
            } else {
                failed++;
                assert_text(f.error.field, "memory");
                bool looked = strcmp(f.error.reason, "no memory to look at it") != 0;
                bool began = looked && strcmp(f.error.reason, "no memory for it") != 0;
                assert_int_equal(f.error.value % (began ? PAGE_SIZE : 1), 0);
                assert_true(began ? f.error.value > 0
                                  : f.error.value == (looked ? 0 : f.image.len));
                stages |= began ? 4 : looked ? 2 : 1;
            }
            all_is_back();
            if (status == CTX_OK && calls <= n) {
                break;
            }
        }
        assert_int_equal(frame_free_total(), start);
    }
    fake.once = false;
    assert_true(failed > 100);
    assert_int_equal(stages, 7);
}

/* ---- sessions ---- */

/* What no machine can ever hold in one piece is told from what this one can not hold now. */
static void too_large_or_no_memory(void **state)
{
    (void)state;
    const uint64_t most = (uint64_t)PAGE_SIZE << (FRAME_ORDERS - 1);
    remember();
    assert_true(frame_free_total() < most / PAGE_SIZE);
    for (uint32_t more = 0; more < 2; more++) {
        struct image_bytes out = {f.bytes, 1, 1};
        struct session_shot shot = {.len = most + more};
        ctx_status status = more != 0 ? CTX_E_TOOBIG : CTX_E_NOMEM;
        assert_int_equal(session_join(&shot, &out), status);
        assert_null(out.bytes);
        assert_int_equal(out.len, 0);
        assert_int_equal(out.pages, 0);
        struct image_writer w;
        uint64_t bytes = most - sizeof(struct ctx_image_header);
        while (bytes + 8 * (bytes / CTX_IMAGE_CHUNK) > most - sizeof(struct ctx_image_header)) {
            bytes--;
        }
        assert_int_equal(image_write_begin(&w, bytes + more, 0, 0), status);
    }
    all_is_back();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_frames_at_each_point),
        cmocka_unit_test(too_large_or_no_memory),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, done);
}
