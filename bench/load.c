
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * load: sends one prepared request N times over C kept connections.
 *
 *     load PORT CONNECTIONS N FILE [STATUS]
 *
 * FILE holds the request byte for byte.  Each answer must have STATUS (200)
 * and a Content-Length.  Prints the seconds that it took.
 */


#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>


#define CONNECTIONS  64
#define ANSWER       65536


typedef struct {
    int     fd;
    size_t  sent;
    size_t  got;
    char    answer[ANSWER + 1];
} conn_t;


static conn_t   conns[CONNECTIONS];
static char    *request;
static size_t   request_len;
static long     left, done;
static int      status = 200;


static void
fail(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}


/* the length of a whole answer, or 0 */

static size_t
answered(conn_t *c)
{
    char    *end, *length;
    size_t   n;

    c->answer[c->got] = '\0';
    end = strstr(c->answer, "\r\n\r\n");

    if (end == NULL) {
        return 0;
    }

    if (atoi(c->answer + 9) != status) {
        fprintf(stderr, "load: %.200s\n", c->answer);
        exit(1);
    }

    length = strcasestr(c->answer, "\r\ncontent-length:");

    if (length == NULL || length > end) {
        fprintf(stderr, "load: no Content-Length in the answer\n");
        exit(1);
    }

    n = (size_t) (end + 4 - c->answer) + strtoul(length + 17, NULL, 10);

    return c->got >= n ? n : 0;
}


static void
step(conn_t *c, short events)
{
    ssize_t  n;

    if ((events & POLLOUT) && c->sent < request_len) {
        n = send(c->fd, request + c->sent, request_len - c->sent,
                 MSG_DONTWAIT | MSG_NOSIGNAL);

        if (n < 0 && errno != EAGAIN) {
            fail("send");
        }

        c->sent += n > 0 ? (size_t) n : 0;
    }

    if (events & (POLLIN | POLLHUP | POLLERR)) {
        n = recv(c->fd, c->answer + c->got, ANSWER - c->got, MSG_DONTWAIT);

        if (n == 0 || (n < 0 && errno != EAGAIN)) {
            fail("the connection ended");
        }

        c->got += n > 0 ? (size_t) n : 0;

        if (answered(c)) {
            done++;
            c->got = 0;
            c->sent = request_len;

            if (left > 0) {
                left--;
                c->sent = 0;
                step(c, POLLOUT);
            }
        }
    }
}


int
main(int argc, char **argv)
{
    int                 i, n, ready, one = 1;
    long                total;
    time_t              start;
    FILE               *f;
    struct pollfd       fds[CONNECTIONS];
    struct timespec     a, b;
    struct sockaddr_in  sin = { .sin_family = AF_INET };

    if (argc < 5) {
        fprintf(stderr, "usage: load PORT CONNECTIONS N FILE [STATUS]\n");
        return 2;
    }

    n = atoi(argv[2]);
    total = atol(argv[3]);
    status = argc > 5 ? atoi(argv[5]) : 200;

    if (n < 1 || n > CONNECTIONS || total < n) {
        fprintf(stderr, "load: 1 to %d connections, no more than requests\n",
                CONNECTIONS);
        return 2;
    }

    f = fopen(argv[4], "rb");

    if (f == NULL) {
        fail(argv[4]);
    }

    fseek(f, 0, SEEK_END);
    request_len = (size_t) ftell(f);
    rewind(f);
    request = malloc(request_len + 1);

    if (request == NULL || fread(request, 1, request_len, f) != request_len) {
        fail(argv[4]);
    }

    fclose(f);

    sin.sin_port = htons((unsigned short) atoi(argv[1]));
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    for (i = 0; i < n; i++) {
        conns[i].fd = socket(AF_INET, SOCK_STREAM, 0);

        if (connect(conns[i].fd, (struct sockaddr *) &sin, sizeof(sin)) == -1) {
            fail("connect");
        }

        setsockopt(conns[i].fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    }

    left = total - n;

    clock_gettime(CLOCK_MONOTONIC, &a);

    while (done < total) {
        for (i = 0; i < n; i++) {
            fds[i].fd = conns[i].fd;
            fds[i].events = POLLIN
                            | (conns[i].sent < request_len ? POLLOUT : 0);
        }

        /* asleep it would have to be woken, at the cost of who answers */

        start = time(NULL);

        while ((ready = poll(fds, (nfds_t) n, 0)) == 0) {
            if (time(NULL) - start > 20) {
                fail("no answer in 20 seconds");
            }

            sched_yield();
        }

        if (ready < 0) {
            fail("poll");
        }

        for (i = 0; i < n; i++) {
            if (fds[i].revents) {
                step(&conns[i], fds[i].revents);
            }
        }
    }

    clock_gettime(CLOCK_MONOTONIC, &b);

    printf("%.6f\n", (double) (b.tv_sec - a.tv_sec)
                     + (double) (b.tv_nsec - a.tv_nsec) / 1e9);

    return 0;
}
