/* SPDX-License-Identifier: MIT */
/* What POSIX has and an app has not answers as headers.md says; and signals, time, poll and maps do
 * what there is of them. */
#define _GNU_SOURCE
#include <ctx/c.h>

#include <dlfcn.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <search.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <tgmath.h>
#include <time.h>
#include <unistd.h>

static int bad;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            printf("T answers FAIL line %d: %s (errno %d)\n", __LINE__, #condition, errno);        \
            bad = 1;                                                                               \
        }                                                                                          \
    } while (0)
#define FAILS(call, error)                                                                         \
    do {                                                                                           \
        errno = 0;                                                                                 \
        CHECK((call) && errno == (error));                                                         \
    } while (0)

static void processes(void)
{
    char *words[] = {"ls", NULL};
    int fds[2], status;
    pid_t pid;
    FAILS(fork() == -1 && fork() == -1, ENOSYS);
    FAILS(execv("/bin/ls", words) == -1, ENOSYS);
    FAILS(pipe(fds) == -1, ENOSYS);
    FAILS(popen("ls", "r") == NULL, ENOSYS);
    FAILS(system("ls") == -1, ENOSYS);
    CHECK(system(NULL) == 0);
    CHECK(posix_spawn(&pid, "/bin/ls", NULL, NULL, words, NULL) == ENOSYS);
    FAILS(waitpid(-1, &status, 0) == -1, ECHILD);
    FAILS(kill(getpid() + 1, SIGTERM) == -1, ESRCH);
    CHECK(kill(getpid(), 0) == 0 && dlopen("x.so", RTLD_NOW) == NULL &&
          strstr(dlerror(), "statically") != NULL && dlerror() == NULL);
}

static void *nothing(void *arg)
{
    return arg;
}

static int runs;
static void once(void)
{
    runs++;
}

static void threads(void)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    static pthread_once_t flag = PTHREAD_ONCE_INIT;
    pthread_key_t key;
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, nothing, NULL) == ENOSYS);
    CHECK(pthread_mutex_lock(&mutex) == 0 && pthread_mutex_trylock(&mutex) == EBUSY &&
          pthread_mutex_lock(&mutex) == EDEADLK);
    CHECK(pthread_mutex_unlock(&mutex) == 0 && pthread_mutex_unlock(&mutex) == EPERM);
    CHECK(pthread_once(&flag, once) == 0 && pthread_once(&flag, once) == 0 && runs == 1);
    CHECK(pthread_key_create(&key, NULL) == 0 && pthread_setspecific(key, &key) == 0 &&
          pthread_getspecific(key) == &key);
}

static volatile int caught[NSIG];
static void handler(int number)
{
    caught[number]++;
}

static void signals(void)
{
    struct sigaction action = {.sa_handler = handler}, old;
    sigset_t set;
    struct timespec t = {.tv_sec = 5}, left = {0};
    int number;
    CHECK(sigaction(SIGUSR1, &action, &old) == 0 && old.sa_handler == SIG_DFL &&
          raise(SIGUSR1) == 0 && caught[SIGUSR1] == 1);
    CHECK(raise(SIGUSR1) == 0 && caught[SIGUSR1] == 2); /* it stays */
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0 && raise(SIGUSR1) == 0 && caught[SIGUSR1] == 2);
    CHECK(sigpending(&set) == 0 && sigismember(&set, SIGUSR1) &&
          sigprocmask(SIG_UNBLOCK, &set, NULL) == 0 && caught[SIGUSR1] == 3);
    CHECK(raise(SIGWINCH) == 0 && raise(SIGCHLD) == 0); /* nothing happens */
    FAILS(sigaction(SIGKILL, &action, NULL) == -1, EINVAL);
    CHECK(signal(SIGALRM, handler) == SIG_DFL && alarm(1) == 0 && alarm(1) == 1);
    FAILS(nanosleep(&t, &left) == -1, EINTR);
    CHECK(caught[SIGALRM] == 1 && left.tv_sec >= 3 && left.tv_sec < 5 && alarm(0) == 0);
    struct itimerval often = {.it_value = {.tv_usec = 20000}, .it_interval = {.tv_usec = 20000}};
    CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
    FAILS(pause() == -1, EINTR);
    FAILS(pause() == -1, EINTR);
    CHECK(caught[SIGALRM] == 3 && sigemptyset(&set) == 0 && sigaddset(&set, SIGALRM) == 0);
    CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0 && sigwait(&set, &number) == 0 &&
          number == SIGALRM && caught[SIGALRM] == 3);
    memset(&often, 0, sizeof often);
    CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
}

