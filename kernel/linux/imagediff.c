/* SPDX-License-Identifier: MIT */
/*
 * `ctx image diff`: what two images of one app have not in common, field by field and page by page.
 * What no two systems agree on - the epoch, measured times, who saved it - stands apart.
 */
#define _GNU_SOURCE
#include "imagefields.h"
#include "imagetool.h"

#include "app.h"
#include "linux.h"
#include "tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGES_SHOWN 24u
#define ROOM        96u

typedef unsigned long long ull;

/* ---- what was found ---- */

/* The command's own: nothing else runs. */
static struct {
    const char *who; /* "", or which app of a session */
    uint64_t state, system;
    char *notes; /* the lines about the system, kept for the end */
    size_t notes_len;
    FILE *notes_file;
} found;

static FILE *line(bool of_system)
{
    FILE *to = of_system ? found.notes_file : stdout;
    *(of_system ? &found.system : &found.state) += 1;
    fputs(found.who, to);
    return to;
}

static void show(const struct field *f, const uint8_t *value, char to[ROOM])
{
    uint64_t number = 0;
    if (f->how == TEXT) {
        char text[160];
        snprintf(to, ROOM, "\"%.90s\"", image_text(value, f->size, text));
        return;
    }
    memcpy(&number, value, MIN(f->size, (uint32_t)sizeof number));
    if (f->how == SIGNED) {
        snprintf(to, ROOM, "%lld", f->size == 4 ? (long long)(int32_t)number : (long long)number);
    } else {
        snprintf(to, ROOM, f->how == NUMBER ? "%llu" : "0x%llx", (ull)number);
    }
}

/* One struct on both sides. where: "app", "table 2"; NULL names: only whether they differ. */
static void compare(const char *where, const struct layout *layout, const uint8_t *a,
                    const uint8_t *b)
{
    char left[ROOM], right[ROOM];
    for (uint32_t i = 0; i < layout->count; i++) {
        struct field f = layout->fields[i];
        if (memcmp(a + f.at, b + f.at, f.size) == 0) {
            continue;
        }
        FILE *to = line(f.system != 0);
        fprintf(to, "%s.%s", where, f.name);
        uint32_t at = 0;
        if (f.how == BYTES) { /* show the first that differ */
            while (a[f.at + at] == b[f.at + at]) {
                at++;
            }
            fprintf(to, "[%u]", at);
            f.size = MIN(f.size - at, 8u);
        }
        show(&f, a + f.at + at, left);
        show(&f, b + f.at + at, right);
        fprintf(to, ": %s | %s\n", left, right);
    }
}

static void compare_list(const struct layout *layout, const struct image *a, const struct image *b)
{
    uint64_t counts[2] = {a->parts[layout->kind].count, b->parts[layout->kind].count};
    uint64_t both = MIN(counts[0], counts[1]);
    if (counts[0] != counts[1]) {
        fprintf(line(false), "%ss: %llu | %llu\n", layout->name, (ull)counts[0], (ull)counts[1]);
    }
    for (uint64_t i = 0; i < both; i++) {
        uint8_t left[sizeof(struct ctx_input)], right[sizeof(struct ctx_input)];
        char where[40];
        image_entry(a, layout->kind, i, left, layout->size);
        image_entry(b, layout->kind, i, right, layout->size);
        snprintf(where, sizeof where, both > 1 ? "%s %llu" : "%s", layout->name, (ull)i);
        compare(where, layout, left, right);
    }
}

static void compare_grant_items(const struct image *a, const struct image *b)
{
    static const char *const words[] = {"grant", "deny", "offer", "use", "over"};
    const struct image *images[] = {a, b};
    for (uint32_t side = 0; side < 2; side++) { /* what one has and the other has not */
        uint64_t at = 0, other_at;
        uint32_t what, other_what;
        const char *text, *other;
        while ((text = image_next_text(images[side], CTX_IMAGE_GRANT_ITEMS, &at, &what)) != NULL) {
            other_at = 0;
            do {
                other = image_next_text(images[1 - side], CTX_IMAGE_GRANT_ITEMS, &other_at,
                                        &other_what);
            } while (other != NULL && (other_what != what || strcmp(text, other) != 0));
            if (other == NULL) {
                char copy[APP_TEXT];
                fprintf(line(false), "grant items: %s%s=%.90s%s\n", side == 0 ? "" : "| ",
                        what - 1 < ARRAY_COUNT(words) ? words[what - 1] : "?",
                        image_text((const uint8_t *)text, strlen(text) + 1, copy),
                        side == 0 ? " |" : "");
            }
        }
    }
}

