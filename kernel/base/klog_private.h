/* SPDX-License-Identifier: MIT */
/* The core's own side of the log. */
#ifndef KERNEL_KLOG_PRIVATE_H
#define KERNEL_KLOG_PRIVATE_H

/* Someone else who wants each line: level, room and text without time stamp. 'P' is a raw line of a
 * panic. */
typedef void klog_sink_fn(char level, const char *room, const char *text);
void klog_set_sink(klog_sink_fn *sink);

/* A line as it is, without time stamp. */
void klog_raw(const char *line);

#endif
