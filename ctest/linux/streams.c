/* SPDX-License-Identifier: MIT */
/* For streams.py: one program, natively and as an app; its first word says what it does. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

static volatile sig_atomic_t caught;

static void handler(int no)
{
    caught = no;
}

static int echo(void)
{
    char line[100];
    while (fgets(line, sizeof line, stdin) != NULL) {
        printf("got %s", line);
    }
    printf("end eof=%d error=%d\n", feof(stdin) != 0, ferror(stdin) != 0);
    return 3;
}

static int cat(void)
{
    static char bytes[5000];
    long n;
    while ((n = read(0, bytes, sizeof bytes)) > 0) {
        for (long at = 0, done; at < n; at += done) {
            done = write(1, bytes + at, (size_t)(n - at));
            if (done <= 0) {
                return 9;
            }
        }
    }
    return n < 0 ? 8 : 0;
}

static int big(void)
{
    for (int i = 0; i < 200000; i++) {
        if (printf("line %7d of fifty bytes, and a bit more text..\n", i) < 0) {
            return 7;
        }
    }
    return 0;
}

static int tty(void)
{
    struct winsize w = {0};
    struct termios t;
    printf("%d %d %d\n", isatty(0), isatty(1), isatty(2));
    if (ioctl(0, TIOCGWINSZ, &w) == 0) {
        printf("%d x %d\n", w.ws_col, w.ws_row);
    } else {
        printf("no window %d\n", errno == ENOTTY);
    }
    printf("modes %d\n", tcgetattr(0, &t) == 0 ? (t.c_lflag & ICANON) != 0 : -1);
    return 0;
}

static int raw(int leave, int vmin, int vtime)
{
    struct termios t, old;
    unsigned char c[8];
    long n;
    if (tcgetattr(0, &old) != 0) {
        printf("no terminal\n");
        return 1;
    }
    t = old;
    t.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
    t.c_iflag &= ~(tcflag_t)(ICRNL | IXON);
    t.c_cc[VMIN] = (cc_t)vmin;
    t.c_cc[VTIME] = (cc_t)vtime;
    tcsetattr(0, TCSAFLUSH, &t);
    printf("raw\n");
    fflush(stdout);
    while ((n = read(0, c, 1)) >= 0 && (n == 0 || c[0] != 'q')) {
        if (n == 1) {
            printf("<%02x>", c[0]);
        } else if (vtime != 0) {
            printf("<none>"); /* the time is over */
        }
        fflush(stdout);
    }
    if (leave) {
        return 5;
    }
    tcsetattr(0, TCSANOW, &old);
    printf("\ncooked\n");
    return 0;
}

static int window(void)
{
    struct winsize w;
    signal(SIGWINCH, handler);
    printf("ready\n");
    fflush(stdout);
    while (caught == 0) {
        sleep(1);
    }
    ioctl(0, TIOCGWINSZ, &w);
    printf("signal %d %d x %d\n", caught == SIGWINCH, w.ws_col, w.ws_row);
    return 0;
}

static int catches(void)
{
    struct sigaction action = {.sa_handler = handler};
    char line[10];
    sigaction(SIGINT, &action, NULL);
    printf("ready\n");
    fflush(stdout);
    ssize_t n = read(0, line, sizeof line);
    printf("read %d %d signal %d\n", (int)n, errno == EINTR, (int)caught);
    caught = 0;
    fflush(stdout);
    unsigned left = sleep(5);
    printf("slept %d signal %d\n", left > 0, (int)caught);
    signal(SIGINT, SIG_DFL);
    fflush(stdout);
    sleep(5);
    return 0;
}

static volatile sig_atomic_t turns;

static const char *name_of(int no)
{
    return no == SIGUSR1   ? "USR1"
           : no == SIGUSR2 ? "USR2"
           : no == SIGPIPE ? "PIPE"
           : no == SIGCHLD ? "CHLD"
           : no == SIGALRM ? "ALRM"
           : no == SIGTSTP ? "TSTP"
           : no == SIGCONT ? "CONT"
           : no == SIGHUP  ? "HUP"
           : no == SIGTERM ? "TERM"
                           : "?";
}

