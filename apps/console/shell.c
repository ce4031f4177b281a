/* SPDX-License-Identifier: MIT */
/* Commands, and what they say in each language. */
#include "console.h"
#include "files.h"
#include "repl.h"
#include "system.h"
#include "work.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum message {
    MSG_GREETING,
    MSG_HELP,
    MSG_UNKNOWN,
    MSG_PID,
    MSG_TIME,
    MSG_LANG,
    MSG_LANG_USAGE,
    MSG_REPL,
    MSG_NO_MEMORY,
    MSGS,
};

#define LANGUAGES 2

static const char *message(const struct console *c, enum message which)
{
    /* A switch, not a table of pointers: the compiler decides, and there is nothing to relocate. */
    int fr = c->language == 1;
    switch (which) {
    case MSG_GREETING:
        return fr ? "Argos. Tapez help pour la liste des commandes.\n"
                  : "Argos. Type help for the commands.\n";
    case MSG_HELP:
        return fr ? "help              cette liste\n"
                    "pid               le numéro de cette application\n"
                    "time              le temps depuis le démarrage\n"
                    "lang en|fr        langue et clavier\n"
                    "echo TEXTE        répète le texte\n"
                    "eval EXPR         calcule en Lua, p. ex. eval 6*7\n"
                    "repl              Lua, et le Context: ctx; quit() pour sortir\n"
                    "clear             efface la fenêtre (aussi Ctrl-L)\n"
                    "reset             tout comme au premier jour\n"
                    "apps services mem les applications, leurs offres, la mémoire\n"
                    "save [APP] [NOM]  garde tout, ou APP (nom ou numéro)\n"
                    "load [APP] [NOM]  y retourne; load new NOM: une copie\n"
                    "images            ce qui est gardé; forget NOM l'oublie\n"
                    "ls cat cp mv rm mkdir find df cd pwd sync\n"
                    "                  fichiers: /disk, /data; -l, -r, -p, *\n"
                    "echo TEXTE > FICHIER  l'écrit; >> y ajoute\n"
                    "edit FICHIER      l'ouvre dans l'éditeur. Tab complète\n"
                    "run NOM [MOTS]    lance /disk/apps/NOM.elf, ou un programme prêt\n"
                    "ip ping resolve nc  le réseau: nc HÔTE PORT, nc -l PORT\n"
                    "web [new]         la page de la machine, son jeton; un autre\n"
                    "reboot, poweroff  la machine entière\n"
                    "Flèches: historique. Maj+Entrée: nouvelle ligne.\nPage haut/bas: défiler. Ctrl-C: arrêter.\n"
                  : "help              this list\n"
                    "pid               this app's number\n"
                    "time              the time since boot\n"
                    "lang en|fr        language and keyboard\n"
                    "echo TEXT         says the text again\n"
                    "eval EXPR         computes in Lua, for example eval 6*7\n"
                    "repl              Lua, and the Context as ctx; quit() leaves\n"
                    "clear             empties the window (also Ctrl-L)\n"
                    "reset             everything as on the first day\n"
                    "apps services mem the apps, what they offer, the memory\n"
                    "save [APP] [NAME] keeps everything, or APP (name or pid)\n"
                    "load [APP] [NAME] goes back to that; load new NAME: a copy\n"
                    "images            what is kept; forget NAME drops it\n"
                    "ls cat cp mv rm mkdir find df cd pwd sync\n"
                    "                  files: /disk, /data; -l, -r, -p, *\n"
                    "echo TEXT > FILE  writes it; >> adds to it\n"
                    "edit FILE         opens it in the editor. Tab completes\n"
                    "run NAME [WORDS]  starts /disk/apps/NAME.elf, or what is ready\n"
                    "ip ping resolve nc  the network: nc HOST PORT, nc -l PORT\n"
                    "web [new]         the page of this machine, its token\n"
                    "reboot, poweroff  the whole machine\n"
                    "Arrows: history. Shift+Enter: new line.\nPgUp/PgDn: scroll. Ctrl-C: stop.\n";
    case MSG_UNKNOWN:
        return fr ? "%s: commande inconnue; essayez help\n" : "%s: no such command; try help\n";
    case MSG_PID:
        return fr ? "je suis l'application %lu\n" : "I am app %lu\n";
    case MSG_TIME:
        return fr ? "%lu h %02lu min %02lu,%03lu s depuis le démarrage\n"
                  : "%lu h %02lu min %02lu.%03lu s since boot\n";
    case MSG_LANG:
        return fr ? "français, clavier %s\n" : "English, keyboard %s\n";
    case MSG_LANG_USAGE:
        return fr ? "lang en ou lang fr\n" : "lang en or lang fr\n";
    case MSG_REPL:
        return fr ? "Lua 5.4; quit() pour sortir.\n"
                    "time() pid() draw(x, y, 0xRRVVBB) log(texte)\n"
                    "ctx: log time wall wake_at random events apps clipboard\n"
                    "     screen surface\n"
                  : "Lua 5.4; quit() leaves.\n"
                    "time() pid() draw(x, y, 0xRRGGBB) log(text)\n"
                    "ctx: log time wall wake_at random events apps clipboard\n"
                    "     screen surface\n";
    default:
        return fr ? "pas assez de mémoire\n" : "not enough memory\n";
    }
}

