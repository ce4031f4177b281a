/* SPDX-License-Identifier: MIT */
/* What is known of the other apps: their numbers, how fast they grow, and the reports of their
 * crashes. */
#ifndef SUPERVISOR_MODEL_HPP
#define SUPERVISOR_MODEL_HPP

#include <ctx/ctx.h>
#include <text.hpp>

constexpr uint64_t second = 1'000'000'000;
constexpr uint64_t refresh = second / 2;
constexpr uint32_t apps_max = 64, crashes_max = 16, services_max = 64;

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

/* What an app offers to others. */
struct Service {
    ctx_service_info info;
    uint64_t seq; /* the same as long as it is there; from 1 */
    uint64_t calls, time_ns, at; /* a refresh ago */
    uint64_t calls_per_second, share; /* in 1/1000, as ticks sampled it */
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
    const Service *service_by_seq(uint64_t seq) const;

    App apps[apps_max];
    uint32_t count, of; /* rows of apps; how many apps there are */
    uint32_t crash_count;
    Service services[services_max]; /* in the order in which they began */
    uint32_t service_count, services_of; /* rows; how many there are */
    uint64_t now, last_seq; /* of the crashes read */
    uint64_t me;            /* the supervisor's own pid */
    uint64_t faults, restarts, overruns;
    uint64_t trusted;           /* apps that run and whose code is not verified, of those listed */
    bool was_trusted;           /* since boot there was such a one: nothing is isolated from it */
    bool knows_trusted;         /* else it was not granted to ask */
    const ctx_control *control; /* nullptr: this kernel has none */
    bool may_act;
    const ctx_service *offered; /* nullptr: this kernel has none */

  private:
    void take(const ctx_app_info &info);
    void look_at_services();
    Service service_of(const ctx_service_info &info);

    const ctx_apps *list;
    const ctx_system *system;
    ctx_app_info infos[apps_max];
    ctx_service_info service_infos[services_max];
    Service were[services_max]; /* as they were at the last look */
    uint32_t were_count;
    uint64_t service_seqs;
    ctx_crash incoming;             /* an answer that fails must not destroy an old one */
    ctx_crash crashes[crashes_max]; /* number seq lies at (seq - 1) % crashes_max */
};

/* What to call a state, and a policy. */
View mood_name(Mood mood);
View policy_name(uint32_t policy);

#endif