/* One after the other: a signal from outside, which must reach its handler by its name. */
static int others(void)
{
    static const int all[] = {SIGUSR1, SIGUSR2, SIGPIPE, SIGCHLD, SIGALRM,
                              SIGTSTP, SIGCONT, SIGHUP,  SIGTERM};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        signal(all[i], handler);
    }
    printf("ready\n");
    fflush(stdout);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        while (caught == 0) {
            usleep(10000); /* not pause(): it may come just before that */
        }
        const char *name = name_of(caught);
        caught = 0; /* the next one is sent when this was seen */
        printf("got %s\n", name);
        fflush(stdout);
    }
    return 0;
}

static void handle_alarm(int no)
{
    (void)no;
    turns++;
}

/* It never waits: what it asks for now and then is the time, or memory. */
static int busy(const char *what)
{
    unsigned sum = 0;
    signal(SIGALRM, handle_alarm);
    signal(SIGTERM, handler);
    printf("ready\n");
    fflush(stdout);
    alarm(1);
    while (turns == 0 || caught == 0) {
        for (int i = 0; i < 1000; i++) {
            sum = sum * 31 + (unsigned)i;
        }
        if (strcmp(what, "time") == 0) {
            sum += (unsigned)time(NULL);
        } else {
            void *block = malloc(sum % 100);
            sum += (unsigned)(size_t)block;
            free(block);
        }
    }
    printf("alarm %d, %s\n", (int)turns, name_of(caught));
    return sum == 1 ? 1 : 0;
}

static int wide(void)
{
    wint_t c;
    setlocale(LC_ALL, "C.UTF-8");
    while ((c = fgetwc(stdin)) != WEOF) {
        printf("%x ", (unsigned)c);
    }
    printf("\n");
    return 0;
}

/* O_NONBLOCK: by the descriptor, by stdio, and by one of its own; then as before. */
static int at_once(void)
{
    char c;
    int flags = fcntl(0, F_GETFL), tty = open("/dev/tty", O_RDONLY | O_NONBLOCK);
    fcntl(0, F_SETFL, flags | O_NONBLOCK);
    errno = 0;
    printf("%d %d\n", (int)read(0, &c, 1), errno == EAGAIN);
    errno = 0;
    printf("%d %d %d %d\n", getchar(), errno == EAGAIN, ferror(stdin) != 0, feof(stdin) != 0);
    clearerr(stdin);
    errno = 0;
    printf("%d\n", tty < 0 || (read(tty, &c, 1) == -1 && errno == EAGAIN));
    printf("at once %d\n", (fcntl(0, F_GETFL) & O_NONBLOCK) != 0);
    fflush(stdout);
    fcntl(0, F_SETFL, flags);
    printf("%d\n", getchar());
    return 0;
}

/* Long enough for somebody to save it in the middle. */
static int game(int turns)
{
    unsigned sum = 1;
    char line[100];
    for (int i = 0; i < turns; i++) {
        if (fgets(line, sizeof line, stdin) == NULL) {
            printf("no more\n");
            return 4;
        }
        for (char *p = line; *p != 0; p++) {
            sum = sum * 31 + (unsigned char)*p;
        }
        printf("turn %d: %08x\n", i, sum);
        fflush(stdout);
    }
    return 0;
}

/* Pictures, as a game for terminals draws them: more than a terminal takes at once. */
static int pictures(int count)
{
    for (int i = 0; i < count; i++) {
        for (int line = 0; line < 200; line++) {
            printf("picture %3d, line %3d of two hundred, sixty bytes of colours.\n", i, line);
        }
        fflush(stdout);
        usleep(2000);
    }
    return 0;
}