/* Texts that are too long for their places in structs. */
static void compare_texts(const struct image *a, const struct image *b)
{
    static const struct {
        uint32_t kind, what;
        const char *name;
    } texts[] = {
        {CTX_IMAGE_TEXTS, CTX_IMAGE_TEXT_ARGUMENTS, "arguments"},
        {CTX_IMAGE_TEXTS, CTX_IMAGE_TEXT_HOSTS, "hosts"},
        {CTX_IMAGE_TEXTS, CTX_IMAGE_TEXT_INSTRUMENT, "instrument"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
        const char *one = image_text_of(a, texts[i].kind, texts[i].what);
        const char *two = image_text_of(b, texts[i].kind, texts[i].what);
        one = one != NULL ? one : "";
        two = two != NULL ? two : "";
        size_t same = 0;
        while (one[same] != 0 && one[same] == two[same]) {
            same++;
        }
        if (one[same] != two[same]) {
            char left[APP_TEXT], right[APP_TEXT];
            fprintf(line(false), "texts.%s[%zu]: \"%.90s\" | \"%.90s\"\n", texts[i].name, same,
                    image_text((const uint8_t *)one + same, strlen(one + same) + 1, left),
                    image_text((const uint8_t *)two + same, strlen(two + same) + 1, right));
        }
    }
}

/* ---- memory ---- */

static void show_bytes(FILE *to, const uint8_t *bytes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        fprintf(to, " %02x", bytes[i]);
    }
}

static void compare_page(const struct image *image, const struct image_names *names,
                         uint64_t offset, const uint8_t *a, const uint8_t *b)
{
    char name[80];
    uint32_t first = PAGE_SIZE, differ = 0;
    for (uint32_t i = 0; i < PAGE_SIZE; i++) {
        if (a[i] != b[i]) {
            first = MIN(first, i);
            differ++;
        }
    }
    FILE *to = line(false);
    fprintf(to, "page slot+0x%llx (%s): %u bytes differ, first slot+0x%llx", (ull)offset,
            image_place(image, offset), differ, (ull)offset + first);
    if (image_names_find(names, offset + first, name, sizeof name)) {
        fprintf(to, " (%s)", name);
    }
    fputs(":", to);
    show_bytes(to, a + first, MIN(8u, PAGE_SIZE - first));
    fputs(" |", to);
    show_bytes(to, b + first, MIN(8u, PAGE_SIZE - first));
    fputs("\n", to);
}

/* A page that an image does not name is zero. */
static void compare_pages(const struct image *a, const struct image *b)
{
    static const uint8_t zero[PAGE_SIZE];
    static struct image_pages left, right; /* the command's own, as `found` */
    struct image_names names;
    uint64_t more = 0, shown = 0;
    image_names_open(&names, a);
    image_pages_begin(&left, a);
    image_pages_begin(&right, b);
    while (left.offset != UINT64_MAX || right.offset != UINT64_MAX) {
        uint64_t at = MIN(left.offset, right.offset);
        const uint8_t *one = left.offset == at ? left.bytes : zero;
        const uint8_t *two = right.offset == at ? right.bytes : zero;
        if (memcmp(one, two, PAGE_SIZE) != 0) {
            if (shown < PAGES_SHOWN) {
                compare_page(left.offset == at ? a : b, &names, at, one, two);
                shown++;
            } else {
                more++;
            }
        }
        if (right.offset == at) {
            image_pages_next(&right);
        }
        if (left.offset == at) {
            image_pages_next(&left);
        }
    }
    if (more > 0) {
        fprintf(line(false), "pages: %llu more differ\n", (ull)more);
    }
    image_pages_end(&left);
    image_pages_end(&right);
    image_names_close(&names);
}