/* ---- printing ---- */

static void mirror_flush(struct console *c)
{
    c->ctx->log((const uint8_t *)c->mirror, c->mirror_len);
    c->mirror_len = 0;
}

/* One character to the window and to the log. */
static void put(struct console *c, enum text_color color, uint32_t code)
{
    if (c->mirror_len + 4 > sizeof c->mirror) {
        mirror_flush(c);
    }
    c->mirror_len += utf8_encode(code, c->mirror + c->mirror_len);
    text_put(&c->text, text_make(code, color));
}

void console_write(struct console *c, enum text_color color, const char *text, uint32_t len)
{
    for (uint32_t at = 0; at < len;) {
        uint32_t code;
        at += utf8_decode(text + at, len - at, &code);
        if (code == '\n') {
            text_newline(&c->text);
            mirror_flush(c);
        } else if (code == '\t') {
            for (int i = 0; i < 4; i++) {
                put(c, color, ' ');
            }
        } else if (code >= 0x20 && (code < 0x7f || code >= 0xa0)) {
            put(c, color, code);
        }
    }
    c->dirty = 1;
}

void console_print(struct console *c, enum text_color color, const char *text)
{
    console_write(c, color, text, (uint32_t)strlen(text));
}

void console_printf(struct console *c, enum text_color color, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    console_print(c, color, text);
}

void shell_greet(struct console *c)
{
    console_print(c, TEXT_DIM, message(c, MSG_GREETING));
}

const char *shell_prompt(const struct console *c)
{
    if (work_runs(c) || (c->repl != NULL && repl_is_running(c->repl))) {
        return "";
    }
    return c->mode == MODE_REPL ? "lua> " : "> ";
}

/* ---- commands ---- */

