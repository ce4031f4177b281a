/* SPDX-License-Identifier: MIT */
/* For terminal.py: an ordinary program that shows and asks what terminals have; the same text under
 * Linux and here. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct termios usual;

static void raw(void)
{
    struct termios t = usual;
    t.c_lflag &= ~(ICANON | ECHO | ISIG);
    t.c_iflag &= ~(ICRNL | IXON);
    t.c_cc[VMIN] = 1;
    t.c_cc[VTIME] = 0;
    tcsetattr(0, TCSAFLUSH, &t);
}

static void key(const char *prompt)
{
    char bytes[16];
    printf("%s", prompt);
    fflush(stdout);
    long n = read(0, bytes, sizeof bytes);
    for (long i = 0; i < n; i++) {
        printf(" %02x", (unsigned char)bytes[i]);
    }
    printf("\r\n");
}

static void box(int top, int left, int w, int h)
{
    for (int y = 0; y < h; y++) {
        printf("\033[%d;%dH\033[44;97m", top + y, left);
        for (int x = 0; x < w; x++) {
            printf("%s", y == 0 || y == h - 1   ? "\xe2\x94\x80"
                         : x == 0 || x == w - 1 ? "\xe2\x94\x82"
                                                : " ");
        }
    }
    printf("\033[0m");
}

int main(void)
{
    char line[100];
    struct winsize size = {0};
    if (tcgetattr(0, &usual) != 0) {
        return 3;
    }
    ioctl(1, TIOCGWINSZ, &size);
    printf("\033]2;Screens\007%d by %d, %d\n", size.ws_col, size.ws_row, isatty(1));
    printf(
        "\033[1;31mred\033[0m \033[4munder\033[0m \033[38;5;208mmany\033[0m \033[7mback\033[0m gr\xc3\xbc\xc3\x9f"
        "e\ttab\n");
    for (int i = 0; i < 20; i++) {
        printf("word%02d ", i);
    }
    printf("\nname? ");
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL) {
        return 4;
    }
    line[strcspn(line, "\n")] = 0;
    printf("hello, %s (%d)\n", line, (int)strlen(line));
    raw();
    key("key?");
    key("another?");
    printf("\033[?1049h\033[2J");
    box(3, 10, 30, 6);
    key("\033[5;14Hin the box?");
    printf("\033[?1049l");
    for (int i = 0; i < 30; i++) {
        printf("line %d\033[K\r\n", i);
    }
    printf("\033[10;5H\033[1Jcut\033[20;40H\033[32mthere\033[0m\033[2A\033[3Dup");
    fflush(stdout);
    tcsetattr(0, TCSANOW, &usual);
    printf("\033[24;1Hend? ");
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL) {
        printf("eof");
    }
    fflush(stdout);
    sleep(30);
    return 0;
}
