/* SPDX-License-Identifier: MIT */
#include "files.h"

#include "system.h"
#include "work.h"

#include <disk.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void files_complain(struct console *c, const char *what, const char *why)
{
    console_printf(c, TEXT_ERROR, "%.300s: %s\n", what, why != NULL ? why : strerror(errno));
}

int files_join(char *out, const char *folder, const char *name)
{
    size_t len = strlen(folder);
    const char *slash = len > 0 && folder[len - 1] == '/' ? "" : "/";
    if (snprintf(out, PATH_MAX, "%s%s%s", folder, slash, name) < PATH_MAX) {
        return 1;
    }
    errno = ENAMETOOLONG;
    return 0;
}

const char *files_last(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

int files_options(struct console *c, int *argc, char **argv, const char *known)
{
    int bits = 0, at = 1;
    for (; at < *argc && argv[at][0] == '-' && argv[at][1] != 0; at++) {
        for (const char *p = argv[at] + 1; *p != 0; p++) {
            const char *found = strchr(known, *p);
            if (found == NULL) {
                files_complain(c, argv[at],
                               c->language == 1 ? "option inconnue" : "no such option");
                return -1;
            }
            bits |= 1 << (found - known);
        }
    }
    memmove(argv + 1, argv + at, (size_t)(*argc - at + 1) * sizeof *argv);
    *argc -= at - 1;
    return bits;
}

/* ---- ctx.files/1, for what the C library has no function for ---- */

/* The C library waits in its own functions; these may be asked for with AGAIN and BUSY too. */
int files_again(struct console *c, ctx_status status)
{
    uint64_t now = 0;
    if (status != CTX_E_AGAIN && status != CTX_E_BUSY) {
        return 0;
    }
    c->ctx->time->now(c->ctx->time, &now);
    return ctx_fiber_await(0, now + 1000000) != CTX_E_INVAL;
}

const struct ctx_files *files_table(struct console *c)
{
    const struct ctx_files *files = system_open(c, CTX_ID_FILES);
    if (files == NULL || (files->t.flags & CTX_TBL_GRANTED) == 0) {
        return NULL;
    }
    return files;
}

int files_sync(struct console *c)
{
    struct job job = {.ctx = c->ctx};
    int error = disk_sync(&job);
    if (error != 0) {
        files_complain(c, "sync", strerror(error));
    }
    return error == 0;
}

void files_note_memory(struct console *c, const char *path)
{
    struct stat root, there;
    if (!c->told_memory && stat("/", &root) == 0 && stat(path, &there) == 0 &&
        root.st_dev == there.st_dev) {
        c->told_memory = 1;
        console_printf(
            c, TEXT_DIM,
            c->language == 1
                ? "%.300s n'est qu'en mémoire, dans cette application; df dit où sont les disques\n"
                : "%.300s lies in this app's memory alone; df says where disks are\n",
            path);
    }
}

/* All folders on the way, with -p. */
static int make_folders(char *path)
{
    struct stat st;
    for (char *p = path + 1; *p != 0; p++) {
        if (*p == '/') {
            *p = 0;
            if (mkdir(path, 0777) != 0 && errno != EEXIST && errno != EROFS) {
                return -1;
            }
            *p = '/';
        }
    }
    return mkdir(path, 0777) == 0 || (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) ? 0 : -1;
}

static void make_dir(struct console *c, int argc, char **argv)
{
    int parents = files_options(c, &argc, argv, "p");
    for (int i = 1; parents >= 0 && i < argc; i++) {
        if ((parents ? make_folders(argv[i]) : mkdir(argv[i], 0777)) != 0) {
            files_complain(c, argv[i], NULL);
        } else {
            files_note_memory(c, argv[i]);
        }
    }
    files_sync(c);
}

static void cd(struct console *c, int argc, char **argv)
{
    if (chdir(argc > 1 ? argv[1] : "/") != 0) {
        files_complain(c, argv[1], NULL);
    }
}

static void pwd(struct console *c, int argc, char **argv)
{
    char path[PATH_MAX];
    (void)argc;
    (void)argv;
    if (getcwd(path, sizeof path) != NULL) {
        console_write(c, TEXT_RESULT, path, (uint32_t)strlen(path));
        console_print(c, TEXT_PLAIN, "\n");
    }
}

/* The editor, with a path that it sees: what is in /data is this app's alone. */
static void edit_file(struct console *c, int argc, char **argv)
{
    char folder[PATH_MAX], path[PATH_MAX], run[] = "run", editor[] = "editor";
    char reach[] = "use=ctx.files/1(/)"; /* words of ours replace its own line */
    char *words[] = {run, editor, path, reach, NULL};
    (void)argc;
    if (argv[1][0] == '/') {
        snprintf(path, sizeof path, "%s", argv[1]);
    } else if (getcwd(folder, sizeof folder) == NULL || !files_join(path, folder, argv[1])) {
        files_complain(c, argv[1], NULL);
        return;
    }
    if (strncmp(path, "/disk/", 6) != 0) {
        files_complain(c, path,
                       c->language == 1 ? "les autres applications ne voient que /disk"
                                        : "other apps see nothing but /disk");
        return;
    }
    programs_run(c, 4, words);
}

static void sync_all(struct console *c, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    files_sync(c);
}

/* ---- lines ---- */

/*
 * The words of a line, in place: blanks divide, quotes of both kinds and backslashes keep. *plain
 * has a bit for each that had none of those, so that its stars mean files. -1: too many, or a quote
 * without an end.
 */
static int split(char *line, char **words, uint64_t *plain)
{
    uint32_t count = 0;
    char *to = line, *from = line;
    *plain = 0;
    while (*from == ' ' || *from == '\n') {
        from++;
    }
    while (*from != 0) {
        char quote = 0;
        if (count == FILES_WORDS) {
            return -1;
        }
        words[count] = to;
        *plain |= UINT64_C(1) << count;
        for (; *from != 0 && (quote != 0 || (*from != ' ' && *from != '\n')); from++) {
            int special = quote != 0 ? *from == quote : *from == '"' || *from == '\'';
            if (special || (*from == '\\' && from[1] != 0 && quote != '\'')) {
                *plain &= ~(UINT64_C(1) << count);
            }
            if (special) {
                quote = quote != 0 ? 0 : *from;
            } else if (*from == '\\' && from[1] != 0 && quote != '\'') {
                *to++ = *++from;
            } else {
                *to++ = *from;
            }
        }
        if (quote != 0) {
            return -1;
        }
        while (*from == ' ' || *from == '\n') {
            from++;
        }
        *to++ = 0;
        count++;
    }
    words[count] = NULL;
    return (int)count;
}

/* The command's name is the first word. */
static const struct command {
    const char *name;
    files_fn fn;
    int least; /* words behind it */
    const char *usage;
} commands[] = {
    {"ls", show_ls, 0, "ls [-l] [PATH...]"},
    {"cat", show_cat, 1, "cat FILE..."},
    {"cp", trees_cp, 2, "cp [-r] FROM... TO"},
    {"mv", trees_mv, 2, "mv FROM... TO"},
    {"rm", trees_rm, 1, "rm [-r] PATH..."},
    {"mkdir", make_dir, 1, "mkdir [-p] FOLDER..."},
    {"find", trees_find, 0, "find [FOLDER] [PATTERN]"},
    {"df", show_df, 0, "df"},
    {"cd", cd, 0, "cd [FOLDER]"},
    {"pwd", pwd, 0, "pwd"},
    {"sync", sync_all, 0, "sync"},
    {"run", programs_run, 1, "run NAME [WORDS]"},
    {"ip", online_ip, 0, "ip"},
    {"ping", online_ping, 1, "ping HOST [COUNT]"},
    {"resolve", online_resolve, 1, "resolve NAME..."},
    {"nc", online_nc, 2, "nc HOST PORT [TEXT], nc -l PORT [TEXT]"},
    {"web", web_command, 0, "web, web new"},
    {"edit", edit_file, 1, "edit FILE"},
};

const char *files_command_name(uint32_t index)
{
    return index < sizeof commands / sizeof commands[0] ? commands[index].name : NULL;
}

static const struct command *find_command(const char *name)
{
    for (uint32_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

/* Words with stars and the like become the files that they mean; those of find and run stay. */
static void carry_out(struct console *c, const struct command *command, int argc, char **argv,
                      uint64_t plain)
{
    static const glob_t none = {0};
    glob_t *found = calloc(FILES_WORDS, sizeof *found);
    int count = 0, files = command->fn != trees_find && command->fn != programs_run &&
                           command->fn != online_nc;
    size_t room = (size_t)argc + 1;
    for (int i = 1; found != NULL && files && i < argc; i++) {
        found[i] = none;
        if ((plain >> i & 1) != 0 && strpbrk(argv[i], "*?[") != NULL &&
            glob(argv[i], 0, NULL, &found[i]) == 0) {
            room += (size_t)found[i].gl_pathc;
        }
    }
    char **all = found != NULL ? calloc(room, sizeof *all) : NULL;
    for (int i = 0; all != NULL && i < argc; i++) {
        for (size_t j = 0; j < (size_t)found[i].gl_pathc; j++) {
            all[count++] = found[i].gl_pathv[j];
        }
        if (found[i].gl_pathc == 0) {
            all[count++] = argv[i];
        }
    }
    if (all != NULL) {
        command->fn(c, count, all);
    } else {
        files_complain(c, command->name, NULL);
    }
    for (int i = 0; found != NULL && i < argc; i++) {
        globfree(&found[i]);
    }
    free(all);
    free(found);
}

static void work_command(struct console *c, char *line)
{
    char *words[FILES_WORDS + 1];
    uint64_t plain = 0;
    int argc = split(line, words, &plain);
    const struct command *command = argc > 0 ? find_command(words[0]) : NULL;
    if (argc < 0) {
        files_complain(c, line,
                       c->language == 1 ? "des mots en trop, ou des guillemets sans fin"
                                        : "too many words, or a quote without an end");
    } else if (command == NULL || argc - 1 < command->least) {
        console_printf(c, TEXT_ERROR, "%s\n", command != NULL ? command->usage : "?");
    } else {
        carry_out(c, command, argc, words, plain);
    }
    if (c->work.stop) {
        console_print(c, TEXT_DIM, "^C\n");
    }
}

static int begin(struct console *c, work_fn fn, const char *line)
{
    if (!work_begin(c, fn, line)) {
        console_print(c, TEXT_ERROR,
                      c->language == 1 ? "il faut la version 3 du Context, et de la mémoire\n"
                                       : "this takes version 3 of the Context, and memory\n");
    }
    return 1;
}

int files_command(struct console *c, const char *name, const char *rest)
{
    if (find_command(name) == NULL) {
        return 0;
    }
    size_t room = strlen(name) + strlen(rest) + 2;
    char *line = malloc(room);
    if (line == NULL) {
        files_complain(c, name, NULL);
        return 1;
    }
    snprintf(line, room, "%s %s", name, rest);
    begin(c, work_command, line);
    free(line);
    return 1;
}

/* ---- echo TEXT > FILE ---- */

/* Where " > FILE" or " >> FILE" begins, if the line ends so. */
static const char *redirection(const char *line)
{
    const char *at = strrchr(line, '>');
    if (at == NULL || at == line) {
        return NULL;
    }
    at -= at[-1] == '>';
    const char *file = at + strspn(at, ">");
    file += strspn(file, " ");
    return at > line && at[-1] == ' ' && *file != 0 && strpbrk(file, " ") == NULL ? at : NULL;
}

/* In the place of what is there, in one moment. */
static void replace_text(struct console *c, const char *file, const char *text, size_t len)
{
    struct job job = {.ctx = c->ctx};
    char path[PATH_MAX], folder[PATH_MAX];
    errno = disk_replace_bytes(&job,
                               file[0] != '/' && getcwd(folder, sizeof folder) != NULL &&
                                       disk_join(path, folder, file)
                                   ? path
                                   : file,
                               text, len);
    if (errno != 0) {
        files_complain(c, file, NULL);
    } else {
        files_note_memory(c, file);
    }
}

static void work_echo(struct console *c, char *line)
{
    char *at = line + (redirection(line) - line), *file = at + strspn(at, ">");
    int adds = at[1] == '>';
    file += strspn(file, " ");
    at[-1] = '\n';
    size_t len = (size_t)(at - line), done = 0;
    struct stat st;
    if (!adds && (stat(file, &st) != 0 || S_ISREG(st.st_mode))) {
        replace_text(c, file, line, len);
        return;
    }
    int fd = open(file, O_WRONLY | O_CREAT | (adds ? O_APPEND : 0), 0666);
    while (fd >= 0 && done < len) {
        ssize_t n = write(fd, line + done, len - done);
        if (n <= 0) {
            break;
        }
        done += (size_t)n;
    }
    if (fd < 0 || done < len) {
        files_complain(c, file, NULL);
    }
    if (fd >= 0) {
        close(fd);
        files_note_memory(c, file);
        files_sync(c);
    }
}

int files_echo(struct console *c, const char *rest)
{
    return redirection(rest) != NULL && begin(c, work_echo, rest);
}