static void waiting(void)
{
    struct pollfd list[2] = {
        {.fd = open("/tmp/p", O_RDWR | O_CREAT, 0600), .events = POLLIN | POLLOUT},
        {.fd = 50, .events = POLLIN}};
    struct timeval t = {.tv_usec = 30000};
    struct timespec before, after;
    fd_set set;
    CHECK(poll(list, 2, 0) == 2 && list[0].revents == (POLLIN | POLLOUT) &&
          list[1].revents == POLLNVAL);
    FD_ZERO(&set);
    FD_SET(list[0].fd, &set);
    CHECK(select(list[0].fd + 1, &set, NULL, NULL, NULL) == 1 && FD_ISSET(list[0].fd, &set));
    FD_SET(50, &set);
    FAILS(select(51, &set, NULL, NULL, NULL) == -1, EBADF);
    clock_gettime(CLOCK_MONOTONIC, &before);
    CHECK(select(0, NULL, NULL, NULL, &t) == 0 && poll(NULL, 0, 20) == 0);
    clock_gettime(CLOCK_MONOTONIC, &after);
    CHECK((after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 >= 49);
    close(list[0].fd);
}

static void maps(void)
{
    int fd = open("/made/big.txt", O_RDONLY);
    char *a = mmap(NULL, 20000, PROT_READ, MAP_PRIVATE, fd, 0),
         *b = mmap(NULL, 20000, PROT_READ, MAP_SHARED, fd, 0);
    CHECK(a != MAP_FAILED && a == b && memcmp(a + 19990, "0123456789", 10) == 0 &&
          munmap(a, 20000) == 0 && b[3] == '3');
    char *c = mmap(NULL, 20000, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 4096);
    CHECK(c != MAP_FAILED && c[0] == '6' && c[20000 - 4096] == 0 && (c[0] = 'x') &&
          b[4096] == '6' && munmap(c, 20000) == 0);
    FAILS(mmap(NULL, 10, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED, ENODEV);
    FAILS(mmap(NULL, 10, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED, ENOTSUP);
    FAILS(munmap(c, 20000) == -1, EINVAL);
    CHECK((c = mmap(NULL, 100000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) !=
              MAP_FAILED &&
          c[99999] == 0);
    CHECK(munmap(c, 100000) == 0 && munmap(b, 20000) == 0 && close(fd) == 0);
}

static int seen;
static int count_files(const char *path, const struct stat *st, int kind)
{
    (void)path;
    seen += kind == FTW_F && st->st_size >= 0;
    return 0;
}

static int same(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static void others(void)
{
    glob_t found;
    struct utsname name;
    struct tm tm;
    time_t t = 1720000000, winter = 1700000000;
    int list[] = {3, 1, 2}, two = 2;
    size_t count = 3;
    CHECK(glob("/s*/l*.txt", 0, NULL, &found) == 0 && found.gl_pathc == 1 &&
          strcmp(found.gl_pathv[0], "/sub/lines.txt") == 0);
    globfree(&found);
    CHECK(glob("/nobody*", 0, NULL, &found) == GLOB_NOMATCH && ftw("/sub", count_files, 5) == 0 &&
          seen == 3);
    CHECK(getuid() == 0 && strcmp(getpwuid(0)->pw_name, "root") == 0 &&
          getpwnam("nobody") == NULL && getgrgid(0)->gr_gid == 0);
    CHECK(uname(&name) == 0 && strcmp(name.sysname, "Argos") == 0);
    CHECK(strcmp(getenv("WHO"), "me=you") == 0 && getenv("HOME") == NULL &&
          setenv("HOME", "/tmp", 1) == 0 && strcmp(getenv("HOME"), "/tmp") == 0);
    CHECK(unsetenv("WHO") == 0 && getenv("WHO") == NULL);
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    CHECK(localtime_r(&t, &tm)->tm_hour == 11 && tm.tm_isdst == 1 &&
          localtime_r(&winter, &tm)->tm_hour == 23 && tm.tm_isdst == 0);
    CHECK(arc4random() != arc4random() || arc4random() != arc4random());
    CHECK(lfind(&two, list, &count, sizeof two, same) == &list[2] && sqrt(4.0f) == 2.0f &&
          sizeof sqrt(1.0f) == sizeof(float));
    warnx("said by warnx");
}

int main(int argc, char **argv)
{
    CHECK(argc == 2 && strcmp(argv[1], "word") == 0);
    processes();
    threads();
    signals();
    waiting();
    maps();
    others();
    printf("T answers %s\n", bad ? "FAIL" : "ok");
    return bad;
}