static struct repl *need_repl(struct console *c)
{
    if (c->repl == NULL) {
        c->repl = repl_new(c);
        if (c->repl == NULL) {
            console_print(c, TEXT_ERROR, message(c, MSG_NO_MEMORY));
        }
    }
    return c->repl;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

static void cmd_time(struct console *c)
{
    unsigned long ms = c->ctx->start_time_ms;
    console_printf(c, TEXT_RESULT, message(c, MSG_TIME), ms / 3600000, ms / 60000 % 60,
                   ms / 1000 % 60, ms % 1000);
}

static void cmd_lang(struct console *c, const char *name)
{
    for (uint32_t i = 0; i < ctx_keymap_count() && i < LANGUAGES; i++) {
        if (strcmp(ctx_keymap_get(i)->name, name) == 0) {
            c->language = i;
            c->keyboard.layout = i;
            c->own_layout = 1;
            c->keyboard.dead = 0;
            console_printf(c, TEXT_RESULT, message(c, MSG_LANG), ctx_keymap_get(i)->title);
            return;
        }
    }
    console_print(c, TEXT_ERROR, message(c, MSG_LANG_USAGE));
}

static void script_work(struct console *c, char *none)
{
    enum repl_result result;
    (void)none;
    while ((result = repl_step(c->repl)) == REPL_RUNNING) {
        (void)ctx_fiber_yield();
    }
    if (result == REPL_QUIT) {
        c->mode = MODE_SHELL;
    }
}

/* In a fiber, where there are any: a script may have to wait for a disk. */
static void run_script(struct console *c, const char *text, uint32_t len)
{
    if (repl_run(c->repl, text, len) == REPL_RUNNING && !work_begin(c, script_work, "") &&
        repl_step(c->repl) == REPL_QUIT) {
        c->mode = MODE_SHELL;
    }
}

static void cmd_eval(struct console *c, const char *text, uint32_t len)
{
    if (need_repl(c) != NULL) {
        run_script(c, text, len);
    }
}

static void command(struct console *c, char *line, uint32_t len)
{
    char *name = line;
    while (*name == ' ') {
        name++;
    }
    char *rest = name;
    while (*rest != 0 && *rest != ' ' && *rest != '\n') {
        rest++;
    }
    if (*rest != 0) {
        *rest++ = 0;
    }
    while (*rest == ' ') {
        rest++;
    }
    if (strcmp(name, "help") == 0) {
        console_print(c, TEXT_PLAIN, message(c, MSG_HELP));
    } else if (strcmp(name, "pid") == 0) {
        console_printf(c, TEXT_RESULT, message(c, MSG_PID), (unsigned long)c->ctx->pid);
    } else if (strcmp(name, "time") == 0) {
        cmd_time(c);
    } else if (strcmp(name, "lang") == 0) {
        cmd_lang(c, rest);
    } else if (strcmp(name, "echo") == 0 && files_echo(c, rest)) {
        /* to a file */
    } else if (strcmp(name, "echo") == 0) {
        console_write(c, TEXT_PLAIN, rest, (uint32_t)(line + len - rest));
        console_print(c, TEXT_PLAIN, "\n");
    } else if (strcmp(name, "clear") == 0) {
        text_init(&c->text);
        selection_clear(&c->selection);
    } else if (strcmp(name, "reset") == 0) {
        c->wants_reset = 1;
    } else if (strcmp(name, "eval") == 0) {
        cmd_eval(c, rest, (uint32_t)(line + len - rest));
    } else if (strcmp(name, "repl") == 0) {
        if (need_repl(c) != NULL) {
            c->mode = MODE_REPL;
            console_print(c, TEXT_DIM, message(c, MSG_REPL));
        }
    } else if (strcmp(name, "apps") == 0) {
        system_apps(c);
    } else if (strcmp(name, "services") == 0) {
        system_services(c);
    } else if (strcmp(name, "mem") == 0) {
        system_memory(c);
    } else if (strcmp(name, "save") == 0) {
        images_save(c, rest);
    } else if (strcmp(name, "load") == 0) {
        images_load(c, rest);
    } else if (strcmp(name, "images") == 0) {
        images_list(c);
    } else if (strcmp(name, "forget") == 0) {
        images_forget(c, rest);
    } else if (strcmp(name, "reboot") == 0 || strcmp(name, "poweroff") == 0) {
        system_end(c, name[0] == 'r');
    } else if (*name != 0 && !files_command(c, name, rest)) {
        console_printf(c, TEXT_ERROR, message(c, MSG_UNKNOWN), name);
    }
}

#pragma GCC diagnostic pop

static void echo_line(struct console *c, const char *line, uint32_t len)
{
    console_print(c, TEXT_PROMPT, shell_prompt(c));
    console_write(c, TEXT_PLAIN, line, len);
    console_print(c, TEXT_PLAIN, "\n");
    edit_remember(&c->edit);
}

void shell_line(struct console *c, char *line, uint32_t len)
{
    if (c->mode == MODE_REPL && repl_is_incomplete(c->repl, line, len)) {
        c->edit.cursor = c->edit.len;
        edit_insert(&c->edit, '\n'); /* it stays in the editor; typing goes on below */
        c->dirty = 1;
        return;
    }
    echo_line(c, line, len);
    edit_clear(&c->edit);
    if (c->mode == MODE_SHELL) {
        command(c, line, len);
    } else {
        run_script(c, line, len);
    }
}
