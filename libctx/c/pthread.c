/* SPDX-License-Identifier: MIT */
/* <pthread.h>: what there is of it for a single thread. */
#include "glue.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                   void *arg)
{
    static bool said;
    int kept = errno;
    (void)thread;
    (void)attributes;
    (void)run;
    (void)arg;
    ctx_c_never("pthread_create", &said);
    errno = kept;
    return ENOSYS;
}

pthread_t pthread_self(void)
{
    return 1;
}

/* The only thread ends: so does the program. */
void pthread_exit(void *result)
{
    (void)result;
    exit(EXIT_SUCCESS);
}

int pthread_once(pthread_once_t *once, void (*run)(void))
{
    if (*once == 0) {
        *once = 1;
        run();
    }
    return 0;
}

int pthread_kill(pthread_t thread, int number)
{
    if (thread != 1) {
        return ESRCH;
    }
    return kill(getpid(), number) == 0 ? 0 : errno;
}

int pthread_sigmask(int how, const sigset_t *set, sigset_t *old)
{
    int kept = errno;
    int error = sigprocmask(how, set, old) == 0 ? 0 : errno;
    errno = kept;
    return error;
}

int pthread_setcancelstate(int state, int *old)
{
    static int now = PTHREAD_CANCEL_ENABLE;
    if (old != NULL) {
        *old = now;
    }
    now = state;
    return 0;
}

int pthread_attr_init(pthread_attr_t *attributes)
{
    *attributes = (pthread_attr_t){.stack = 65536};
    return 0;
}

int pthread_attr_setdetachstate(pthread_attr_t *attributes, int state)
{
    attributes->detached = state;
    return 0;
}

int pthread_attr_setstacksize(pthread_attr_t *attributes, size_t size)
{
    attributes->stack = size;
    return 0;
}

int pthread_attr_getstacksize(const pthread_attr_t *attributes, size_t *size)
{
    *size = attributes->stack;
    return 0;
}

/* ---- locks: nobody else ever has one ---- */

int pthread_mutexattr_init(pthread_mutexattr_t *attributes)
{
    attributes->kind = PTHREAD_MUTEX_DEFAULT;
    return 0;
}

int pthread_mutexattr_settype(pthread_mutexattr_t *attributes, int kind)
{
    attributes->kind = kind;
    return kind < 0 || kind > PTHREAD_MUTEX_ERRORCHECK ? EINVAL : 0;
}

int pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes)
{
    *mutex = (pthread_mutex_t){.kind = attributes != NULL ? attributes->kind : 0};
    return 0;
}

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    if (mutex->count > 0 && mutex->kind != PTHREAD_MUTEX_RECURSIVE) {
        return EDEADLK;
    }
    mutex->count++;
    return 0;
}

int pthread_mutex_trylock(pthread_mutex_t *mutex)
{
    int error = pthread_mutex_lock(mutex);
    return error == EDEADLK ? EBUSY : error;
}

int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
    if (mutex->count == 0) {
        return EPERM;
    }
    mutex->count--;
    return 0;
}

/* What it waits for would never happen. */
int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
    (void)condition;
    (void)mutex;
    return EDEADLK;
}

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                           const struct timespec *until)
{
    (void)condition;
    (void)mutex;
    int error = clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, until, NULL);
    return error != 0 ? error : ETIMEDOUT;
}

int pthread_rwlock_rdlock(pthread_rwlock_t *lock)
{
    if (lock->writer != 0) {
        return EDEADLK;
    }
    lock->readers++;
    return 0;
}

int pthread_rwlock_wrlock(pthread_rwlock_t *lock)
{
    if (lock->writer != 0 || lock->readers > 0) {
        return EDEADLK;
    }
    lock->writer = 1;
    return 0;
}

int pthread_rwlock_unlock(pthread_rwlock_t *lock)
{
    if (lock->writer != 0) {
        lock->writer = 0;
    } else if (lock->readers > 0) {
        lock->readers--;
    } else {
        return EPERM;
    }
    return 0;
}

int pthread_rwlock_init(pthread_rwlock_t *lock, const pthread_rwlockattr_t *attributes)
{
    (void)attributes;
    *lock = (pthread_rwlock_t){0};
    return 0;
}

/* ---- keys; their destructors would run when a thread ends ---- */

static struct {
    bool used;
    const void *value;
} keys[PTHREAD_KEYS_MAX];

int pthread_key_create(pthread_key_t *key, void (*destroy)(void *))
{
    (void)destroy;
    for (pthread_key_t i = 0; i < PTHREAD_KEYS_MAX; i++) {
        if (!keys[i].used) {
            keys[i].used = true;
            keys[i].value = NULL;
            *key = i;
            return 0;
        }
    }
    return EAGAIN;
}

int pthread_key_delete(pthread_key_t key)
{
    if (key >= PTHREAD_KEYS_MAX || !keys[key].used) {
        return EINVAL;
    }
    keys[key].used = false;
    return 0;
}

void *pthread_getspecific(pthread_key_t key)
{
    return key < PTHREAD_KEYS_MAX && keys[key].used ? (void *)(uintptr_t)keys[key].value : NULL;
}

int pthread_setspecific(pthread_key_t key, const void *value)
{
    if (key >= PTHREAD_KEYS_MAX || !keys[key].used) {
        return EINVAL;
    }
    keys[key].value = value;
    return 0;
}

/* clang-format off */
int pthread_join(pthread_t thread, void **result) { (void)result; return thread == 1 ? EDEADLK : ESRCH; }
int pthread_detach(pthread_t thread) { return thread == 1 ? 0 : ESRCH; }
int pthread_equal(pthread_t a, pthread_t b) { return a == b; }
int pthread_cancel(pthread_t thread) { (void)thread; return ESRCH; }
int pthread_atfork(void (*before)(void), void (*parent)(void), void (*child)(void)) { (void)before; (void)parent; (void)child; return 0; }
int pthread_attr_destroy(pthread_attr_t *attributes) { (void)attributes; return 0; }
int pthread_mutexattr_destroy(pthread_mutexattr_t *attributes) { (void)attributes; return 0; }
int pthread_mutex_destroy(pthread_mutex_t *mutex) { return mutex->count > 0 ? EBUSY : 0; }
int pthread_cond_init(pthread_cond_t *condition, const pthread_condattr_t *attributes) { (void)attributes; condition->unused = 0; return 0; }
int pthread_cond_destroy(pthread_cond_t *condition) { (void)condition; return 0; }
int pthread_cond_signal(pthread_cond_t *condition) { (void)condition; return 0; }
int pthread_cond_broadcast(pthread_cond_t *condition) { (void)condition; return 0; }
int pthread_rwlock_destroy(pthread_rwlock_t *lock) { (void)lock; return 0; }
/* clang-format on */
