#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes what sinl, cosl and tanl reduce large arguments by: make_two_over_pi.py OUT.c

picolibc's are the functions; its __kernel_rem_pio2 takes the digits of 2/pi, 24 bits each, as an argument, and for long double
nobody gives them. The largest long double needs 16384 + 64 bits and as many as are lost; 690 digits are 16560 of them."""
import sys

DIGITS = 690


def arctan_of_inverse(x, one):
    total = term = one // x
    n, sign = 3, -1
    while term:
        term //= x * x
        total += sign * (term // n)
        n, sign = n + 2, -sign
    return total


def main():
    bits = 24 * DIGITS
    one = 1 << (bits + 64)
    pi = 4 * (4 * arctan_of_inverse(5, one) - arctan_of_inverse(239, one))  # Machin
    two_over_pi = (2 * one << bits) // pi
    digits = [two_over_pi >> (bits - 24 * (i + 1)) & 0xffffff for i in range(DIGITS)]
    rows = "".join("    " + ", ".join(f"{d:#08x}" for d in digits[i:i + 10]) + ",\n" for i in range(0, DIGITS, 10))
    with open(sys.argv[1], "w", encoding="utf-8") as f:
        f.write(f"""/* made by make_two_over_pi.py; change that. */
#include <stdint.h>

static const int32_t two_over_pi[] = {{
{rows}}};

int __kernel_rem_pio2(double *x, double *y, int e0, int nx, int prec, const int32_t *digits);
int __kernel_rem_pio2l(double *x, double *y, int e0, int nx, int prec);

int __kernel_rem_pio2l(double *x, double *y, int e0, int nx, int prec)
{{
    return __kernel_rem_pio2(x, y, e0, nx, prec, two_over_pi);
}}
""")


if __name__ == "__main__":
    main()
