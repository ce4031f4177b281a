/* SPDX-License-Identifier: MIT */
/*
 * One end of TLS over a plain socket, for tests.
 *
 *   tls_peer client PORT NAME ROOTS [TIMES]        to 127.0.0.1; says what was agreed on and what
 * came; several times with one config tls_peer server CHAIN KEY [CHAIN KEY]...       says its port,
 * then answers each client with what it sent, until it is ended
 *
 * A line that begins with "error" says the answer's number and ctx_tls_why().
 */
#include <ctx/tls.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* The calendar that the library sees: TLS_PEER_TIME, else this machine's. */
time_t time(time_t *out)
{
    const char *set = getenv("TLS_PEER_TIME");
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    time_t when = set != NULL ? (time_t)atoll(set) : now.tv_sec;
    if (out != NULL) {
        *out = when;
    }
    return when;
}

static int send_below(void *arg, const void *bytes, size_t len)
{
    ssize_t sent = send(*(int *)arg, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent >= 0 ? (int)sent : errno == EAGAIN ? CTX_TLS_BELOW_AGAIN : CTX_TLS_BELOW_ERROR;
}

static int receive_below(void *arg, void *bytes, size_t room)
{
    ssize_t got = recv(*(int *)arg, bytes, room, MSG_DONTWAIT);
    return got >= 0 ? (int)got : errno == EAGAIN ? CTX_TLS_BELOW_AGAIN : CTX_TLS_BELOW_ERROR;
}

/* Waits for what the answer says. False: it is none that waits. */
static bool waits(int fd, int answer)
{
    struct pollfd one = {.fd = fd, .events = answer == CTX_TLS_READ ? POLLIN : POLLOUT};
    return (answer == CTX_TLS_READ || answer == CTX_TLS_WRITE) && poll(&one, 1, 10000) > 0;
}

static int say(const struct ctx_tls *tls, int answer)
{
    printf("error %d: %s\n", answer, tls != NULL ? ctx_tls_why(tls) : ctx_tls_name(answer));
    fflush(stdout);
    return 1;
}

static int write_all(struct ctx_tls *tls, int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        size_t taken = 0;
        int answer = ctx_tls_write(tls, bytes, len, &taken);
        if (answer != CTX_TLS_OK && !waits(fd, answer)) {
            return answer;
        }
        bytes += taken;
        len -= taken;
    }
    return 0;
}

/* To the peer's end. */
static int read_all(struct ctx_tls *tls, int fd, size_t *sum)
{
    char bytes[4096];
    for (*sum = 0;;) {
        size_t got = 0;
        int answer = ctx_tls_read(tls, bytes, sizeof bytes, &got);
        if (answer == CTX_TLS_OK && got == 0) {
            return 0;
        }
        if (answer != CTX_TLS_OK && !waits(fd, answer)) {
            return answer;
        }
        *sum += got;
    }
}

static int once(struct ctx_tls_config *config, int port, const char *name)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), error = 0;
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        perror("connect");
        return 1;
    }
    struct ctx_tls *tls =
        ctx_tls_open(config, &(struct ctx_tls_below){&fd, send_below, receive_below}, name, &error);
    if (tls == NULL) {
        close(fd);
        return say(NULL, error);
    }
    size_t sum = 0;
    static const char request[] = "GET / HTTP/1.0\r\n\r\n";
    int answer;
    while (waits(fd, answer = ctx_tls_handshake(tls))) {
    }
    if (answer == CTX_TLS_OK) {
        answer = write_all(tls, fd, request, sizeof request - 1);
    }
    if (answer == CTX_TLS_OK) {
        answer = read_all(tls, fd, &sum);
    }
    if (answer == CTX_TLS_OK) {
        const char *protocol = ctx_tls_protocol(tls);
        printf("%s %s protocol=%s resumed=%d bytes=%zu\n", ctx_tls_version(tls), ctx_tls_suite(tls),
               protocol != NULL ? protocol : "-", ctx_tls_resumed(tls), sum);
        fflush(stdout);
        ctx_tls_close(tls);
    } else {
        say(tls, answer);
    }
    ctx_tls_free(tls);
    close(fd);
    return answer != CTX_TLS_OK;
}

/* What a client sends comes back, until it ends. */
static void serve(struct ctx_tls_config *config, int fd)
{
    int error = 0;
    struct ctx_tls *tls =
        ctx_tls_open(config, &(struct ctx_tls_below){&fd, send_below, receive_below}, NULL, &error);
    if (tls == NULL) {
        say(NULL, error);
        return;
    }
    for (;;) {
        char bytes[4096];
        size_t got = 0;
        int answer = ctx_tls_read(tls, bytes, sizeof bytes, &got);
        if (answer == CTX_TLS_OK && got > 0) {
            answer = write_all(tls, fd, bytes, got);
        } else if (answer == CTX_TLS_OK) {
            const char *protocol = ctx_tls_protocol(tls);
            printf("%s protocol=%s ended\n", ctx_tls_version(tls),
                   protocol != NULL ? protocol : "-");
            fflush(stdout);
            ctx_tls_close(tls);
            break;
        }
        if (answer != CTX_TLS_OK && !waits(fd, answer)) {
            say(tls, answer);
            break;
        }
    }
    ctx_tls_free(tls);
}

int main(int argc, char **argv)
{
    static const char *const protocols[] = {"http/1.1", NULL};
    if (argc >= 5 && strcmp(argv[1], "client") == 0) {
        struct ctx_tls_config *config = ctx_tls_client();
        int result = ctx_tls_roots(config, argv[4]), failed = 0;
        if (result != CTX_TLS_OK) {
            ctx_tls_config_free(config);
            return say(NULL, result);
        }
        ctx_tls_alpn(config, protocols);
        for (int times = argc > 5 ? atoi(argv[5]) : 1; times > 0; times--) {
            failed |= once(config, atoi(argv[2]), argv[3]);
        }
        ctx_tls_config_free(config);
        return failed;
    }
    if (argc >= 4 && strcmp(argv[1], "server") == 0) {
        struct ctx_tls_config *config = ctx_tls_server();
        for (int i = 2; i + 1 < argc; i += 2) {
            int result = ctx_tls_identity(config, argv[i], argv[i + 1]);
            if (result != CTX_TLS_OK) {
                ctx_tls_config_free(config);
                return say(NULL, result);
            }
        }
        ctx_tls_alpn(config, protocols);
        struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t len = sizeof at;
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 8) != 0 ||
            getsockname(fd, (struct sockaddr *)&at, &len) != 0) {
            perror("listen");
            return 1;
        }
        printf("%d\n", ntohs(at.sin_port));
        fflush(stdout);
        for (;;) {
            int client = accept(fd, NULL, NULL);
            if (client >= 0) {
                serve(config, client);
                close(client);
            }
        }
    }
    fprintf(stderr, "tls_peer client PORT NAME ROOTS [TIMES] | server CHAIN KEY...\n");
    return 2;
}
