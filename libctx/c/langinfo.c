/* SPDX-License-Identifier: MIT */
/*
 * nl_langinfo(): both locales say the same of everything but of their characters. There picolibc
 * answers with the locale's name, "C.UTF-8", where programs look for "UTF-8".
 */
#include <langinfo.h>
#include <locale.h>
#include <stddef.h>
#include <stdlib.h>

static const char *const texts[] = {
    [D_T_FMT] = "%a %b %e %H:%M:%S %Y",
    [D_FMT] = "%m/%d/%y",
    [T_FMT] = "%H:%M:%S",
    [T_FMT_AMPM] = "%I:%M:%S %p",
    [AM_STR] = "AM",
    [PM_STR] = "PM",
    [DAY_1] = "Sunday",
    [DAY_2] = "Monday",
    [DAY_3] = "Tuesday",
    [DAY_4] = "Wednesday",
    [DAY_5] = "Thursday",
    [DAY_6] = "Friday",
    [DAY_7] = "Saturday",
    [ABDAY_1] = "Sun",
    [ABDAY_2] = "Mon",
    [ABDAY_3] = "Tue",
    [ABDAY_4] = "Wed",
    [ABDAY_5] = "Thu",
    [ABDAY_6] = "Fri",
    [ABDAY_7] = "Sat",
    [MON_1] = "January",
    [MON_2] = "February",
    [MON_3] = "March",
    [MON_4] = "April",
    [MON_5] = "May",
    [MON_6] = "June",
    [MON_7] = "July",
    [MON_8] = "August",
    [MON_9] = "September",
    [MON_10] = "October",
    [MON_11] = "November",
    [MON_12] = "December",
    [ABMON_1] = "Jan",
    [ABMON_2] = "Feb",
    [ABMON_3] = "Mar",
    [ABMON_4] = "Apr",
    [ABMON_5] = "May",
    [ABMON_6] = "Jun",
    [ABMON_7] = "Jul",
    [ABMON_8] = "Aug",
    [ABMON_9] = "Sep",
    [ABMON_10] = "Oct",
    [ABMON_11] = "Nov",
    [ABMON_12] = "Dec",
    [RADIXCHAR] = ".",
    [THOUSEP] = "",
    [YESEXPR] = "^[yY]",
    [NOEXPR] = "^[nN]",
    [YESSTR] = "",
    [NOSTR] = "",
    [CRNCYSTR] = "-",
};

/* "" for what no locale has, eras for instance, and for what is no item. */
char *nl_langinfo(nl_item item)
{
    if (item == CODESET) {
        return MB_CUR_MAX > 1 ? "UTF-8" : "ANSI_X3.4-1968";
    }
    size_t at = (size_t)item;
    return (char *)(item > 0 && at < sizeof texts / sizeof *texts && texts[at] != NULL ? texts[at]
                                                                                       : "");
}

char *nl_langinfo_l(nl_item item, locale_t locale)
{
    locale_t before = uselocale(locale);
    char *text = nl_langinfo(item);
    uselocale(before);
    return text;
}
