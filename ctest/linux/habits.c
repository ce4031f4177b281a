/* SPDX-License-Identifier: MIT */
/* What programs are used to on Linux, one part per word: it prints the same there and as an app. */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <glob.h>
#include <langinfo.h>
#include <libgen.h>
#include <locale.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

static uint32_t chance(uint32_t below)
{
    static uint32_t state = 12345;
    state = state * 1103515245 + 12345;
    return (state >> 16) % below;
}

/* ---- options ---- */

static int flag;

static void options_once(void)
{
    static const struct option longs[] = {
        {"verbose", 0, &flag, 7}, {"version", 0, 0, 'V'}, {"file", 1, 0, 'f'}, {"opt", 2, 0, 'o'},
        {"verb", 0, 0, 'B'},      {"a", 0, 0, 'A'},       {"ab", 1, 0, 'C'},   {0}};
    static char *const words[] = {
        "-a",          "-b",     "-c",       "-ab",    "-abc",     "x",      "y",    "-",
        "--",          "-bfoo",  "--ver",    "--verb", "--verbos", "--file", "-W",   "--fil=3",
        "--opt",       "--opt=", "--o=3",    "--nope", "-Wfile=3", "-opt=5", "-x",   "-Wfile",
        "-file",       "-v",     "-verbose", "-cq",    "-:",       "--a",    "--ab", "-V",
        "--version=9", "",       "--file=",  "-aa",    "-;",       "--=",    "-aW",  "-ab"};
    static const char *const shorts[] = {"ab:c::", "+ab:c::", "-ab:c::", ":ab:c::", "+:ab:c",
                                         "-:ab:",  "aW;b:",   ":W;ab",   "",        "vfo:"};
    char *args[10] = {"prog"};
    int count = 1 + (int)chance(8), how = (int)chance(3), option, index;
    const char *wanted = shorts[chance(10)];
    for (int i = 1; i < count; i++) {
        args[i] = words[chance(sizeof words / sizeof *words)];
    }
    flag = 0;
    optind = 0;
    opterr = chance(4) != 0;
    do {
        index = -1;
        option = how == 0   ? getopt(count, args, wanted)
                 : how == 1 ? getopt_long(count, args, wanted, longs, &index)
                            : getopt_long_only(count, args, wanted, longs, &index);
        printf("%d %s %d %d %d %d\n", option, optarg != NULL ? optarg : "(none)",
               option == '?' || option == ':' ? optopt : 0, optind, index, flag);
    } while (option != -1);
    for (int i = 0; i < count; i++) {
        printf("'%s'%s", args[i], i + 1 < count ? " " : "\n");
    }
}

static int options(void)
{
    dup2(1, 2);
    setvbuf(stdout, NULL, _IONBF, 0);
    for (int i = 0; i < 400; i++) {
        options_once();
    }
    return 0;
}

/* ---- wide characters ---- */

static void show_bytes(const char *path)
{
    FILE *file = fopen(path, "r");
    for (int c; (c = getc(file)) != EOF;) {
        printf("%02x ", c);
    }
    puts("");
    fclose(file);
}

static void show_wide(const char *path)
{
    FILE *file = fopen(path, "r");
    wint_t c;
    errno = 0;
    while ((c = getwc(file)) != WEOF) {
        printf("%x ", (unsigned)c);
    }
    printf("eof %d error %d %d\n", feof(file) != 0, ferror(file) != 0, errno == EILSEQ);
    fclose(file);
}

