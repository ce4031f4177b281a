/* SPDX-License-Identifier: MIT */
#include "model.hpp"

namespace
{

constexpr uint64_t alarm = 3 * second; /* how long a fault catches the eye */

template <typename Table> const Table *open_table(struct ctx *ctx, View id)
{
    const ctx_table *table = nullptr;
    ctx->iface->open(ctx->iface, id.bytes, id.len, sizeof(Table), &table);
    return reinterpret_cast<const Table *>(table);
}

Mood mood_of(const App &app, uint64_t now)
{
    const Sample &newest = app.past[0], &older = app.past[app.samples > 1 ? 1 : 0];
    bool alarmed = app.faulted_at != 0 && now - app.faulted_at < alarm;
    switch (app.info.state) {
    case CTX_APP_STOPPED:
        return Mood::stopped;
    case CTX_APP_EXITED:
        return Mood::gone;
    case CTX_APP_PAUSED:
        return Mood::paused;
    case CTX_APP_RESTARTING:
        return Mood::restarting;
    case CTX_APP_NEEDS:
        return Mood::needs;
    default:
        return alarmed                             ? Mood::faulted
               : newest.overruns > older.overruns  ? Mood::overrunning
               : newest.dropped > older.dropped    ? Mood::flooding
               : app.info.state == CTX_APP_WAITING ? Mood::waiting
                                                   : Mood::running;
    }
}

} // namespace

View mood_name(Mood mood)
{
    switch (mood) {
    case Mood::gone:
        return "exited";
    case Mood::stopped:
        return "stopped";
    case Mood::paused:
        return "paused";
    case Mood::waiting:
        return "waiting";
    case Mood::needs:
        return "needs";
    case Mood::running:
        return "running";
    case Mood::flooding:
        return "flooding";
    case Mood::overrunning:
        return "overrunning";
    case Mood::restarting:
        return "restarting";
    case Mood::faulted:
        return "faulted";
    }
    return "?";
}

View policy_name(uint32_t policy)
{
    switch (policy) {
    case CTX_RESTART_NEVER:
        return "never";
    case CTX_RESTART_ON_FAULT:
        return "on a fault";
    case CTX_RESTART_ALWAYS:
        return "always";
    case CTX_RESTART_UNDO:
        return "on a fault (undo)";
    case CTX_RESTART_ASK:
        return "asks after a fault";
    default:
        return "?";
    }
}

void Model::open(struct ctx *ctx)
{
    me = ctx->pid;
    list = open_table<ctx_apps>(ctx, CTX_ID_APPS);
    control = open_table<ctx_control>(ctx, CTX_ID_CONTROL);
    system = open_table<ctx_system>(ctx, CTX_ID_SYSTEM);
    offered = open_table<ctx_service>(ctx, CTX_ID_SERVICE);
    may_act = control != nullptr && (control->t.flags & CTX_TBL_GRANTED) != 0;
}

const App *Model::find(uint64_t pid) const
{
    for (uint32_t i = 0; i < count; i++) {
        if (apps[i].info.pid == pid) {
            return &apps[i];
        }
    }
    return nullptr;
}

void Model::take(const ctx_app_info &info)
{
    App *app = const_cast<App *>(find(info.pid));
    if (app == nullptr || !(app->name() == View::field(info.name))) {
        if (app == nullptr && count == apps_max) {
            return;
        }
        app = app != nullptr ? app : &apps[count++];
        *app = {};
    }
    const Sample newest = {now,           info.calls,       info.time_ns,
                           info.overruns, info.log_dropped, info.faults};
    /* Numbers that have shrunk belong to somebody else's past. */
    if (app->samples > 0 &&
        (info.calls < app->past[0].calls || info.time_ns < app->past[0].time_ns)) {
        app->samples = 0;
    }
    bool first = app->samples == 0;
    if (info.faults > (first ? 0 : app->past[0].faults)) {
        app->faulted_at = now;
    }
    for (uint32_t i = 2; i > 0; i--) {
        app->past[i] = app->past[i - 1];
    }
    app->past[0] = newest;
    app->samples += app->samples < 3;
    app->info = info;
    app->seen = true;

    const Sample &oldest = app->past[app->samples - 1];
    uint64_t span = now - oldest.at;
    app->calls_per_second =
        span == 0 ? 0 : ((newest.calls - oldest.calls) * second + span / 2) / span;
    app->share = span == 0 ? 0 : (newest.time_ns - oldest.time_ns) * 1000 / span;
    app->share = app->share < 1000 ? app->share : 1000;
    app->mood = mood_of(*app, now);
}

