/* SPDX-License-Identifier: MIT */
#ifndef TRACER_TRACER_HPP
#define TRACER_TRACER_HPP

#include "record.hpp"

#include <hold.h>
#include <panel.hpp>

enum class Page : uint8_t { functions, calls };

/* What keys and clicks ask for. */
enum Action : uint32_t {
    act_none,
    act_pause,
    act_reset,
    act_sort,
    act_sort_by, /* its argument: which */
    act_filter,
    act_page,
    act_functions,
    act_calls,
};

class Tracer
{
  public:
    bool open(struct ctx *ctx);
    int32_t call(struct ctx *ctx);
    void serve(struct ctx *ctx, ctx_host_call *call);

  private:
    bool read_words(struct ctx *ctx);
    void look(struct ctx *ctx, uint64_t now);
    void input(const Input &in);
    void type(const Input &in);
    void act(uint32_t action, uint64_t arg);
    void say_totals(struct ctx *ctx);
    void say_call(struct ctx *ctx, const Call &call);

    /* face.cpp */
    void draw(struct ctx *ctx);
    void draw_functions(Rect r);
    void draw_row(const Row &row, Rect r, uint64_t most);
    void draw_calls(Rect r);
    void draw_head(Rect r, View what, int32_t right, Sort by);
    void draw_nothing(Rect r);
    void draw_foot();
    Line state_of() const;

    View filter() const
    {
        return {words, words_len};
    }

    hold target;
    Panel panel;
    Record record;
    Page page;
    Sort sort;
    bool paused, logs, totals;
    bool typing;       /* the filter is being typed; typed[] */
    bool typed_wrong;  /* and means nothing so far */
    uint32_t words_len, typed_len;
    uint32_t first;       /* row that is seen */
    uint64_t unseen;      /* calls that went by while we had no time for them */
    uint64_t left_out;    /* while it was paused */
    uint64_t next_draw, next_totals;
    char words[120], typed[120];
};

#endif
