/* SPDX-License-Identifier: MIT */
/* Formatted output and input, numbers at their borders, as a PC's C library has them: formats.want
 * is what glibc prints. */
/* clang-format off */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <locale.h>
#include <math.h>
#include <float.h>
#include <setjmp.h>
#include <errno.h>
#include <wchar.h>
#define P(...) do { printf(__VA_ARGS__); printf("\n"); } while (0)
static void ld(long double x) { char b[200]; snprintf(b, sizeof b, "%.21Le", x); long double y = strtold(b, NULL); P("LD %s back=%s diff=%.0Lf ulp", b, x == y ? "same" : "OTHER", (y - x) / (nextafterl(x, INFINITY) - x)); }
static int reent(const void *a, const void *b) { return *(const char *)a - *(const char *)b; }
int main(void)
{
    int n = -1; int r = printf("ab%ncd\n", &n); P("percent n: n=%d r=%d", n, r);
    P("Lg %Lg %Lg %Lg %.3Lf %.0Lf %.2Le", 12345678901234567890.0L, 9.9999995L, 123456.7L, 2.0005L, 1234567.8L, 98765.0L);
    P("Lg2 %.6Lg %.5Lg %.4Lg %.3Lg %.2Lg", 1.23456789L, 1.23456789L, 1.23456789L, 1.23456789L, 1.789L);
    P("Lf %Lf %Lf %.10Lf", 1e18L, 1e19L, 3.14159265358979323846L);
    ld(1e30L); ld(1e20L); ld(0.1L); ld(1.0L / 3); ld(1e100L); ld(1e-100L); ld(LDBL_MAX); ld(LDBL_MIN); ld(123456789.123456789L); ld(3.14159265358979323846L); ld(1e25L); ld(6.02214076e23L); ld(1e4000L);
    char s[20] = ""; r = sscanf("a-b", "%[a-]", s); P("set1 %d '%s'", r, s); r = sscanf("12-34", "%[0-9-]", s); P("set2 %d '%s'", r, s); r = sscanf("-5", "%[-0-9]", s); P("set3 %d '%s'", r, s); r = sscanf("x^-y", "%[]x^-]", s); P("set4 %d '%s'", r, s); r = sscanf("2024-02-29", "%[^-]", s); P("set5 %d '%s'", r, s); r = sscanf("ab-cd", "%[^a-]", s); P("set6 %d", r); r = sscanf("b]c", "%[]b]", s); P("set7 %d '%s'", r, s); r = sscanf("1-2+3", "%[0-9+-]", s); P("set8 %d '%s'", r, s); r = sscanf("a_b-c.d", "%[a-zA-Z0-9_.-]", s); P("set9 %d '%s'", r, s);
    const char *t[] = {"0x", "0xg", "0x.", "0x.p1", "0xp5", "nan(", "nan(1", "nan( )", "nan()", "infinit", "1e", "1e-", "0x1p", "0x1p+"};
    for (unsigned i = 0; i < sizeof t / sizeof *t; i++) { char *e; double d = strtod(t[i], &e); P("strtod '%s' -> %g rest '%s'", t[i], d, e); }
    for (unsigned i = 0; i < 2; i++) { static const char *f[] = {"3.4028235677973366e38", "3.402823567797336e38"}; P("strtof %s -> %a", f[i], (double)strtof(f[i], NULL)); }
    P("strtof 1.17549429e-38 %a 16777217.0000001 %a 0.5000000298023223876953125001 %a", (double)strtof("1.17549429e-38", NULL), (double)strtof("16777217.0000001", NULL), (double)strtof("0.500000029802322387695312500001", NULL));
    P("setlocale xx_YY %s | de_DE.UTF-8 %s | '' %s | C.UTF-8 %s", setlocale(LC_ALL, "xx_YY") ? "given" : "NULL", setlocale(LC_ALL, "de_DE.UTF-8") ? "given" : "NULL", setlocale(LC_ALL, "") ? "given" : "NULL", setlocale(LC_ALL, "C.UTF-8") ? "given" : "NULL");
    { double d = -1; char c = '?'; int m = -1; r = sscanf("100ergs", "%lf%c%n", &d, &c, &m); P("100ergs %d %g %c %d", r, d, c, m); r = sscanf("0xz", "%lf%n", &d, &m); P("0xz %d %d", r, m); unsigned u = 9; m = -1; r = sscanf("0xz", "%x%n", &u, &m); P("0xz %%x %d %d", r, m); r = sscanf("+-5", "%d", &n); P("%d", r); r = sscanf("infinitx", "%lf", &d); P("infinitx %d", r); }
    { wchar_t w[8]; int k = swprintf(w, 4, L"%ls", L"too long for it"); P("swprintf short %d", k); char q[16]; P("%d %s", snprintf(q, sizeof q, "%ls", L"\u20ac\U0001F600"), q); }
    { char q[64]; snprintf(q, sizeof q, "%.3s|%10.4f|%-10d|%+.2e", "abcdef", 3.14159, 42, 12345.678); P("%s", q); }
    { static jmp_buf j; volatile int k = 0; int v = setjmp(j); if (k++ < 3) longjmp(j, k == 2 ? 0 : k); P("setjmp %d %d", k, v); }
    P("%zu", strlen(strerror(9999)) > 0 ? (size_t)1 : 0); { char z[] = "dcba"; qsort(z, 4, 1, reent); P("%s", z); }
    P("end"); return 0;
}
