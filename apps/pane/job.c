/* SPDX-License-Identifier: MIT */
#include "job.h"

#include <stddef.h>

#define STACK_BYTES (96u << 10)
#define TURN_NS     UINT64_C(4000000)

static uint64_t now_ns(const struct job *job)
{
    uint64_t ns = 0;
    job->ctx->time->now(job->ctx->time, &ns);
    return ns;
}

static void body(struct ctx *ctx, void *arg)
{
    struct job *job = arg;
    (void)ctx;
    job->fn(job, job->arg);
}

int job_begin(struct job *job, struct ctx *ctx, job_fn fn, void *arg)
{
    if (job->fiber != NULL) {
        return 0;
    }
    *job = (struct job){.ctx = ctx, .fn = fn, .arg = arg};
    job->fiber = ctx_fiber_start(ctx, body, job, STACK_BYTES);
    return job->fiber != NULL;
}

int32_t job_go_on(struct job *job, int *ended)
{
    int32_t answer = CTX_WAIT;
    if (job->fiber == NULL) {
        return CTX_WAIT;
    }
    if (ctx_fiber_state(job->fiber) != CTX_FIBER_FAULTED) {
        job->since_ns = now_ns(job);
        answer = ctx_fiber_run(job->ctx, job->fiber);
    }
    if (ctx_fiber_state(job->fiber) >= CTX_FIBER_ENDED) {
        ctx_fiber_free(job->ctx, job->fiber);
        job->fiber = NULL;
        *ended = 1;
        return CTX_AGAIN; /* whoever waited for it looks */
    }
    return answer == CTX_WAIT ? CTX_WAIT : CTX_AGAIN;
}

int job_runs(const struct job *job)
{
    return job->fiber != NULL;
}

void job_stop(struct job *job)
{
    job->stop = job->fiber != NULL;
}

int job_turn(struct job *job)
{
    if (now_ns(job) - job->since_ns > TURN_NS) {
        (void)ctx_fiber_yield();
        job->since_ns = now_ns(job);
    }
    return !job->stop;
}