static int wide(void)
{
    static const char *const texts[] = {"h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\n",
                                        "ab\xff q",
                                        "\x80",
                                        "\xc0\x80",
                                        "\xed\xa0\x80",
                                        "\xe2\x82",
                                        "a\xe2z"};
    char path[] = "/tmp/habits.XXXXXX";
    wchar_t line[20] = L"";
    setlocale(LC_ALL, "C.UTF-8");
    close(mkstemp(path));
    FILE *file = fopen(path, "w");
    fputws(L"\u00e9\u4e2d\n\U0001f600", file);
    fwprintf(file, L" %ls %d %s|\n", L"\u20ac", 7, "n\xc3\xa9");
    printf("%d\n", fwide(file, 0) > 0);
    fclose(file);
    show_bytes(path);
    show_wide(path);
    file = fopen(path, "r");
    printf("%d %d ", fgetws(line, 20, file) != NULL, (int)wcslen(line));
    int number = 0, fields = fwscanf(file, L"%*lc %ls %d", line, &number);
    printf("%d %x %d\n", fields, (unsigned)line[0], number);
    fclose(file);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        file = fopen(path, "w");
        fputs(texts[i], file);
        fclose(file);
        show_wide(path);
    }
    printf("%d %x\n", swscanf(L"\u20ac 5", L"%ls", line), (unsigned)line[0]);
    return remove(path);
}

/* ---- the rest ---- */

static int names(void)
{
    for (int i = 0; i < 2; i++) {
        printf("%s '%s' '%s' %s %s %s %s\n", nl_langinfo(CODESET), nl_langinfo(RADIXCHAR),
               nl_langinfo(THOUSEP), nl_langinfo(DAY_1), nl_langinfo(ABDAY_7), nl_langinfo(MON_12),
               nl_langinfo(ABMON_5));
        printf("%s|%s|%s|%s|%s|%s|%s\n", nl_langinfo(D_T_FMT), nl_langinfo(D_FMT),
               nl_langinfo(T_FMT), nl_langinfo(T_FMT_AMPM), nl_langinfo(PM_STR),
               nl_langinfo(YESEXPR), nl_langinfo(CRNCYSTR));
        setlocale(LC_ALL, "C.UTF-8");
    }
    return 0;
}

static sigjmp_buf place;

static void jump(int number)
{
    siglongjmp(place, number == SIGUSR1 ? 0 : 5);
}

static int jumps(void)
{
    sigset_t set;
    signal(SIGUSR1, jump);
    signal(SIGUSR2, jump);
    for (int keep = 0; keep < 2; keep++) {
        sigemptyset(&set);
        sigprocmask(SIG_SETMASK, &set, NULL);
        volatile int times = 0;
        int came = sigsetjmp(place, keep);
        sigprocmask(SIG_BLOCK, NULL, &set);
        printf("%d %d %d%d\n", keep, came, sigismember(&set, SIGUSR1), sigismember(&set, SIGUSR2));
        sigemptyset(&set);
        sigprocmask(SIG_SETMASK, &set, NULL);
        if (times++ < 2) {
            raise(times == 1 ? SIGUSR1 : SIGUSR2);
        }
    }
    signal(SIGALRM, SIG_IGN);
    printf("%d %d\n", siginterrupt(SIGALRM, 1), siginterrupt(1000, 1));
    return 0;
}

static int paths(void)
{
    static const char *const patterns[] = {
        "{b,a}*",     "*.{c,h}",     "x{a,b{1,2}}y", "{a,b",   "*.c",   "\\{a,b\\}*",
        "{a,{b,x*}}", "d{/,}*",      "{nope,q}",     "no*",    "plain", "~",
        "~/*.c",      "{~/a.c,b.h}", "a.c,}",        "{,a}.c", "[ab].?"};
    char folder[] = "/tmp/habits.XXXXXX";
    static const char *const files[] = {"a.c",  "b.h", "b.c",  "xay", "xb1y",
                                        "xb2y", "{}",  "{a,b", "d/e"};
    chdir(mkdtemp(folder));
    setenv("HOME", folder, 1);
    mkdir("d", 0700);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        fclose(fopen(files[i], "w"));
    }
    for (size_t i = 0; i < 3 * (sizeof patterns / sizeof *patterns); i++) {
        glob_t found = {0};
        int more = i % 3 == 0 ? 0 : i % 3 == 1 ? GLOB_MARK | GLOB_NOMAGIC : GLOB_NOCHECK;
        int result = glob(patterns[i / 3], GLOB_BRACE | GLOB_TILDE | more, NULL, &found);
        printf("%s: %s", patterns[i / 3],
               result == GLOB_NOMATCH ? "none"
               : result == 0          ? ""
                                      : "wrong");
        for (size_t k = 0; result == 0 && k < found.gl_pathc; k++) {
            const char *path = found.gl_pathv[k];
            bool home = strncmp(path, folder, strlen(folder)) == 0;
            printf(" %s%s", home ? "HOME" : "", home ? path + strlen(folder) : path);
        }
        puts("");
        globfree(&found);
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        remove(files[i]);
    }
    return chdir("/tmp") != 0 || remove(strcat(folder, "/d")) != 0 || rmdir(dirname(folder)) != 0;
}

