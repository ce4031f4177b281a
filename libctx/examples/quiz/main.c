/* SPDX-License-Identifier: MIT */
/*
 * quiz - an ordinary program: main, a C library, standard input, and a file that is compiled in
 * (FILES data). It runs in a terminal, with pipes, and in a window of the app `terminal`; `ctx run
 * --save` keeps it in the middle of a question.
 */
#include <stdio.h>
#include <string.h>

int main(void)
{
    char question[80], answer[80], given[80];
    int right = 0, asked = 0;
    FILE *file = fopen("/questions", "r");
    if (file == NULL) {
        perror("/questions");
        return 2;
    }
    while (fgets(question, sizeof question, file) != NULL &&
           fgets(answer, sizeof answer, file) != NULL) {
        printf("%.*s ", (int)strcspn(question, "\n"), question);
        fflush(stdout);
        if (fgets(given, sizeof given, stdin) == NULL) {
            break;
        }
        asked++;
        right += strcmp(given, answer) == 0;
    }
    printf("%d of %d\n", right, asked);
    fclose(file);
    return right == asked ? 0 : 1;
}
