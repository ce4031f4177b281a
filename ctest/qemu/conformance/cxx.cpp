// SPDX-License-Identifier: MIT
// C++ with a C library: constructors before main, destructors after it, new, virtual functions, templates.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

namespace {

int order;

struct Traced {
    const char *name;
    explicit Traced(const char *n) : name(n)
    {
        printf("T cxx made %s %d\n", name, ++order);
    }
    Traced(const Traced &) = delete;
    Traced &operator=(const Traced &) = delete;
    ~Traced()
    {
        printf("T cxx gone %s\n", name);
    }
};

Traced first("first"), second("second");

struct Shape {
    virtual ~Shape() = default;
    virtual int area() const = 0;
};

struct Square final : Shape {
    int side;
    explicit Square(int s) : side(s) {}
    int area() const override
    {
        return side * side;
    }
};

template <typename T> T larger(T a, T b)
{
    return a > b ? a : b;
}

Traced &local()
{
    static Traced made("local"); // at the first call
    return made;
}

} // namespace

int main(int argc, char **argv)
{
    Shape *shape = new Square(7);
    int *numbers = new int[1000];
    memset(numbers, 0, 1000 * sizeof *numbers);
    printf("T cxx area %d larger %g %d\n", shape->area(), larger(1.5, 2.5), numbers[999]);
    delete[] numbers;
    delete shape;
    local();
    local();
    if (argc > 1 && strcmp(argv[1], "full") == 0) {
        for (;;) {
            char *volatile kept = new char[1 << 20]; // or the compiler would leave it out
            (void)kept;
        }
    }
    return 3;
}
