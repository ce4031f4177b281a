/* SPDX-License-Identifier: MIT */
/* Profile 11: runs from both kinds of ELF file: built as ET_EXEC, and as ET_DYN with relocations.
 */
#include "t.h"

#ifdef T_DYN
static const char *volatile words[] = {"relocated", "words", "in a table"};
static u64 bss[5000];
#define NAME T_DYN
#else
static u64 bss[5000];
#define NAME "p11-exec"
#endif

int32_t _start(struct ctx *ctx)
{
    static u64 calls, data = 77;
    if (!calls++) {
        for (u32 i = 0; i < 5000; i++) {
            T_CHECK(NAME, bss[i] == 0, i);
        }
        T_CHECK(NAME, data == 77, data);
    }
#ifdef T_DYN
    for (u32 i = 0; i < 3; i++) {
        const char *word = words[i];
        T_CHECK(NAME, word[0] == "rwi"[i], (u64)word);
    }
#endif
    bss[4999] = calls;
    if (calls == 20) {
        t_ok(ctx, NAME);
    }
    return 0;
}