/* Only what has room is written, and nothing is ever read. */
static int polled_writes(void)
{
    static char block[4096];
    struct pollfd list[2] = {{.fd = 0, .events = POLLIN}, {.fd = 1, .events = POLLOUT}};
    memset(block, 'x', sizeof block);
    for (int i = 0; i < 100;) {
        if (poll(list, 2, -1) < 1 || list[0].revents != 0) {
            return 9;
        }
        i += write(1, block, sizeof block) == sizeof block;
    }
    return 0;
}

/* Waits for what does not come: input, an exception of it, nothing at all. */
static int polled_idle(void)
{
    int over = 0;
    for (int i = 0; i < 30; i++) {
        struct timeval half = {.tv_usec = 500000};
        fd_set reads, others;
        FD_ZERO(&reads);
        FD_ZERO(&others);
        FD_SET(0, &others);
        if (i % 3 == 0) {
            FD_SET(0, &reads);
        }
        over += select(i % 3 == 2 ? 0 : 1, &reads, NULL, &others, &half) == 0;
    }
    printf("%d of 30\n", over);
    return 0;
}

static int buffers(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("a line\nhalf ");
    fprintf(stderr, "error %d ", 1);
    fputs("more\n", stderr);
    setvbuf(stdout, NULL, _IONBF, 0);
    printf("whole");
    fputc('.', stderr);
    printf("\n");
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    int number = argc > 2 ? atoi(argv[2]) : 0;
    if (strcmp(what, "echo") == 0) {
        return echo();
    } else if (strcmp(what, "cat") == 0) {
        return cat();
    } else if (strcmp(what, "big") == 0) {
        return big();
    } else if (strcmp(what, "tty") == 0) {
        return tty();
    } else if (strcmp(what, "raw") == 0) {
        return raw(number, argc > 3 ? atoi(argv[3]) : 1, argc > 4 ? atoi(argv[4]) : 0);
    } else if (strcmp(what, "window") == 0) {
        return window();
    } else if (strcmp(what, "catches") == 0) {
        return catches();
    } else if (strcmp(what, "others") == 0) {
        return others();
    } else if (strcmp(what, "words") == 0 || strcmp(what, "mem=1G") == 0 ||
               strcmp(what, "env=A=b") == 0) {
        for (int i = 1; i < argc; i++) {
            printf("<%s>", argv[i]);
        }
        return 0;
    } else if (strcmp(what, "busy") == 0) {
        return busy(argc > 2 ? argv[2] : "");
    } else if (strcmp(what, "wide") == 0) {
        return wide();
    } else if (strcmp(what, "at-once") == 0) {
        return at_once();
    } else if (strcmp(what, "game") == 0) {
        return game(number);
    } else if (strcmp(what, "pictures") == 0) {
        return pictures(argc > 2 ? atoi(argv[2]) : 1);
    } else if (strcmp(what, "name") == 0) {
        puts(argv[0]);
    } else if (strcmp(what, "polled-writes") == 0) {
        return polled_writes();
    } else if (strcmp(what, "polled-idle") == 0) {
        return polled_idle();
    } else if (strcmp(what, "buffers") == 0) {
        return buffers();
    } else if (strcmp(what, "exit") == 0) {
        printf("goes");
        exit(number);
    } else if (strcmp(what, "_exit") == 0) {
        printf("lost");
        _exit(number);
    } else if (strcmp(what, "segv") == 0) {
        printf("lost, as it is not flushed\n");
        *(volatile int *)8 = 1;
    } else if (strcmp(what, "fpe") == 0) {
        __asm__ volatile("xor %%ecx, %%ecx; mov $1, %%eax; cltd; idiv %%ecx" ::
                             : "eax", "ecx", "edx");
    } else if (strcmp(what, "ill") == 0) {
        __asm__ volatile("ud2");
    } else if (strcmp(what, "abort") == 0) {
        abort();
    } else if (strcmp(what, "sleep") == 0) {
        printf("ready\n");
        fflush(stdout);
        sleep(100);
    } else if (strcmp(what, "spin") == 0) {
        printf("ready\n");
        fflush(stdout);
        for (volatile long i = 0;; i++) {
        }
    }
    return 0;
}