static int zone(void)
{
    setenv("TZ", "EST5EDT,M3.2.0,M11.1.0", 1);
    tzset();
    printf("%ld %d %s %s\n", timezone, daylight != 0, tzname[0], tzname[1]);
    setenv("TZ", "IST-5:30", 1);
    tzset();
    printf("%ld %d %s\n", timezone, daylight != 0, tzname[0]);
    return 0;
}

static const char *got(const char *name)
{
    const char *value = getenv(name);
    return value != NULL ? value : "(none)";
}

static void told(int result)
{
    printf("%d %s\n", result, got("OWN"));
}

static void refused(int result)
{
    printf("%d %d\n", result, errno == EINVAL);
    errno = 0;
}

/* What putenv() is given is the variable from then on, and only it. */
static int environment(void)
{
    static char own[] = "OWN=before", other[] = "OWN=another";
    told(putenv(own));
    memcpy(own + 4, "change", 6);
    told(setenv("OWN", "not", 0));
    told(setenv("OWN", "set", 1));
    puts(own);
    told(putenv(other));
    printf("%d\n", getenv("OWN") == other + 4);
    told(unsetenv("OWN"));
    told(putenv((char *)"OWN=constant"));
    told(setenv("OWN", "x", 1));
    told(putenv((char *)"OWN"));
    refused(setenv("", "x", 1));
    refused(setenv("A=B", "x", 1));
    refused(unsetenv("A=B"));
    for (unsigned i = 0; i < 2000; i++) { /* against the list that it should be */
        static char values[20][16];
        char name[8], value[16], *now = values[chance(20)];
        unsigned which = (unsigned)(now - values[0]) / sizeof values[0];
        snprintf(name, sizeof name, "N%u", which);
        snprintf(value, sizeof value, "%0*u", (int)chance(9) + 1, i);
        bool gone = chance(3) == 0, kept = *now != 0 && chance(2) == 0;
        if ((gone ? unsetenv(name) : setenv(name, value, !kept)) != 0) {
            return 1;
        }
        if (gone || !kept) {
            strcpy(now, gone ? "" : value);
        }
        for (unsigned k = 0; k < 20; k++) {
            snprintf(name, sizeof name, "N%u", k);
            if (strcmp(got(name), values[k][0] != 0 ? values[k] : "(none)") != 0) {
                printf("%u: %s is %s\n", i, name, got(name));
            }
        }
    }
    setenv("OWN", "one", 1);
    const char *before = got("OWN");
    told(setenv("OWN", "two", 1));
    puts(before);
    environ = NULL;
    told(0);
    told(setenv("OWN", "anew", 1));
    return 0;
}

int main(int argc, char **argv)
{
    const char *part = argc > 1 ? argv[1] : "";
    return strcmp(part, "options") == 0       ? options()
           : strcmp(part, "wide") == 0        ? wide()
           : strcmp(part, "names") == 0       ? names()
           : strcmp(part, "jumps") == 0       ? jumps()
           : strcmp(part, "paths") == 0       ? paths()
           : strcmp(part, "zone") == 0        ? zone()
           : strcmp(part, "environment") == 0 ? environment()
                                              : 2;
}