static void compare_bytes(uint32_t kind, const char *name, const struct image *a,
                          const struct image *b, uint32_t width)
{
    uint64_t lens[2], differ = 0, first = UINT64_MAX;
    uint8_t *left = image_file_part(a, kind, &lens[0]), *right = image_file_part(b, kind, &lens[1]);
    if (left == NULL || right == NULL) {
        fprintf(line(false), "%s: not enough memory\n", name);
    } else if (lens[0] != lens[1]) {
        fprintf(line(false), "%s: %llu bytes | %llu\n", name, (ull)lens[0], (ull)lens[1]);
    } else {
        for (uint64_t i = 0; i < lens[0]; i++) {
            if (left[i] != right[i] && (width == 0 || i % 4 != 3)) { /* nobody sees a pixel's 4th */
                first = MIN(first, i);
                differ++;
            }
        }
        if (differ > 0 && width != 0) {
            fprintf(line(false), "%s: %llu bytes differ, first at pixel %llu,%llu\n", name,
                    (ull)differ, (ull)(first / 4 % width), (ull)(first / 4 / width));
        } else if (differ > 0) {
            fprintf(line(false), "%s: %llu bytes differ, first at 0x%llx\n", name, (ull)differ,
                    (ull)first);
        }
    }
    free(left);
    free(right);
}

/* ---- images ---- */

static void compare_apps(const struct image *a, const struct image *b)
{
    compare("app", &image_app_layout, (const uint8_t *)&a->app, (const uint8_t *)&b->app);
    compare_bytes(CTX_IMAGE_PROGRAM, "program", a, b, 0);
    compare_bytes(CTX_IMAGE_SYMBOLS, "symbols", a, b, 0);
    compare_bytes(CTX_IMAGE_STRINGS, "strings", a, b, 0);
    for (size_t i = 0; i < image_list_count; i++) {
        compare_list(&image_lists[i], a, b);
    }
    compare_texts(a, b);
    compare_grant_items(a, b);
    compare_pages(a, b);
    compare_bytes(CTX_IMAGE_CANVAS, "canvas", a, b, MAX(a->app.canvas_w, 1u));
}

static bool compare_sessions(const struct image_file *a, const struct image_file *b)
{
    uint32_t count = MIN(a->image.session.apps, b->image.session.apps);
    compare("session", &image_session_layout, (const uint8_t *)&a->image.session,
            (const uint8_t *)&b->image.session);
    compare_bytes(CTX_IMAGE_CANVAS, "canvas", &a->image, &b->image,
                  MAX(a->image.session.canvas_w, 1u));
    for (uint32_t i = 0; i < count; i++) {
        struct image_file left, right;
        char name[40], who[64];
        if (!image_file_app(a, i, &left) || !image_file_app(b, i, &right)) {
            return false;
        }
        snprintf(who, sizeof who, "app %u (%s): ", i,
                 image_text(left.image.app.name, sizeof left.image.app.name, name));
        found.who = who;
        compare_apps(&left.image, &right.image);
        found.who = "";
    }
    return true;
}

static int compare_files(const struct image_file *a, const struct image_file *b, bool state_only)
{
    bool good = true;
    found.who = "";
    found.notes_file = open_memstream(&found.notes, &found.notes_len);
    if (found.notes_file == NULL) {
        return LINUX_REFUSED;
    }
    if (image_file_is_session(a) != image_file_is_session(b)) {
        fprintf(line(false), "one is a session, the other one app\n");
    } else if (image_file_is_session(a)) {
        good = compare_sessions(a, b);
    } else {
        compare_apps(&a->image, &b->image);
    }
    fclose(found.notes_file);
    if (found.system > 0) {
        printf("of the systems that saved them%s:\n", state_only ? ", not counted" : "");
        fputs(found.notes, stdout);
    }
    free(found.notes);
    if (!good) {
        return LINUX_REFUSED;
    }
    return found.state + (state_only ? 0 : found.system) > 0 ? 1 : 0;
}

/* As diff(1): 0 the same, 1 not, 2 one of them is no good image. */
int image_diff(int argc, char **argv)
{
    struct image_file files[2];
    const char *paths[2];
    int count = 0, code;
    bool state_only = false;
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--state") == 0) {
            state_only = true;
        } else if (count < 2) {
            paths[count++] = argv[i];
        }
    }
    if (count < 2 || argc != 2 + state_only) {
        fputs("ctx: image diff [--state] IMAGE IMAGE\n", stderr);
        return LINUX_REFUSED;
    }
    for (int i = 0; i < 2; i++) {
        if (!image_file_open(&files[i], paths[i], &code)) {
            if (i > 0) {
                image_file_close(&files[0]);
            }
            return LINUX_REFUSED;
        }
    }
    code = compare_files(&files[0], &files[1], state_only);
    image_file_close(&files[0]);
    image_file_close(&files[1]);
    return code;
}
