/* SPDX-License-Identifier: MIT */
/*
 * mgba FILE.gba: plays a cartridge by what standard input says, a line each:
 *
 *   KEYS FRAMES   these keys are held (right+a; none) for so many frames; then what there is to be
 *                 seen and heard: sums of the picture and of the sound since the last line
 *   show          the picture, in letters
 */
#include <errno.h>
#include <fcntl.h>
#include <mgba-util/vfs.h>
#include <mgba/core/blip_buf.h>
#include <mgba/core/config.h>
#include <mgba/core/core.h>
#include <mgba/core/log.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 240, HEIGHT = 160, SAMPLES = 4096 };

#define FNV 2166136261u

static color_t pixels[WIDTH * HEIGHT];

static const char *const names[] = {"a",    "b",  "select", "start", "right",
                                    "left", "up", "down",   "r",     "l"};

/* Bits of KEYS; -1: there is no such key. */
static int keys_of(char *text)
{
    int keys = 0;
    if (strcmp(text, "none") == 0) {
        return 0;
    }
    for (char *word = strtok(text, "+"); word != NULL; word = strtok(NULL, "+")) {
        int i = 0;
        while (i < 10 && strcmp(word, names[i]) != 0) {
            ++i;
        }
        if (i == 10) {
            return -1;
        }
        keys |= 1 << i;
    }
    return keys;
}

static void quiet(struct mLogger *logger, int category, enum mLogLevel level, const char *format,
                  va_list args)
{
    (void)logger, (void)category, (void)level, (void)format, (void)args;
}

/* FNV-1a. */
static uint32_t sum_of(uint32_t sum, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    for (size_t i = 0; i < len; ++i) {
        sum = (sum ^ p[i]) * 16777619u;
    }
    return sum;
}

static uint32_t sound(struct mCore *core, uint32_t sum)
{
    static int16_t samples[2 * SAMPLES];
    struct blip_t *left = core->getAudioChannel(core, 0), *right = core->getAudioChannel(core, 1);
    while (blip_samples_avail(left) > 0) {
        int n = blip_read_samples(left, samples, SAMPLES, 1);
        blip_read_samples(right, samples + 1, n, 1);
        sum = sum_of(sum, samples, (size_t)n * 4);
    }
    return sum;
}

static void show(void)
{
    for (int y = 0; y < HEIGHT; y += 8) {
        char row[WIDTH / 4 + 1] = "";
        for (int x = 0; x < WIDTH; x += 4) {
            unsigned c = pixels[y * WIDTH + x];
            row[x / 4] = " .:-=+*#%@"[((c & 255) * 3 + (c >> 8 & 255) * 6 + (c >> 16 & 255)) / 256];
        }
        puts(row);
    }
}

static void play(struct mCore *core)
{
    char line[200], keys[100];
    int frames;
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (strncmp(line, "show", 4) == 0) {
            show();
            continue;
        }
        int held = sscanf(line, "%99s %d", keys, &frames) == 2 ? keys_of(keys) : -1;
        if (held < 0 || frames < 0) {
            printf("%.*s: not KEYS FRAMES, nor show\n", (int)strcspn(line, "\n"), line);
            continue;
        }
        core->setKeys(core, (uint32_t)held);
        uint32_t heard = FNV;
        while (frames-- > 0) {
            core->runFrame(core);
            heard = sound(core, heard);
        }
        printf("frame %u picture %08x sound %08x\n", (unsigned)core->frameCounter(core),
               (unsigned)sum_of(FNV, pixels, sizeof pixels), (unsigned)heard);
        fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    static struct mLogger logger = {.log = quiet};
    mLogSetDefaultLogger(&logger);
    if (argc != 2) {
        fprintf(stderr, "usage: mgba FILE.gba, and on standard input lines KEYS FRAMES, or show\n");
        return 2;
    }
    struct VFile *file = VFileOpen(argv[1], O_RDONLY);
    if (file == NULL) {
        fprintf(stderr, "mgba: %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    struct mCore *core = mCoreFindVF(file);
    if (core == NULL || !core->init(core)) {
        fprintf(stderr, "mgba: %s: not a cartridge of the Game Boy Advance\n", argv[1]);
        return 1;
    }
    mCoreInitConfig(core, NULL);
    core->opts.skipBios = true;
    core->setVideoBuffer(core, pixels, WIDTH);
    core->loadROM(core, file);
    core->reset(core);
    for (int i = 0; i < 2; ++i) {
        blip_set_rates(core->getAudioChannel(core, i), core->frequency(core), 32768);
    }
    play(core);
    mCoreConfigDeinit(&core->config);
    core->deinit(core);
    return 0;
}
