/* SPDX-License-Identifier: MIT */
/* Keyboard, mouse, tablet: see virtio_input.h. Numbers in brackets are sections of virtio 1.2. */
#include "virtio_input.h"
#include "virtio_driver.h"

#include <kernel/dma.h>
#include <kernel/input.h>
#include <kernel/klog.h>
#include <kernel/string.h>

#define ROOM       "virtio-input"
#define INPUTS_MAX 8u
#define EVENTQ     0u /* [5.8.2]; the status queue (LEDs) is left alone */

/* Relative motion beyond this between two SYNs is cut: no screen is wider. */
#define REL_LIMIT 16384

/* ---- what the device is [5.8.5] ---- */

/*
 * Ask for one piece of configuration; *size is how many bytes of it there are, at most
 * VIRTIO_INPUT_CFG_DATA_MAX. False: none.
 */
static bool select_config(struct virtio_input *input, uint32_t select, uint32_t subsel,
                          uint32_t *size)
{
    struct virtio_device *dev = input->dev;
    uint8_t answer = 0;
    *size = 0;
    if (!dev->transport->config_write(dev, VIRTIO_INPUT_CFG_SELECT, 1, select) ||
        !dev->transport->config_write(dev, VIRTIO_INPUT_CFG_SUBSEL, 1, subsel) ||
        !virtio_config_read(dev, VIRTIO_INPUT_CFG_SIZE, 1, 1, &answer)) {
        return false;
    }
    if (answer > VIRTIO_INPUT_CFG_DATA_MAX) {
        log_warn(ROOM, "bad configuration select=0x%x subsel=%u size=%u at=%s", select, subsel,
                 answer, dev->at);
        return false;
    }
    *size = answer;
    return answer > 0;
}

static void read_name(struct virtio_input *input)
{
    uint32_t size;
    memset(input->name, 0, sizeof(input->name));
    if (!select_config(input, VIRTIO_INPUT_CFG_ID_NAME, 0, &size)) {
        return;
    }
    size = MIN(size, (uint32_t)sizeof(input->name) - 1);
    if (!virtio_config_read(input->dev, VIRTIO_INPUT_CFG_DATA, 1, size, input->name)) {
        size = 0;
    }
    input->name[size] = '\0';
    for (uint32_t i = 0; i < size && input->name[i] != '\0'; i++) {
        if (input->name[i] < ' ' || input->name[i] > '~' || input->name[i] == '"') {
            input->name[i] = '?'; /* it goes into a log line */
        }
    }
}

/* Whether the device has any event of this type: then there is a bitmap of its codes. */
static bool has_type(struct virtio_input *input, uint32_t type)
{
    uint32_t size;
    return select_config(input, VIRTIO_INPUT_CFG_EV_BITS, type, &size);
}

static void read_axis(struct virtio_input *input, uint32_t axis)
{
    int32_t range[2];
    uint32_t size;
    input->abs[axis] = (struct input_axis){0};
    if (select_config(input, VIRTIO_INPUT_CFG_ABS_INFO, axis, &size) &&
        size >= VIRTIO_INPUT_ABS_INFO_SIZE &&
        virtio_config_read(input->dev, VIRTIO_INPUT_CFG_DATA, 4, 2, range) && range[1] > range[0]) {
        input->abs[axis] = (struct input_axis){.min = range[0], .max = range[1], .value = range[0]};
    }
}

static bool has_abs(const struct virtio_input *input)
{
    return input->abs[AXIS_X].max > input->abs[AXIS_X].min &&
           input->abs[AXIS_Y].max > input->abs[AXIS_Y].min;
}

static void identify(struct virtio_input *input)
{
    read_name(input);
    input->has_keys = has_type(input, EV_KEY);
    input->has_rel = has_type(input, EV_REL);
    read_axis(input, AXIS_X);
    read_axis(input, AXIS_Y);
    const char *kind = has_abs(input)    ? "tablet"
                       : input->has_rel  ? "mouse"
                       : input->has_keys ? "keyboard"
                                         : "unknown";
    log_info(ROOM, "%s name=\"%s\" irq=%s queue=%u at=%s", kind, input->name,
             input->dev->polled ? "polled" : "msix", input->eventq.size, input->dev->at);
}

