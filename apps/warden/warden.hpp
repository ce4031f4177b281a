/* SPDX-License-Identifier: MIT */
#ifndef WARDEN_WARDEN_HPP
#define WARDEN_WARDEN_HPP

#include "policy.h"

#include <hold.h>
#include <panel.hpp>

constexpr uint64_t second = 1'000'000'000;
constexpr uint32_t kept_max = 64, text_bytes = 112;

/* A call that was refused. */
struct Refusal {
    uint64_t number, at_ns; /* from 1 */
    const policy_line *by;  /* nullptr: the policy is wrong, so everything is */
    char text[text_bytes];
    uint32_t len;
};

/* The one that `file=` names. */
struct File {
    enum State : uint32_t { none, comes, over } state;
    const ctx_files *files; /* nullptr: not opened */
    bool opened;
    bool rested; /* over, and the app goes on */
    bool asked;
    uint32_t handle;
    char path[256]; /* ends in NUL: lines name it as their source */
    uint32_t path_len;
    char *bytes;
    uint32_t have;
    uint64_t since_ns; /* when it was asked for first */
};

enum Action : uint32_t { act_none, act_reset, act_log };

class Warden
{
  public:
    bool open(struct ctx *ctx);
    int32_t call(struct ctx *ctx);
    void serve(struct ctx *ctx, ctx_host_call *call);

  private:
    bool read_words(struct ctx *ctx);
    bool read_policy(View name, struct ctx *ctx);
    void read_rules(View source, uint32_t first_line, View text, struct ctx *ctx);
    void refuse_all(const char *source, uint32_t at, const char *reason, struct ctx *ctx);
    void refuse(struct ctx *ctx, ctx_host_call *call, const policy_line *by, uint64_t now);
    void input(const Input &in);
    void say_counts(struct ctx *ctx, uint64_t now);

    /* file.cpp */
    bool name_file(View path);
    void read_file(struct ctx *ctx, uint64_t now);
    ctx_status open_file(struct ctx *ctx);
    ctx_status read_bytes(struct ctx *ctx);
    void let_rest();

    /* face.cpp */
    void draw(struct ctx *ctx);
    int32_t draw_lines(Rect r);
    void draw_refusals(Rect r, uint64_t now);
    Line state_of() const;

    hold target;
    Panel panel;
    struct policy policy;
    File file;
    policy_error error; /* wrong: what is */
    bool wrong;
    uint32_t rules;     /* words rule= so far */
    uint64_t done, refused, rested;
    uint64_t said[POLICY_LINES]; /* hits that the log knows of */
    uint64_t next_draw, next_say;
    uint32_t first;
    Refusal kept[kept_max];
};

/* "deny log.write DENIED", for faces and logs. */
Line text_of(const policy_line &line);

#endif
