/* @NAME@ - an ordinary program: a C library, a main, and it may wait in the middle. */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    char line[80];
    printf("Hello from @NAME@, with %d words.\n", argc - 1);
    for (int i = 1; i < argc; i++) {
        printf("  %s\n", argv[i]);
    }
    printf("Type a line:\n");
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = 0;
        if (strcmp(line, "quit") == 0) {
            return 0;
        }
        printf("You said \"%s\". \"quit\" ends it.\n", line);
    }
    return 1;
}