/* ---- events ---- */

static void note_key(struct virtio_input *input, uint32_t code, uint32_t value)
{
    if (code < KEY_MAX) {
        uint8_t bit = (uint8_t)(1u << (code & 7u));
        input->down[code / 8] = (uint8_t)(value != INPUT_KEY_UP ? input->down[code / 8] | bit
                                                                : input->down[code / 8] & ~bit);
    }
    input_key(code, value);
}

static void release_keys(struct virtio_input *input)
{
    for (uint32_t code = 0; code < KEY_MAX; code++) {
        if ((input->down[code / 8] & (1u << (code & 7u))) != 0) {
            note_key(input, code, INPUT_KEY_UP);
        }
    }
}

static void add_motion(struct virtio_input *input, uint32_t axis, int32_t by)
{
    int64_t sum = (int64_t)input->rel[axis] + by;
    input->rel[axis] = (int32_t)MAX(-REL_LIMIT, MIN(sum, REL_LIMIT));
    input->rel_changed = true;
}

static void set_position(struct virtio_input *input, uint32_t axis, int32_t value)
{
    struct input_axis *abs = &input->abs[axis];
    abs->value = MAX(abs->min, MIN(value, abs->max));
    input->abs_changed = true;
}

static void sync(struct virtio_input *input)
{
    if (input->rel_changed) {
        input_pointer_move(input->rel[AXIS_X], input->rel[AXIS_Y]);
    }
    if (input->abs_changed && has_abs(input)) {
        const struct input_axis *x = &input->abs[AXIS_X];
        const struct input_axis *y = &input->abs[AXIS_Y];
        /* Unsigned differences: a range may span all 32 bits. */
        input_pointer_set(
            (uint32_t)x->value - (uint32_t)x->min, (uint32_t)x->max - (uint32_t)x->min,
            (uint32_t)y->value - (uint32_t)y->min, (uint32_t)y->max - (uint32_t)y->min);
    }
    input->rel[AXIS_X] = 0;
    input->rel[AXIS_Y] = 0;
    input->rel_changed = false;
    input->abs_changed = false;
}

/* False: there is no room for this event yet. */
static bool take_event(struct virtio_input *input, const struct virtio_input_event *event)
{
    bool axis = event->code == AXIS_X || event->code == AXIS_Y;
    if (event->type == EV_KEY) {
        if (input_room() == 0) {
            return false;
        }
        note_key(input, event->code, event->value);
    } else if (event->type == EV_REL && axis) {
        add_motion(input, event->code, (int32_t)event->value);
    } else if (event->type == EV_REL && (event->code == REL_WHEEL || event->code == REL_HWHEEL)) {
        int32_t steps = MAX(-REL_LIMIT, MIN((int32_t)event->value, REL_LIMIT));
        input_wheel(event->code == REL_HWHEEL ? steps : 0, event->code == REL_WHEEL ? steps : 0);
    } else if (event->type == EV_ABS && axis) {
        set_position(input, event->code, (int32_t)event->value);
    } else if (event->type == EV_SYN && event->code == 0) { /* SYN_REPORT */
        sync(input);
    }
    return true;
}

_Static_assert(VIRTQ_SIZE_MAX == 64, "post_all() keeps buffers as bits of a word");

/*
 * Give a buffer to the device. There is a descriptor for each, so this fails only on a broken
 * queue.
 */
static void post(struct virtio_input *input, struct virtio_input_event *buffer)
{
    paddr_t paddr = input->events_paddr + (paddr_t)(buffer - input->events) * sizeof(*buffer);
    struct virtq_segment segment = {paddr, sizeof(*buffer)};
    (void)virtq_add(&input->eventq, &segment, 0, 1, buffer);
}

/* Post the buffers whose bits are set, in one go. */
static void post_all(struct virtio_input *input, uint64_t back)
{
    for (uint32_t i = 0; i < VIRTQ_SIZE_MAX; i++) {
        if ((back & (1ull << i)) != 0) {
            post(input, &input->events[i]);
        }
    }
    virtio_kick(input->dev, &input->eventq);
}

/*
 * Take what the device sent, at most one ring full, until a key has to wait, and post the buffers
 * again. Not before the end: a buffer that comes twice in one batch is then still known as not in
 * flight. True: the limit was reached, there may be more.
 */
