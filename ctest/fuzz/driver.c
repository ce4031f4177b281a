/* SPDX-License-Identifier: MIT */
/*
 * A small fuzzer without feedback: seeds, mutated by a fixed generator, a fixed number of times.
 * Every run is the same run; a crash names the run, and --only N repeats it alone.
 *
 *     fuzz_NAME RUNS [--only N] [FILE...]
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEEDS 64u

static struct {
    uint8_t *bytes[SEEDS];
    size_t len[SEEDS];
    uint32_t count;
    uint64_t rng;
} state;

/* Where it stopped is told by the sanitizer; which run it was, by this. */
static unsigned long run;

static uint64_t below(uint64_t n)
{
    state.rng ^= state.rng << 13;
    state.rng ^= state.rng >> 7;
    state.rng ^= state.rng << 17;
    return (state.rng >> 11) % n;
}

static void add_seed(const uint8_t *bytes, size_t len)
{
    if (state.count == SEEDS) {
        return;
    }
    uint8_t *copy = malloc(len != 0 ? len : 1);
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, bytes, len);
    state.bytes[state.count] = copy;
    state.len[state.count++] = len;
}

static void add_file(const char *path, uint8_t *buf)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        exit(2);
    }
    add_seed(buf, fread(buf, 1, FUZZ_MAX, file));
    fclose(file);
}

/* Numbers at which things go wrong. */
static uint64_t interesting(void)
{
    static const uint64_t numbers[] = {0,        1,          2,          7,         8,
                                       0x7f,     0x80,       0xff,       0x100,     0xfff,
                                       0x1000,   0x7fff,     0xffff,     0x10000,   0x7fffffff,
                                       1u << 31, UINT32_MAX, 1ull << 32, INT64_MAX, UINT64_MAX};
    return numbers[below(sizeof numbers / sizeof numbers[0])] + (below(4) == 0 ? below(16) : 0);
}

static size_t splice(uint8_t *buf, size_t len)
{
    uint32_t other = (uint32_t)below(state.count);
    if (state.len[other] == 0 || len == 0) {
        return len;
    }
    size_t from = (size_t)below(state.len[other]);
    size_t to = (size_t)below(len);
    size_t part = (size_t)below(state.len[other] - from) + 1;
    part = part < FUZZ_MAX - to ? part : FUZZ_MAX - to;
    memcpy(buf + to, state.bytes[other] + from, part);
    return to + part > len ? to + part : len;
}

static size_t mutate(uint8_t *buf, size_t len)
{
    if (len == 0) {
        buf[0] = (uint8_t)below(256);
        return 1;
    }
    /* Headers are at the front: half of all changes go there. */
    size_t at = (size_t)below(below(2) == 0 && len > 512 ? 512 : len);
    uint64_t number;
    size_t part;
    switch (below(9)) {
    case 0:
        buf[at] ^= (uint8_t)(1u << below(8));
        return len;
    case 1:
        buf[at] = (uint8_t)below(256);
        return len;
    case 2:
        return splice(buf, len);
    case 3: /* cut off */
        return at;
    case 4: /* a piece is lost */
        part = (size_t)below(len - at) + 1;
        memmove(buf + at, buf + at + part, len - at - part);
        return len - part;
    case 5: /* a piece comes twice */
        part = (size_t)below((len - at < 64 ? len - at : 64)) + 1;
        if (len + part > FUZZ_MAX || at + 2 * part > FUZZ_MAX) {
            return len;
        }
        memmove(buf + at + part, buf + at, len - at);
        return len + part;
    default:
        number = interesting();
        part = 1u << below(4);
        at = at / part * part; /* fields are aligned, mostly */
        if (at + part <= len) {
            memcpy(buf + at, &number, part);
        }
        return len;
    }
}

static void run_one(const uint8_t *bytes, size_t len)
{
    uint8_t *exact = malloc(len != 0 ? len : 1); /* reads past the end are seen */
    if (exact == NULL) {
        abort();
    }
    memcpy(exact, bytes, len);
    (void)LLVMFuzzerTestOneInput(exact, len);
    free(exact);
}

int main(int argc, char **argv)
{
    static uint8_t buf[FUZZ_MAX];
    unsigned long runs = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    unsigned long only = 0;
    size_t len;
    while ((len = fuzz_seed(state.count, buf)) != 0) {
        add_seed(buf, len);
    }
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--only") == 0 && i + 1 < argc) {
            only = strtoul(argv[++i], NULL, 10);
        } else {
            add_file(argv[i], buf);
        }
    }
    if (runs == 0 || state.count == 0) {
        fprintf(stderr, "usage: %s RUNS [--only N] [FILE...]\n", argv[0]);
        return 2;
    }
    setvbuf(stderr, NULL, _IONBF, 0);
    for (uint32_t i = 0; i < state.count; i++) {
        run_one(state.bytes[i], state.len[i]);
    }
    for (run = 1; run <= runs; run++) {
        if (only != 0 && run != only) {
            continue;
        }
        state.rng = 0x9e3779b97f4a7c15u * run | 1; /* each run stands alone */
        (void)below(2);
        uint32_t seed = (uint32_t)below(state.count);
        len = state.len[seed];
        memcpy(buf, state.bytes[seed], len);
        for (uint64_t n = 1 + below(4); n > 0; n--) {
            len = mutate(buf, len);
        }
        if (run % 1000 == 1 && only == 0) {
            fprintf(stderr, "\rrun %lu", run);
        }
        run_one(buf, len);
    }
    printf("\rruns=%lu seeds=%u\n", runs, state.count);
    for (uint32_t i = 0; i < state.count; i++) {
        free(state.bytes[i]);
    }
    return 0;
}
