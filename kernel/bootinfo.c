/* SPDX-License-Identifier: MIT */
/* Words of the boot command line: `name` or `name=value`, separated by spaces. */
#include "bootinfo.h"

#include <kernel/string.h>

const char *boot_word(const char *command_line, const char *word)
{
    size_t len = strlen(word);
    for (const char *p = command_line; *p != 0;) {
        while (*p == ' ') {
            p++;
        }
        if (strncmp(p, word, len) == 0) {
            if (p[len] == '=') {
                return p + len + 1;
            }
            if (p[len] == 0 || p[len] == ' ') {
                return p + len;
            }
        }
        while (*p != 0 && *p != ' ') {
            p++;
        }
    }
    return NULL;
}

uint64_t boot_word_u64(const char *command_line, const char *word, uint64_t fallback)
{
    const char *value = boot_word(command_line, word);
    uint64_t number;
    return value != NULL && text_to_u64(value, &number) ? number : fallback;
}