static bool take_events(struct virtio_input *input)
{
    uint64_t back = 0;
    uint32_t taken = 0;
    struct virtq_chain chain;
    if (input->holding) {
        input->holding = !take_event(input, &input->held);
    }
    while (!input->holding && taken < input->eventq.size && virtq_get(&input->eventq, &chain)) {
        const struct virtio_input_event *buffer = chain.cookie;
        taken++;
        back |= 1ull << (buffer - input->events);
        if (chain.len >= sizeof(*buffer)) {
            input->held = *buffer; /* a copy: what is checked stays as it is */
            input->holding = !take_event(input, &input->held);
        } else if (!input->short_seen) {
            input->short_seen = true;
            log_warn(ROOM, "short event len=%u at=%s (no more of these are logged)", chain.len,
                     input->dev->at);
        }
    }
    post_all(input, back);
    virtq_arm(&input->eventq);
    return taken == input->eventq.size;
}

/* ---- the task ---- */

static bool input_open(struct virtio_input *input)
{
    struct virtio_device *dev = input->dev;
    uint64_t known = VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX;
    input->holding = false;
    input->rel_changed = false;
    input->abs_changed = false;
    if (virtio_reset_end(dev) != CTX_OK || virtio_negotiate(dev, known) != CTX_OK ||
        virtio_queue_start(dev, &input->eventq, EVENTQ, 1) != CTX_OK) {
        return false;
    }
    if (input->events == NULL) {
        input->events = dma_alloc(VIRTQ_SIZE_MAX * sizeof(*input->events), &input->events_paddr);
        if (input->events == NULL) {
            log_error(ROOM, "no memory for events at=%s", dev->at);
            return false;
        }
    }
    identify(input);
    virtio_driver_ok(dev); /* before the first notification [3.1.1] */
    post_all(input, UINT64_MAX >> (VIRTQ_SIZE_MAX - input->eventq.size));
    virtq_arm(&input->eventq);
    return true;
}

/* Whether there is something to do; a key that waits for room hides what is behind it. */
static bool input_has_news(struct virtio_input *input)
{
    if (input->holding ? input_room() > 0 : virtq_has_news(&input->eventq)) {
        return true;
    }
    return virtio_in_trouble(input->dev) ||
           (!input->holding && virtq_has_news(&input->eventq)); /* again: virtio_in_trouble() */
}

static void input_run(struct task *task)
{
    struct virtio_input *input = container_of(task, struct virtio_input, task);
    TASK_BEGIN(task);
start:
    virtio_reset_begin(input->dev);
    while (virtio_reset_pending(input->dev)) {
        TASK_AWAIT_FOR(task, false, NSEC_PER_MSEC);
    }
    if (!input_open(input)) {
        virtio_give_up(input->dev, "it could not be started");
        TASK_EXIT(task);
    }
    for (;;) {
        if (input->holding || input->dev->polled) {
            TASK_AWAIT_FOR(task, input_has_news(input), INPUT_POLL_NS);
        } else {
            TASK_AWAIT(task, input_has_news(input));
        }
        if (take_events(input)) {
            task_wake(task); /* go on in the next turn: a device must not keep the loop to itself */
            TASK_AWAIT(task, virtio_paused(input->dev));
        }
        if (input->eventq.broken || virtio_in_trouble(input->dev)) {
            release_keys(input);
            if (!virtio_recover(input->dev, input->eventq.broken ? "the queue is broken"
                                                                 : "the device asks for a reset")) {
                break;
            }
            goto start;
        }
    }
    virtio_give_up(input->dev, "a reset did not help");
    TASK_END(task);
}

void virtio_input_start(struct virtio_input *input, struct virtio_device *dev)
{
    input->dev = dev;
    dev->task = &input->task;
    task_start(&input->task, ROOM, input_run);
}

static void start(struct virtio_device *dev, uint32_t no)
{
    static struct virtio_input inputs[INPUTS_MAX]; /* [loop] */
    virtio_input_start(&inputs[no], dev);
}

const struct virtio_driver virtio_input_driver = {
    .name = ROOM, .type = 18, .most = INPUTS_MAX, .start = start};
