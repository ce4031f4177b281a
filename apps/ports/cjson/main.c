/* SPDX-License-Identifier: MIT */
/* cjson FILE.json: its values as cJSON prints them, and how deep they lie. */
#include <cJSON.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

static int depth(const cJSON *value)
{
    int most = 0;
    for (const cJSON *child = value->child; child != NULL; child = child->next) {
        int one = depth(child);
        most = one > most ? one : most;
    }
    return most + 1;
}

int main(int argc, char **argv)
{
    static char text[1 << 20];
    FILE *file = argc > 1 ? fopen(argv[1], "r") : stdin;
    if (file == NULL) {
        err(1, "%s", argv[1]);
    }
    size_t len = fread(text, 1, sizeof text - 1, file);
    text[len] = 0;
    cJSON *value = cJSON_Parse(text);
    if (value == NULL) {
        errx(1, "no JSON, from \"%.20s\" on", cJSON_GetErrorPtr());
    }
    char *pretty = cJSON_Print(value), *short_one = cJSON_PrintUnformatted(value);
    cJSON *copy = cJSON_Duplicate(value, 1);
    printf("%s\n%s\ndepth %d, a copy is %s\n", pretty, short_one, depth(value),
           cJSON_Compare(value, copy, 1) ? "equal" : "another");
    free(pretty);
    free(short_one);
    cJSON_Delete(value);
    cJSON_Delete(copy);
    return 0;
}
