/* SPDX-License-Identifier: MIT */
/* What is known of the other apps: their numbers, how fast they grow, and the reports of their
 * crashes. */
#ifndef SUPERVISOR_MODEL_HPP
#define SUPERVISOR_MODEL_HPP

#include <ctx/ctx.h>
#include <text.hpp>

constexpr uint64_t second = 1'000'000'000;
constexpr uint64_t refresh = second / 2;
constexpr uint32_t apps_max = 64, crashes_max = 16;

/* How an app is doing; the later, the more it deserves a look. */
enum class Mood : uint8_t {
    gone,
    stopped,
    paused,
    waiting,
    running,
    needs,
    flooding,
    overrunning,
    restarting,
    faulted
};

struct Sample {
    uint64_t at, calls, time_ns, overruns, dropped, faults;
};

struct App {
    ctx_app_info info;
    Sample past[3]; /* the newest first: now, and up to a second ago */
    uint32_t samples;
    uint64_t calls_per_second, share; /* in 1/1000 */
    uint64_t faulted_at; /* when its number of faults was last seen to grow; 0: never */
    Mood mood;
    bool seen;

    View name() const
    {
        return View::field(info.name);
    }
    bool alive() const
    {
        return mood > Mood::stopped;
    }
};

class Model
{
  public:
    void open(struct ctx *ctx);

    /* Ask the kernel how things are; at: the time, monotonic. */
    void look(uint64_t at);

    /* The last crash of an app, or the next older or newer one; nullptr: there is none. */
    const ctx_crash *last_crash(uint64_t pid) const;
    const ctx_crash *beside(const ctx_crash &crash, bool newer, bool same_app) const;
    const ctx_crash *crash_by_seq(uint64_t seq) const;
    /* Number n of those kept, the newest first. */
    const ctx_crash &crash_by_age(uint32_t n) const
    {
        return crashes[(last_seq - 1 - n) % crashes_max];
    }
    const App *find(uint64_t pid) const;

    App apps[apps_max];
    uint32_t count, of; /* rows of apps; how many apps there are */
    uint32_t crash_count;
    uint64_t now, last_seq; /* of the crashes read */
    uint64_t me;            /* the supervisor's own pid */
    uint64_t faults, restarts, overruns;
    uint64_t trusted;           /* how often an app began whose code is not verified */
    bool knows_trusted;         /* else it was not granted to ask */
    const ctx_control *control; /* nullptr: this kernel has none */
    bool may_act;

  private:
    void take(const ctx_app_info &info);

    const ctx_apps *list;
    const ctx_system *system;
    ctx_app_info infos[apps_max];
    ctx_crash incoming;             /* an answer that fails must not destroy an old one */
    ctx_crash crashes[crashes_max]; /* number seq lies at (seq - 1) % crashes_max */
};

/* What to call a state, and a policy. */
View mood_name(Mood mood);
View policy_name(uint32_t policy);

#endif