/* The row of a service: a new one, or one that was there at the last look. */
Service Model::service_of(const ctx_service_info &info)
{
    Service service = {};
    for (uint32_t i = 0; i < were_count; i++) {
        const Service &was = were[i];
        if (was.info.provider != info.provider ||
            !(View::field(was.info.id) == View::field(info.id))) {
            continue;
        }
        service = was;
        /* A provider that began anew counts from 0 on. */
        uint64_t span = now - was.at;
        bool grew = info.calls >= was.calls && info.time_ns >= was.time_ns && span > 0;
        service.calls_per_second =
            grew ? ((info.calls - was.calls) * second + span / 2) / span : 0;
        service.share = grew ? (info.time_ns - was.time_ns) * 1000 / span : 0;
        service.share = service.share < 1000 ? service.share : 1000;
    }
    service.seq = service.seq != 0 ? service.seq : ++service_seqs;
    service.info = info;
    service.calls = info.calls;
    service.time_ns = info.time_ns;
    service.at = now;
    return service;
}

void Model::look_at_services()
{
    uint32_t all = 0;
    if (offered == nullptr || offered->list(offered, service_infos, sizeof service_infos,
                                            sizeof service_infos[0], &all) != CTX_OK) {
        return;
    }
    were_count = service_count;
    for (uint32_t i = 0; i < were_count; i++) {
        were[i] = services[i];
    }
    services_of = all;
    service_count = all < services_max ? all : services_max;
    for (uint32_t i = 0; i < service_count; i++) {
        services[i] = service_of(service_infos[i]);
    }
}

/* Its code can run, now or when it is woken. */
static bool runs(uint32_t state)
{
    return state != CTX_APP_STOPPED && state != CTX_APP_EXITED && state != CTX_APP_NEEDS;
}

void Model::look(uint64_t at)
{
    now = at;
    look_at_services();
    uint32_t all = 0;
    if (list == nullptr || list->list(list, infos, sizeof infos, sizeof infos[0], &all) != CTX_OK) {
        return;
    }
    of = all;
    for (uint32_t i = 0; i < count; i++) {
        apps[i].seen = false;
    }
    faults = restarts = overruns = 0;
    trusted = 0;
    for (uint32_t i = 0; i < all && i < apps_max; i++) {
        take(infos[i]);
        faults += infos[i].faults;
        restarts += infos[i].restarts;
        overruns += infos[i].overruns;
        trusted += infos[i].isolated == 0 && runs(infos[i].state);
    }
    ctx_system_info machine = {};
    machine.size = sizeof machine;
    knows_trusted = system != nullptr && system->info(system, &machine) == CTX_OK;
    was_trusted = machine.trusted != 0;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) { /* those that have gone leave no hole */
        if (apps[i].seen) {
            if (kept != i) {
                apps[kept] = apps[i];
            }
            kept++;
        }
    }
    count = kept;
    for (incoming.size = sizeof incoming;
         may_act && control->crash(control, last_seq + 1, &incoming) == CTX_OK;
         last_seq = incoming.seq) {
        bool gap =
            incoming.seq != last_seq + 1; /* then those before it are not to be had any more */
        crash_count = gap ? 1 : crash_count + (crash_count < crashes_max);
        crashes[(incoming.seq - 1) % crashes_max] = incoming;
    }
}

const Service *Model::service_by_seq(uint64_t seq) const
{
    for (uint32_t i = 0; i < service_count; i++) {
        if (services[i].seq == seq) {
            return &services[i];
        }
    }
    return nullptr;
}

const ctx_crash *Model::crash_by_seq(uint64_t seq) const
{
    for (uint32_t i = 0; i < crash_count; i++) {
        if (crash_by_age(i).seq == seq) {
            return &crash_by_age(i);
        }
    }
    return nullptr;
}

const ctx_crash *Model::last_crash(uint64_t pid) const
{
    for (uint32_t i = 0; i < crash_count; i++) {
        if (crash_by_age(i).pid == pid) {
            return &crash_by_age(i);
        }
    }
    return nullptr;
}

const ctx_crash *Model::beside(const ctx_crash &crash, bool newer, bool same_app) const
{
    const ctx_crash *found = nullptr;
    for (uint32_t i = 0; i < crash_count; i++) {
        const ctx_crash &c = crash_by_age(i);
        bool fits = newer ? c.seq > crash.seq : c.seq < crash.seq;
        if (fits && (!same_app || c.pid == crash.pid)) {
            found = &c;
            if (!newer) {
                return found; /* the first that is older; of the newer ones the last */
            }
        }
    }
    return found;
}
