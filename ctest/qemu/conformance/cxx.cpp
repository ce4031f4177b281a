// SPDX-License-Identifier: MIT
// C++ with a C library: constructors before main, destructors after it, new, virtual functions, templates.
#include <new>
#include <stdint.h>
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

struct alignas(256) Wide {
    char byte;
};

// What <new> has beside plain new: in place, aligned, and NULL instead of the app's end.
void news()
{
    alignas(Square) char place[sizeof(Square)];
    Square *here = new (place) Square(3);
    printf("T cxx placed %d %d", here->area(), static_cast<void *>(here) == place);
    std::launder(here)->~Square();
    Wide *wide = new Wide, *more = new Wide[3];
    printf(" aligned %d %d", reinterpret_cast<uintptr_t>(wide) % 256 == 0, reinterpret_cast<uintptr_t>(more) % 256 == 0);
    delete wide;
    delete[] more;
    char *small = new (std::nothrow) char[10];
    void *none = ::operator new(size_t{1} << 60, std::nothrow);
    void *nor = ::operator new[](size_t{1} << 60, std::align_val_t{64}, std::nothrow);
    printf(" nothrow %d %d %d\n", small != nullptr, none == nullptr, nor == nullptr);
    delete[] small;
    ::operator delete(none, std::nothrow);
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
    news();
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
