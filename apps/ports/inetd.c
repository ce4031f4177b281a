/* SPDX-License-Identifier: MIT */
/* PORT WORD...: listens there, and calls the program with these words for each connection. */
#define INETD_ITSELF
#include "inetd.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define PATIENCE 10 /* seconds, for whoever does not say what it wants */

FILE *inetd_in, *inetd_out;
static jmp_buf back;

void inetd_exit(int code)
{
    longjmp(back, code == 0 ? 1 : code);
}

int inetd_printf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vfprintf(inetd_out, format, args);
    va_end(args);
    return n;
}

int inetd_puts(const char *text)
{
    return fprintf(inetd_out, "%s\n", text);
}

static void serve(int fd, int argc, char **argv)
{
    struct timeval t = {.tv_sec = PATIENCE};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t);
    inetd_in = fdopen(fd, "r");
    inetd_out = fdopen(dup(fd), "w");
    if (inetd_in != NULL && inetd_out != NULL && setjmp(back) == 0) {
        (void)inetd_main(argc, argv);
    }
    if (inetd_out != NULL) {
        fclose(inetd_out);
    }
    if (inetd_in != NULL) {
        fclose(inetd_in);
    } else {
        close(fd);
    }
}

int main(int argc, char **argv)
{
    struct sockaddr_in6 own = {.sin6_family = AF_INET6};
    int yes = 1, fd = socket(AF_INET6, SOCK_STREAM, 0);
    own.sin6_port = htons((uint16_t)(argc > 1 ? atoi(argv[1]) : 0));
    if (own.sin6_port == 0) {
        fprintf(stderr, "%s PORT WORD...\n", argv[0]);
        return 2;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof own) != 0 || listen(fd, 50) != 0) {
        perror("listen");
        return 1;
    }
    printf("listens at port %s\n", argv[1]);
    fflush(stdout);
    argv[1] = argv[0];
    for (;;) {
        int one = accept(fd, NULL, NULL);
        if (one >= 0) {
            serve(one, argc - 1, argv + 1);
        }
    }
}
