/* SPDX-License-Identifier: MIT */
/*
 * ctx.saving/1, and who asks for it: an image that is kept waits until what apps keep outside of
 * their own memory - on a disk - lasts as far as it was done when the image was taken. Then what
 * they have may be newer than the image after a power cut, and never older.
 *
 * A *question* has a number, and goes to all who have joined. It is over when all have answered, or
 * gone; whoever asks waits so long and no longer, and an app that was late is not waited for again
 * until it has answered.
 */
#ifndef KERNEL_LASTING_H
#define KERNEL_LASTING_H

#include <kernel/task.h>
#include <kernel/types.h>

#define LASTING_NS (5 * NSEC_PER_SEC) /* so long an image waits */

/* Ask: everything that was done until now. The question's number; the task is woken when it is
 * over, NULL: none. [loop] */
uint64_t lasting_ask(struct task *task);

/* Whether nobody is waited for any more. [loop] */
bool lasting_is_over(uint64_t question);

/*
 * While the loop stands still: call those whose answer is awaited, if they want to be called now.
 * When the next of them wants to be; NEVER_NS: none does. [loop]
 */
uint64_t lasting_call(void);

/* Until it is over, or LASTING_NS have passed, where the loop stands still. [loop, not in a call,
 * not in a task] */
void lasting_wait(uint64_t question);

/*
 * The image `name` is about to be kept: who has not answered, has gone without, or could not do it,
 * is named in the log. False: there are such, and what they have may be older than the image. NULL:
 * it is not kept, and nobody is waited for any more. [loop]
 */
bool lasting_end(uint64_t question, const char *name);

#endif
