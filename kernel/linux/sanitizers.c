/* SPDX-License-Identifier: MIT */
/* Only in the build under sanitizers: their defaults that a machine can not live with. Apps' faults
 * are ours to handle, on our own stack; what libraries of a window keep is not ours to free. */
/* The rest of the tool is hidden; these are for the sanitizers' library to find. */
#define FOUND __attribute__((visibility("default")))

FOUND const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "handle_segv=0:handle_sigbus=0:handle_sigill=0:handle_sigfpe=0:handle_sigtrap=0:"
           "use_sigaltstack=0:detect_stack_use_after_return=0";
}

FOUND const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libSDL\nleak:libX11\nleak:libdbus\nleak:libGL\nleak:libwayland\n";
}
