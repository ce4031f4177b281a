/* SPDX-License-Identifier: MIT */
/* made by libctx/abi/generate.py from context.toml; change that. */
/*
 * <ctx/tables.h> - the tables of version 3. Frozen: what stands here stays, and more may follow
 * at the ends. Every function's first argument is the table it was called through; everything may
 * be called only inside _start of that instance. Statuses are in <ctx/status.h>.
 */
#ifndef CTX_TABLES_H
#define CTX_TABLES_H

#include <ctx/base.h>
#include <ctx/status.h>

#define CTX_DRAFT_SERIAL 0

/* Flags of service_info. CURRENT: whoever opens the id now gets this one. NEEDS_GRANT: only with
 * use=ID. */
#define CTX_SERVICE_CURRENT 1
#define CTX_SERVICE_NEEDS_GRANT 2

/* Kinds of news. GONE: the consumer has ended, began anew, or was put back to an earlier state.
 * UNDONE: one of its calls was undone; what it asked for in that call stays, unless the provider
 * takes it back. CANCELED: it does not want that request's result any more. LOST: there was more
 * than could be kept; callers() tells who is still there. */
#define CTX_NEWS_GONE 1
#define CTX_NEWS_UNDONE 2
#define CTX_NEWS_CANCELED 3
#define CTX_NEWS_LOST 4

/* How a consumer has gone. NOT: it goes on, from its beginning or from an earlier state. EXIT: it
 * has ended. STOP: it was stopped, by a fault, by its policy or by somebody. */
#define CTX_ENDED_NOT 0
#define CTX_ENDED_EXIT 1
#define CTX_ENDED_STOP 2

/* Flags of image_place. ON_DISK: they survive the machine's end; else they are in memory. */
#define CTX_IMAGES_ON_DISK 1
#define CTX_IMAGES_READ_ONLY 2

/* Kinds of events. 1 << kind is the kind's bit in a wait mask. READY, DONE, INTERFACE and NEWS
 * are hints: several of one kind are one event, and what it is about is asked of ctx.service/1.
 * READY: a provider that was BUSY is not any more. DONE: a request has ended. INTERFACE: an
 * interface appeared, or went; only for those who have opened ctx.service/1. NEWS: a provider has
 * some. SHARE is only for waiting, and never read: such a wait ends when a share is there to be
 * taken, one was taken back, another app let go of one, this instance was restored, or somebody
 * called wake (ctx.share/1). FOCUS, LEAVE, CLOSE and RESIZE of a surface come when an app manages
 * windows (ctx.windows/1). FOCUS: keys go to this surface from now on. LEAVE: they do not any
 * more (code 0), or the pointer has left it (code 1); keys and buttons that were held have come
 * as ups before that. CLOSE: the user asked that this surface be closed. RESIZE: it is to have
 * this size, which its app brings about, or not; of surface 0: the screen has it. WINDOWS is a
 * hint for who manages windows: surfaces came, went or asked for something, or an app crashed.
 * PRESSED is for the same one: a button went down over the surface of another app, which hears of
 * it too. EXPOSE: this part of a surface that is REDRAWN (CTX_SURFACE_*) is wanted: its pixels
 * were not kept, and may be anything. It is never lost, and several of one surface are one that
 * has the parts of all. Today that is all of it each time, as none of its pixels are kept; a
 * later system may want a part. PAD_BUTTON, PAD_AXIS and TOUCH are numbers for later, and may be
 * waited for; no kernel sends them yet. SCALE: what display_info says of the scale (value), or of
 * the looks, has changed; an app with a surface that is SCALED and that comes back from an image
 * hears it if they are others than they were. PAD_BUTTON, PAD_AXIS: of a game pad. TOUCH: a
 * contact of a touch screen. BLOCK is a hint, for those who have used ctx.block/1: a request has
 * ended, or a disk came, went, or is another size. NIC likewise, for ctx.nic/1: frames came, a
 * ring has room where kick was told to say so, a link came or went, or a card did. SAVING is a
 * hint, for those who have joined (ctx.saving/1): an image that is about to be kept waits for
 * them. CALENDAR: somebody has set the calendar or the zone (ctx.calendar/1). */
#define CTX_EVENT_KEY 1
#define CTX_EVENT_POINTER 2
#define CTX_EVENT_WHEEL 3
#define CTX_EVENT_TEXT 4
#define CTX_EVENT_RESIZE 5
#define CTX_EVENT_RESTORED 6
#define CTX_EVENT_SHARE 7
#define CTX_EVENT_READY 8
#define CTX_EVENT_DONE 9
#define CTX_EVENT_INTERFACE 10
#define CTX_EVENT_NEWS 11
#define CTX_EVENT_FOCUS 12
#define CTX_EVENT_LEAVE 13
#define CTX_EVENT_CLOSE 14
#define CTX_EVENT_EXPOSE 15
#define CTX_EVENT_SCALE 16
#define CTX_EVENT_PAD_BUTTON 17
#define CTX_EVENT_PAD_AXIS 18
#define CTX_EVENT_TOUCH 19
#define CTX_EVENT_WINDOWS 20
#define CTX_EVENT_PRESSED 21
#define CTX_EVENT_BLOCK 22
#define CTX_EVENT_NIC 23
#define CTX_EVENT_SAVING 24
#define CTX_EVENT_CALENDAR 25

/* Bits of event.modifiers. SHIFT, CTRL, ALT, META, ALTGR: one of those keys is held; ALT is the
 * left one, ALTGR the right one. CAPS, NUM: that lock is on. */
#define CTX_MOD_SHIFT 1
#define CTX_MOD_CTRL 2
#define CTX_MOD_ALT 4
#define CTX_MOD_META 8
#define CTX_MOD_CAPS 16
#define CTX_MOD_ALTGR 32
#define CTX_MOD_NUM 64

/* Flags of an event. */
#define CTX_EVENT_LOST 1
#define CTX_EVENT_SERIAL 2

/* What is different since the instance was saved, in a RESTORED event. Only an app whose note has
 * the flag CTX_NOTE_TELL_RESTORED gets that event: others need not know. */
#define CTX_RESTORED_SCREEN 1
#define CTX_RESTORED_DEVICES 2
#define CTX_RESTORED_SYSTEM 4

/* Flags of alloc. GUARD_LOW: the page below the memory is never mapped, so that a stack that
 * grows into it faults. */
#define CTX_MEM_ZERO 1
#define CTX_MEM_GUARD_LOW 2

/* Formats of a surface: RGBX ignores the fourth byte, RGBA takes it as opacity (colours not
 * multiplied by it). */
#define CTX_SURFACE_RGBX 1
#define CTX_SURFACE_RGBA 2

/* Flags of a surface. POINTER: it follows the pointer, its middle is where that is, and lies
 * above all surfaces without that flag; at most 128 pixels wide and high, and with no other flag.
 * The others but REDRAWN are for whoever manages windows; without one they are kept, told, and
 * change nothing. FIXED: people cannot change its size. FULL: it wants the whole screen. INTEGER,
 * SMOOTH (one of them): how it is scaled when it is shown in another size, by whole numbers or
 * smoothly; without either as the manager likes. The kernel draws it so: pixel by pixel, or
 * SMOOTH, each from its four neighbours (enlarged) or as the average of what it covers (made
 * smaller). HIDDEN: no pointer is shown over it. RELATIVE: while it has the focus the pointer
 * stays where it is, and POINTER events only have dx and dy. REDRAWN: its app draws it anew
 * whenever EXPOSE says so. Then its pixels are in no image and are not put back when a call is
 * undone: images are smaller, and such calls begin sooner; after either EXPOSE comes. A kernel
 * that does not know it says INVAL: create without, then ask_flags. SCALED: its app draws as
 * large as display_info.scale says, so nobody need enlarge it for that. */
#define CTX_SURFACE_POINTER 1
#define CTX_SURFACE_FIXED 2
#define CTX_SURFACE_FULL 4
#define CTX_SURFACE_INTEGER 8
#define CTX_SURFACE_SMOOTH 16
#define CTX_SURFACE_HIDDEN 32
#define CTX_SURFACE_RELATIVE 64
#define CTX_SURFACE_REDRAWN 128
#define CTX_SURFACE_SCALED 256

/* How whoever manages windows likes a surface in another size than it has, of ctx.windows/1:
 * PIXELS, each of the screen's is one of its; SMOOTH, as CTX_SURFACE_SMOOTH. The flags INTEGER
 * and SMOOTH of the surface itself go before. */
#define CTX_FILTER_PIXELS 0
#define CTX_FILTER_SMOOTH 1

/* How it is with the screen. MANAGED: somebody manages windows (ctx.windows/1), so an app's
 * surface gets a frame and a place from there. CONTRAST: people want high contrast, black and
 * white and one strong colour. */
#define CTX_DISPLAY_MANAGED 1
#define CTX_DISPLAY_CONTRAST 2

/* What an app has asked for with a surface. */
#define CTX_ASKED_POSITION 1

/* How it is with a surface, for ctx.windows/1. HIDDEN: it is not shown. PLACED: whoever manages
 * windows has said where it lies. FOCUS: keys go to it. CANVAS: it is no surface, but what all
 * apps of versions 1 and 2 share; DRAWN: some app may draw on that. */
#define CTX_WINDOW_HIDDEN 1
#define CTX_WINDOW_PLACED 2
#define CTX_WINDOW_FOCUS 4
#define CTX_WINDOW_CANVAS 8
#define CTX_WINDOW_DRAWN 16

/* MIRRORS: so many small pictures there may be at a time. */
#define CTX_WINDOW_MIRRORS 64

/* What the pointer is to look like over a surface. */
#define CTX_CURSOR_ARROW 0
#define CTX_CURSOR_TEXT 1
#define CTX_CURSOR_HAND 2
#define CTX_CURSOR_CROSS 3
#define CTX_CURSOR_WAIT 4
#define CTX_CURSOR_MOVE 5
#define CTX_CURSOR_SIZE_WE 6
#define CTX_CURSOR_SIZE_NS 7
#define CTX_CURSOR_SIZE_NWSE 8
#define CTX_CURSOR_SIZE_NESW 9
#define CTX_CURSOR_FORBIDDEN 10

/* Rights to a share. Never without READ, and nothing in a share is ever executed. */
#define CTX_SHARE_READ 1
#define CTX_SHARE_WRITE 2

/* Flags of create. ZERO: the memory holds zeroes; else whatever it likes, but nothing of other
 * apps. */
#define CTX_SHARE_ZERO 1

/* Flags of share_info. REVOKED: it was taken back; STALE: this instance was restored; of both
 * only unmap, info and close still work, and what was mapped is a copy of the app's own. ROOT:
 * nobody can take it back from this app. */
#define CTX_SHARE_REVOKED 1
#define CTX_SHARE_STALE 2
#define CTX_SHARE_ROOT 4

/* States of an app. NEEDS: it is not started, because nobody offers an interface that its note
 * requires. */
#define CTX_APP_READY 0
#define CTX_APP_WAITING 1
#define CTX_APP_STOPPED 2
#define CTX_APP_EXITED 3
#define CTX_APP_PAUSED 4
#define CTX_APP_RESTARTING 5
#define CTX_APP_NEEDS 6

/* What happens to an app whose call ended in a fault. NEVER: it is called again, and stopped when
 * three calls in a row fault. ON_FAULT: it begins anew, after a pause that doubles each time.
 * ALWAYS: also when it exits. UNDO: it is put back to where it was before that call and goes on;
 * if that happens again and again at the same place, as ON_FAULT. ASK: it is put back likewise,
 * and stands PAUSED until somebody decides by ctx.control/1: resume goes on there, without the
 * events of that call, restart and stop do what they always do. A call that can not be taken back
 * stops it. Where no other app may use ctx.control/1, as UNDO. */
#define CTX_RESTART_NEVER 0
#define CTX_RESTART_ON_FAULT 1
#define CTX_RESTART_ALWAYS 2
#define CTX_RESTART_UNDO 3
#define CTX_RESTART_ASK 4

/* Levels of a log line. */
#define CTX_LOG_ERROR 1
#define CTX_LOG_WARN 2
#define CTX_LOG_INFO 3
#define CTX_LOG_DEBUG 4

/* Bits of cpu_info.features. */
#define CTX_CPU_SSE3 1
#define CTX_CPU_SSSE3 2
#define CTX_CPU_SSE41 4
#define CTX_CPU_SSE42 8
#define CTX_CPU_POPCNT 16
#define CTX_CPU_RDRAND 32
#define CTX_CPU_AES 64
#define CTX_CPU_AVX 128
#define CTX_CPU_AVX2 256
#define CTX_CPU_FMA 512
#define CTX_CPU_F16C 1024
#define CTX_CPU_BMI1 2048
#define CTX_CPU_BMI2 4096
#define CTX_CPU_LZCNT 8192
#define CTX_CPU_MOVBE 16384
#define CTX_CPU_PCLMUL 32768
#define CTX_CPU_AVX512F 65536
#define CTX_CPU_AVX512DQ 131072
#define CTX_CPU_AVX512CD 262144
#define CTX_CPU_AVX512BW 524288
#define CTX_CPU_AVX512VL 1048576
#define CTX_CPU_SHA 2097152
#define CTX_CPU_ADX 4194304
#define CTX_CPU_RDSEED 8388608

/* What a stream is, for ctx.terminal/1. NONE: nothing comes from it, and what is written goes
 * nowhere. PIPE: also a socket. FILE: all else. */
#define CTX_STREAM_NONE 0
#define CTX_STREAM_TERMINAL 1
#define CTX_STREAM_FILE 2
#define CTX_STREAM_PIPE 3

/* What next of ctx.terminal/1 waits for, and tells. READ: read would not answer AGAIN. WRITE:
 * write would not. SIZE: the terminal has another size. SIGNAL: a key or somebody else asked for
 * one. HANGUP: nobody is at the other end any more. CAUGHT, only wanted: the program decides what
 * a signal does; without it who offers the terminal may end a program that does not take a signal
 * soon. STOPS, with CAUGHT: also about the one that would stop it (TSTP). OTHERS, only wanted:
 * the program decides what ALRM, CHLD, PIPE, USR1 and USR2 do, which no key asks for. */
#define CTX_READY_READ 1
#define CTX_READY_WRITE 2
#define CTX_READY_SIZE 4
#define CTX_READY_SIGNAL 8
#define CTX_READY_HANGUP 16
#define CTX_READY_CAUGHT 32
#define CTX_READY_STOPS 64
#define CTX_READY_OTHERS 128

/* What something is, for ctx.files/1. OTHER: neither, and not to be opened. */
#define CTX_FILES_FILE 1
#define CTX_FILES_FOLDER 2
#define CTX_FILES_OTHER 3

/* How open opens, and rights. READ and WRITE, or one of them. CREATE: a file, if there is
 * nothing; EXCLUSIVE: and only then. TRUNCATE: it is empty from then on. ONLY_FOLDER: nothing
 * else. PRIVATE: what CREATE makes is for nobody but its owner, where there are several. */
#define CTX_FILES_READ 1
#define CTX_FILES_WRITE 2
#define CTX_FILES_CREATE 4
#define CTX_FILES_EXCLUSIVE 8
#define CTX_FILES_TRUNCATE 16
#define CTX_FILES_ONLY_FOLDER 32
#define CTX_FILES_PRIVATE 64

/* Operations of ctx.block/1. READ and WRITE are about bytes. FLUSH: what was written, and had
 * ended when FLUSH was submitted, survives a power cut once this has ended. DISCARD: nobody needs
 * these bytes any more; what is read there afterwards is anything. ZEROES: they are zero, and may
 * take no room. */
#define CTX_BLOCK_READ 1
#define CTX_BLOCK_WRITE 2
#define CTX_BLOCK_FLUSH 3
#define CTX_BLOCK_DISCARD 4
#define CTX_BLOCK_ZEROES 5

/* Flags of block_info. READ_ONLY: it can not be written. FLUSH: it has a cache that forgets, so
 * FLUSH does something; without it everything that has ended is on the disk. UNSAFE: it has one
 * that can not be told to write: nothing is safe until the machine is switched off in good order.
 * DISCARD, ZEROES: it knows that operation. PARTITION: it is a part of another disk. GONE: it was
 * taken away, or does not answer any more; only info still tells of it, by a handle. CLAIMED:
 * somebody has it. */
#define CTX_BLOCK_IS_READ_ONLY 1
#define CTX_BLOCK_IS_FLUSH 2
#define CTX_BLOCK_IS_UNSAFE 4
#define CTX_BLOCK_IS_DISCARD 8
#define CTX_BLOCK_IS_ZEROES 16
#define CTX_BLOCK_IS_PARTITION 32
#define CTX_BLOCK_IS_GONE 64
#define CTX_BLOCK_IS_CLAIMED 128

/* Flags of claim. WRITE: it will be written. */
#define CTX_BLOCK_CLAIM_WRITE 1

/* Flags of nic_info. LINK: there is somebody at the other end; without the flag KNOWN it is taken
 * for granted. SUM: the card fills in checksums of frames to send (CTX_NIC_CSUM). TSO4, TSO6: it
 * cuts long ones of TCP into segments. CHECKS: it looks at checksums of frames that come
 * (CTX_NIC_GOOD). FILTERS: it leaves out what filter does not ask for; without it all that is on
 * the wire may come. GONE: it was taken away, or does not answer any more; only info still tells
 * of it, by a handle. CLAIMED: somebody has it. */
#define CTX_NIC_IS_LINK 1
#define CTX_NIC_IS_KNOWN 2
#define CTX_NIC_IS_SUM 4
#define CTX_NIC_IS_TSO4 8
#define CTX_NIC_IS_TSO6 16
#define CTX_NIC_IS_CHECKS 32
#define CTX_NIC_IS_FILTERS 64
#define CTX_NIC_IS_GONE 128
#define CTX_NIC_IS_CLAIMED 256

/* Flags of nic_entry. MORE, to send: the frame goes on in the next entry; all else but at, len
 * and share counts in its first one. CSUM, to send: the card fills in the checksum (csum_start,
 * csum_offset). TSO4, TSO6, to send: it cuts a TCP segment over IPv4, IPv6 into such of gso_size;
 * CSUM goes with it. GOOD, received: its checksums were looked at. PARTIAL, received: one is not
 * filled in, and need not be looked at: csum_start and csum_offset say which, as for CSUM; comes
 * only if the same flag was in nic_setup.flags, else the system fills it in. */
#define CTX_NIC_MORE 1
#define CTX_NIC_CSUM 2
#define CTX_NIC_TSO4 4
#define CTX_NIC_TSO6 8
#define CTX_NIC_GOOD 16
#define CTX_NIC_PARTIAL 32

/* Flags of kick. TELL_SENT: the event NIC comes once more of the entries that were given are
 * sent, or failed; else only frames that come are told. */
#define CTX_NIC_KICK_TELL_SENT 1

/* Flags of filter: what comes beside frames to the card's own address and to all. GROUPS: to any
 * group (multicast). ALL: whatever is on the wire. A card may let more through than that. */
#define CTX_NIC_FILTER_GROUPS 1
#define CTX_NIC_FILTER_ALL 2

/* Flags of files_space. */
#define CTX_FILES_IN_MEMORY 1
#define CTX_FILES_READ_ONLY 2

/* What together does. TOGETHER: what this app changes from now on is done as a whole or not at
 * all. DONE: it is, and outlives a power cut. DROP: it is as it was before TOGETHER. */
#define CTX_FILES_TOGETHER 1
#define CTX_FILES_DONE 2
#define CTX_FILES_DROP 3

/* What an app's heap holds. */
struct ctx_mem_usage {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t rsv; /* 0 */
    uint64_t blocks; /* live blocks */
    uint64_t bytes; /* what they were asked for with, in bytes */
    uint64_t committed; /* bytes of memory behind them */
    uint64_t quota; /* the most that committed may become */
};

/* The screen. */
struct ctx_display_info {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t rsv; /* 0 */
    uint32_t w; /* pixels per row; 0 without a screen */
    uint32_t h; /* rows */
    uint64_t frame_ns; /* nanoseconds from one picture to the next */
    uint32_t scale; /* how large people want things, in 1/120: 120 is one pixel for each of a drawing, 240 two by two */
    uint32_t flags; /* CTX_DISPLAY_* */
};

/* A surface: what it is, where it lies, and what its app asks of whoever manages windows. */
struct ctx_surface_info {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t surface; /* its handle, which is its app's alone */
    uint64_t pid; /* of its app */
    uint64_t flags; /* what create was called with */
    uint32_t w;
    uint32_t h;
    int32_t x; /* where its upper left pixel lies on the screen, or would lie */
    int32_t y;
    int32_t asked_x; /* asked has POSITION: where it wants to lie */
    int32_t asked_y;
    uint32_t smallest_w; /* below that it is of no use; 0: it did not say */
    uint32_t smallest_h;
    uint32_t format; /* CTX_SURFACE_RGBX or RGBA */
    uint32_t cursor; /* CTX_CURSOR_* */
    uint32_t asked; /* CTX_ASKED_* */
    uint32_t rsv; /* 0 */
    uint8_t title[64]; /* UTF-8, NUL-padded; empty: it did not say */
    int32_t level; /* place: those of a higher level lie above it */
    uint32_t scale; /* pixels of the screen, across and down, for each of its own */
    uint32_t opacity; /* 0 to 255, with which its own pixels' is multiplied */
    uint32_t state; /* CTX_WINDOW_* */
    uint32_t shown_w; /* pixels of the screen that it takes across, or would take; more than 0 */
    uint32_t shown_h; /* and down */
};

/* A program that lies ready to be started, as ctx.loader/1 lists it. */
struct ctx_program_info {
    uint8_t name[32]; /* what run calls it; UTF-8, NUL-padded */
    uint8_t title[64]; /* what its file calls it, for people; else as name */
    uint8_t version[32]; /* its own version; empty: it says none */
    uint64_t bytes; /* of its file, as far as it is kept */
    uint32_t context; /* the Context version that it would be given */
    uint32_t running; /* how many apps run that were started from this file */
};

/* Where a surface is to lie, and how it is to look: for ctx.windows/1. */
struct ctx_window_place {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t surface; /* its handle, as list has it */
    uint64_t pid; /* of its app */
    int32_t x; /* where its upper left pixel is to lie on the screen, perhaps outside */
    int32_t y;
    int32_t level; /* those of a higher level lie above those of a lower one; of one level, those of apps later in the list */
    uint32_t scale; /* 1 to 8: each of its pixels becomes so many across and down */
    uint32_t opacity; /* 0 to 255 */
    uint32_t state; /* CTX_WINDOW_HIDDEN, or 0 */
    uint32_t shown_w; /* 1 to 65536: all of it becomes so many pixels across, whatever scale says; 0, and shown_h 0: as scale says */
    uint32_t shown_h; /* and down */
    uint32_t filter; /* CTX_FILTER_*: where it is shown in another size than it has, and its flags leave it to the manager */
    uint32_t keep_left; /* of a surface of the caller's own, with shown_w: so many columns at its left are shown as they are, and only what lies between is stretched. Where they do not fit, all is */
    uint32_t keep_right; /* columns at its right */
    uint32_t keep_top; /* rows at its top */
    uint32_t keep_bottom; /* rows at its bottom */
    uint32_t rsv; /* 0 */
};

/* A small picture of a surface, drawn over one of the caller's own: for ctx.windows/1. */
struct ctx_window_mirror {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t surface; /* the handle of the surface that is seen; 0 with a pid of all ones: the canvas */
    uint64_t pid; /* of its app */
    uint32_t into; /* a surface of the caller's own, over which it is seen */
    uint32_t opacity; /* 0 to 255 */
    int32_t x; /* where it lies, in pixels of that one; what is outside is not seen */
    int32_t y;
    uint32_t w; /* all of the other surface becomes so many pixels across, 1 to 8192 */
    uint32_t h; /* and down */
};

/* A layout of the keyboard, as ctx.windows/1 lists it. */
struct ctx_keyboard_layout {
    uint8_t name[16]; /* what set_layout calls it; NUL-padded */
    uint8_t title[40]; /* for people; UTF-8, NUL-padded */
    uint32_t current; /* 1: it counts now */
    uint32_t rsv; /* 0 */
};

/* When a surface was last seen. */
struct ctx_presented {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t rsv; /* 0 */
    uint64_t count; /* pictures shown that this surface's damage was part of */
    uint64_t time_ns; /* when the last of them was handed to the display; monotonic, 0 = never */
};

/* One event. Which fields count depends on kind. */
struct ctx_event {
    uint32_t kind; /* CTX_EVENT_* */
    uint32_t flags; /* CTX_EVENT_LOST: older events were dropped before this one; CTX_EVENT_SERIAL: typed on the serial line, which has no pointer and no focus */
    uint64_t seq; /* counts this app's events from 1 */
    uint64_t time_ns; /* when it happened, monotonic */
    uint32_t code; /* KEY: evdev code; TEXT: code point; POINTER: the buttons held, bit n = 0x110 + n; TOUCH: which contact; PAD_BUTTON, PAD_AXIS: evdev code; RESTORED: CTX_RESTORED_*, what is different */
    uint32_t value; /* KEY, PAD_BUTTON: 0 up, 1 down, 2 repeated; TOUCH: 0 up, 1 down, 2 moved; PAD_AXIS: which pad; SCALE: the new scale; FOCUS: 1; RESTORED: the epoch */
    int32_t x; /* POINTER, TOUCH, KEY of a button: column, of the surface, or of the screen where surface is 0; RESIZE, RESTORED, EXPOSE: width; WHEEL: whole steps to the right; PAD_AXIS: -32768 to 32767 */
    int32_t y; /* POINTER, TOUCH, KEY of a button: row, likewise; RESIZE, RESTORED, EXPOSE: height; WHEEL: whole steps away from the user */
    uint32_t surface; /* the handle of the surface that it is about; 0: none, x and y are the screen's */
    uint32_t modifiers; /* KEY, TEXT, POINTER, WHEEL, TOUCH: CTX_MOD_*, what is held or on when it has happened */
    int32_t dx; /* POINTER: how far it moved to the right, also where the edge of the screen held it; WHEEL: to the right, in 1/120 of a step; EXPOSE: first column */
    int32_t dy; /* POINTER: how far it moved down; WHEEL: away from the user, in 1/120 of a step; EXPOSE: first row */
    uint64_t cookie; /* for what is about something that was asked for with a cookie; else 0 */
};

/* One app, as ctx.apps/1 lists it. */
struct ctx_app_info {
    uint64_t pid;
    uint32_t state; /* CTX_APP_* */
    uint32_t version; /* the Context version it was given */
    uint64_t calls;
    uint64_t faults;
    uint64_t time_ns; /* spent in its calls */
    uint64_t longest_ns; /* its longest call */
    uint64_t memory; /* bytes committed for it, everything included */
    uint8_t name[32]; /* UTF-8, NUL-padded */
    uint64_t memory_quota; /* the most that memory may become */
    uint64_t parent; /* pid of the app that started it; all ones: none */
    uint64_t overruns; /* slices of time beyond its budget: 0 on a good day */
    uint64_t budget_ns; /* what one call may take before it is interrupted */
    uint64_t log_dropped; /* lines of its log that were not written, because there were too many */
    uint32_t restarts; /* how often it began anew */
    uint32_t restart_policy; /* CTX_RESTART_* */
    uint32_t isolated; /* 1: its code is verified, and can not leave its slot; 0: it is trusted not to, or the app has ended */
    uint32_t rsv; /* 0 */
};

/* What is known of a call that ended in a fault. */
struct ctx_crash {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t vector; /* the exception's number */
    uint64_t seq; /* counts the crashes of all apps from 1 */
    uint64_t time_ns; /* when it was, monotonic */
    uint64_t pid;
    uint64_t call; /* which of the app's calls it was, from 1 */
    uint64_t ip; /* where, as an offset in the slot */
    uint64_t address; /* the access that failed, page faults only */
    uint8_t name[32]; /* the app's, UTF-8, NUL-padded */
    uint8_t place[64]; /* the function and the offset in it, if the file has names */
    uint8_t what[96]; /* the access in words; empty if it was none */
    uint32_t rsv; /* 0 */
    uint32_t text_len; /* bytes of text */
    uint8_t text[2048]; /* the whole report, as it stands in the log: lines, UTF-8 */
};

/* A call of a child's Context that its host stands in for. */
struct ctx_host_call {
    uint32_t size; /* bytes of this struct */
    uint32_t child; /* the handle that wrap was called with */
    uint64_t cookie; /* what wrap was given */
    uint64_t args[6]; /* the six arguments as the child passed them; its table comes first from version 3 on. Addresses are the child's. */
    uint64_t result; /* what the child gets: a status (as int32), or a pointer. Begins as AGAIN or NULL. */
    uint32_t index; /* the function's place in its table; in versions 1 and 2 its gate */
    uint32_t returns; /* 0 a status, 1 a pointer, 2 nothing */
    uint8_t name[64]; /* table.function, or where that is longer than 63 bytes the function alone; NUL-padded */
    uint8_t table[64]; /* the table's id, or that of another app's interface; empty for those that hang on ctx */
    uint64_t pid; /* of the child */
    uint64_t passed; /* calls since the last one that was served that went by without the host (let_pass) */
    uint8_t kinds[16]; /* of each argument behind the table: CTX_ARG_* of <ctx/gates.h>; 0 behind the last one */
};

/* The machine. */
struct ctx_system_info {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t apps; /* how many there are */
    uint64_t uptime_ns;
    uint64_t memory; /* bytes of RAM that the kernel manages */
    uint64_t memory_free;
    uint64_t trusted; /* how often an app began since boot whose code is not verified: nothing is isolated from such a one */
};

/* What the processor offers beyond x86-64 with SSE2. An image records it. */
struct ctx_cpu_info {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t rsv; /* 0 */
    uint64_t features; /* CTX_CPU_* bits */
};

/* How far a job of ctx.image/1 is. */
struct ctx_image_job {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t status; /* a ctx_status: 1 (PENDING), then how it ended */
    uint64_t done; /* bytes written or read so far */
    uint64_t total; /* of so many; 0 while that is not known */
    uint64_t pid; /* of the app that restore made */
    uint8_t why[160]; /* what went wrong, UTF-8, NUL-padded; empty: nothing did */
};

/* One kept image. */
struct ctx_image_info {
    uint8_t name[64]; /* UTF-8, NUL-padded */
    uint64_t bytes;
    int64_t wall_ns; /* when it was saved, since 1970; 0: the machine did not know */
    uint64_t generation; /* a later one has a higher number */
};

/* Where images are kept. */
struct ctx_image_place {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t flags; /* CTX_IMAGES_* */
    uint64_t used; /* bytes of all images */
    uint64_t quota; /* the most that used may become; 0: no limit but the disk */
    uint64_t room; /* bytes that a new image may have */
    uint8_t place[160]; /* the disk's name, or why there is none; UTF-8, NUL-padded */
};

/* Whose call a provider's function is answering. */
struct ctx_service_caller {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t service; /* the handle that publish gave */
    uint32_t function; /* its place in the interface, from 0 */
    uint32_t rsv; /* 0 */
    uint64_t pid; /* of the consumer */
    uint64_t call; /* a number that no other call of the consumer has: what news calls this one by, if it is undone */
    uint64_t request; /* what this call's request would be; 0: the function has none */
    uint8_t name[32]; /* the consumer's, UTF-8, NUL-padded */
};

/* What a provider has to know of its consumers. Which fields count depends on kind. */
struct ctx_service_news {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t kind; /* CTX_NEWS_* */
    uint32_t service; /* the handle that publish gave */
    uint32_t rsv; /* 0 */
    uint64_t pid; /* of the consumer */
    uint64_t call; /* UNDONE: as service_caller has it */
    uint64_t request; /* CANCELED: which */
    uint32_t ended; /* GONE: CTX_ENDED_* */
    int32_t code; /* of CTX_ENDED_EXIT: what it ended with; else 0 */
};

/* Who has opened a service, as ctx.service/1 lists them. */
struct ctx_service_user {
    uint64_t pid;
    uint64_t calls; /* that it made */
};

/* One service, as ctx.service/1 lists them. */
struct ctx_service_info {
    uint8_t id[64]; /* of its interface, NUL-padded */
    uint64_t provider; /* pid */
    uint64_t calls; /* that were answered or failed, of all consumers */
    uint64_t time_ns; /* spent in it, as the tick of 2 ms sampled it */
    uint32_t users; /* how many apps have it open */
    uint32_t flags; /* CTX_SERVICE_* */
};

/* Where one of a program's three streams comes from or goes to. */
struct ctx_terminal_stream {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t kind; /* CTX_STREAM_* */
    uint32_t columns; /* of a terminal, else 0 */
    uint32_t rows; /* likewise */
    uint32_t w; /* its pixels; 0: not known */
    uint32_t h; /* likewise */
};

/* How a terminal treats what is typed and written: bits and places as Linux's <termios.h> has them on x86-64. */
struct ctx_terminal_modes {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t input; /* c_iflag */
    uint32_t output; /* c_oflag */
    uint32_t control; /* c_cflag */
    uint32_t local; /* c_lflag */
    uint32_t rsv; /* 0 */
    uint8_t cc[32]; /* c_cc */
};

/* What the answer to next says. */
struct ctx_terminal_ready {
    uint32_t size; /* bytes of this struct */
    uint32_t what; /* CTX_READY_*: all of what was wanted that holds */
    uint32_t signal; /* SIGNAL: its number, as Linux has it: 2 is INT */
    uint32_t rsv; /* 0 */
};

/* A file or a folder, for ctx.files/1. */
struct ctx_files_info {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t kind; /* CTX_FILES_FILE, FOLDER or OTHER */
    uint64_t bytes; /* of a file: its length */
    int64_t modified_ns; /* when its content changed last: nanoseconds since 1970 */
    uint64_t id; /* two that are the same have the same one */
    uint32_t rights; /* CTX_FILES_WRITE: it may be changed, by this app */
    uint32_t rsv; /* 0 */
};

/* A name in a folder, for ctx.files/1. */
struct ctx_files_entry {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t kind; /* as in files_info; 0: info knows */
    uint64_t id; /* likewise */
    uint64_t next; /* the cursor of what follows */
    uint32_t len; /* of the name */
    uint32_t rsv; /* 0 */
    uint8_t name[256]; /* bytes, without / and NUL; not terminated if it has 256 */
};

/* A disk, or a partition of one, for ctx.block/1. */
struct ctx_block_info {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t disk; /* its number, never used for another one while the system runs */
    uint32_t flags; /* CTX_BLOCK_* */
    uint32_t block; /* bytes of a block, 512 or more, a power of two: at, bytes and offsets in shares are multiples of it */
    uint32_t most; /* bytes that one READ or WRITE may have */
    uint32_t in_flight; /* requests that one claim may have at a time, at least 16 */
    uint64_t bytes; /* how large it is */
    uint64_t most_erased; /* bytes that one DISCARD or ZEROES may have; 0: it knows neither */
    uint64_t claimed; /* CLAIMED: pid of the app that has it, or a part of it, or what it is a part of; all ones: the system itself */
    uint32_t whole; /* of a partition: the number of its disk; else 0 */
    uint32_t part; /* of a partition: its place in the table, from 1; else 0 */
    uint8_t type_id[16]; /* of a partition: its type's GUID, as it stands in the table; else 0 */
    uint8_t name[24]; /* as the kernel calls it, and disk= does: vda, vda2; NUL-padded */
    uint8_t label[112]; /* of a partition the name that it was given, as UTF-8; of a disk its serial number; NUL-padded */
};

/* What a disk is to do, for ctx.block/1. */
struct ctx_block_request {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t op; /* CTX_BLOCK_READ ... */
    uint32_t handle; /* what claim gave */
    uint32_t share; /* 0: from is an address of the app's own memory; else a share's handle (ctx.share/1), and from is an offset in it */
    uint64_t from; /* READ: where the bytes go; WRITE: where they come from; else 0 */
    uint64_t at; /* the first byte on the disk; FLUSH: 0 */
    uint64_t bytes; /* how many; FLUSH: 0 */
    uint64_t tag; /* whatever the caller likes; its end has it */
};

/* A request that has ended, for ctx.block/1. */
struct ctx_block_done {
    uint32_t size; /* bytes of this struct, set by the caller */
    int32_t status; /* OK; IO: the disk says so, or is gone; RANGE: the disk has become smaller; NOSYS: it does not know this after all; INVAL: the memory that the bytes were to go to is not there any more */
    uint64_t tag; /* of the request */
    uint64_t bytes; /* of the request, if all of it was done; else 0, and what is where it wrote is one of old and new, block by block */
    uint32_t handle; /* of the request */
    uint32_t op; /* of the request */
};

/* A network card, for ctx.nic/1. */
struct ctx_nic_info {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t card; /* its number, never used for another one while the system runs */
    uint32_t flags; /* CTX_NIC_IS_* */
    uint32_t mtu; /* bytes that a frame may carry behind its 14 bytes of Ethernet header, at least 68: 1500 */
    uint32_t most; /* bytes of the longest frame that can be sent; with TSO far more than mtu + 14 */
    uint32_t least; /* bytes of room that each entry to receive has at least: the longest frame that comes */
    uint32_t pieces; /* entries that one frame to send may take, at least 4 */
    uint32_t entries; /* of a ring: the most that it may have; a power of two */
    uint32_t groups; /* addresses that filter tells apart; more let all groups through */
    uint32_t speed; /* Mbit/s; 0: not known */
    uint64_t claimed; /* CLAIMED: pid of the app that has it */
    uint8_t mac[6]; /* its address */
    uint8_t rsv[2]; /* 0 */
    uint8_t name[24]; /* as the kernel calls it, and nic= does: net0, net1; NUL-padded */
    uint8_t label[64]; /* what is behind it, for people, UTF-8: virtio at 00:03.0; NUL-padded */
};

/* How an app will use a card, for ctx.nic/1. The rings lie in a share at `at`: struct ctx_nic_rings, then send_entries and then receive_entries of struct ctx_nic_entry. */
struct ctx_nic_setup {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t card; /* nic_info.card */
    uint32_t flags; /* CTX_NIC_PARTIAL, or 0 */
    uint32_t share; /* a handle of ctx.share/1 that may be written: the rings lie in it, and frames where an entry says no other */
    uint64_t at; /* offset in it, a multiple of 64 */
    uint32_t send_entries; /* a power of two, from 4 to nic_info.entries */
    uint32_t receive_entries; /* likewise */
};

/* The head of the rings in the share. All are counters that only grow and wrap at 2^32; entry n of a ring is number n modulo its size. */
struct ctx_nic_rings {
    uint32_t send_given; /* the app's: entries that it has filled in to be sent; it sets it behind them, then calls kick */
    uint32_t receive_given; /* the app's: entries that it has filled in with room for frames that come */
    uint8_t app[56]; /* the app's to use */
    uint32_t sent; /* the system's: entries of send that it is done with, in their order; read it before them */
    uint32_t received; /* the system's: entries of receive that have a frame, or failed, in their order */
    uint32_t changes; /* the system's: grows when the link came or went, or the card is gone: look at info */
    uint8_t rsv[52]; /* the system's */
};

/* One entry of a ring in the share: a frame to send, a piece of one, or room for one that comes. The app leaves it, and the memory that it names, alone from
given until it is done. */
struct ctx_nic_entry {
    uint64_t at; /* where the bytes are, or are to go: an offset in the share */
    uint32_t len; /* send: bytes; receive: how much room, when done: bytes of the frame */
    uint32_t share; /* 0: the share of the rings; else the handle of another one */
    uint32_t flags; /* CTX_NIC_* */
    int32_t status; /* when done: OK; INVAL: the entry made no sense; NOENT, REVOKED, DENIED, RANGE: no such share, or not so much of it; NOSYS: flags that the card has not; TOOBIG: longer than most, or in too many pieces; NOMEM; IO: it was lost, by a reset or a cut */
    uint16_t csum_start; /* CSUM: the checksum is over all from here on, counted from the frame's begin */
    uint16_t csum_offset; /* CSUM: and lies so far behind that; the sum of the pseudo header stands there already */
    uint16_t gso_size; /* TSO4, TSO6: bytes of data of each segment */
    uint16_t header; /* TSO4, TSO6: bytes of all headers */
};

/* What a card has done since the system began, for ctx.nic/1. Bytes are of frames without their checksum. */
struct ctx_nic_counters {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t rsv; /* 0 */
    uint64_t sent; /* frames that the card took; one with TSO is one */
    uint64_t sent_bytes;
    uint64_t send_errors; /* entries that were refused, or whose frame was lost */
    uint64_t received; /* frames */
    uint64_t received_bytes;
    uint64_t receive_errors; /* entries that were refused, and frames that made no sense */
    uint64_t dropped; /* frames that came when there was no room, where the card tells */
    uint64_t kicks; /* calls of kick */
    uint64_t interrupts; /* how often the card had something to say */
    uint64_t resets; /* how often it had to be started anew */
};

/* How much there is, for ctx.files/1. */
struct ctx_files_space {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t flags; /* CTX_FILES_IN_MEMORY: nothing outlives the machine's end; CTX_FILES_READ_ONLY */
    uint64_t bytes; /* of all files there can be; 0: not known */
    uint64_t free; /* of that */
    uint64_t files; /* how many there are, folders too; 0: not known */
};

/* One share, as a handle of the caller's sees it. */
struct ctx_share_info {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t share; /* the handle */
    uint32_t rights; /* CTX_SHARE_READ, perhaps with CTX_SHARE_WRITE: the most that map and grant give */
    uint32_t flags; /* CTX_SHARE_REVOKED, CTX_SHARE_STALE, CTX_SHARE_ROOT */
    uint64_t bytes; /* how large it is: what it was created with, in whole pages */
    uint64_t address; /* where it is mapped; 0: nowhere */
    uint64_t tag; /* what grant was called with; 0 if it was created, or passed in a call */
    uint64_t from; /* pid of the app that granted or passed it; the caller's own if it was created */
    uint64_t owner; /* pid of the app whose quota it counts against */
    uint32_t mapped; /* the rights of the mapping; 0: none */
    uint32_t holders; /* handles to it, this one too, that are taken and not closed: 1, the other side has gone */
};

struct ctx;

/* A function of a host app that stands in for a function of its child's Context: ctx.host/1. */
typedef void(CTX_CALL *ctx_serve_fn)(struct ctx *ctx, struct ctx_host_call *call);

/* What every table begins with. */
struct ctx_table {
    uint32_t size;     /* valid bytes of the whole table */
    uint32_t flags;    /* CTX_TBL_* */
    uint64_t features; /* 0 */
};

/* The table's functions may be used; otherwise they answer DENIED. */
#define CTX_TBL_GRANTED 1

/* Whether a table has a function: newer ones are longer. */
#define CTX_TABLE_HAS(type, table, fn) \
    ((table)->t.size >= offsetof(type, fn) + sizeof((table)->fn))

/*
 * The door to everything that has no field in ctx: tables by name.
 */
struct ctx_iface {
    struct ctx_table t;

    /*
     * Open the table with this id, such as "ctx.log/1". The table stays valid for the life of the
     * instance, and opening it again gives the same address. A table that exists but was not
     * granted opens too: its header lacks CTX_TBL_GRANTED and its functions answer DENIED.
     * NOSYS: there is no such table here, or it is smaller than min_size bytes.
     * INVAL: id is not in the app's memory.
     * NOSPC: this instance has opened as many tables as fit.
     */
    ctx_status (CTX_CALL *open)(const struct ctx_iface *self, const void *id, uint32_t id_len, uint32_t min_size, const struct ctx_table **out);
};

/*
 * Clocks, and being called later.
 */
struct ctx_time {
    struct ctx_table t;

    /*
     * Nanoseconds since boot, now rather than at the start of the call. Never backwards for an
     * instance.
     */
    ctx_status (CTX_CALL *now)(const struct ctx_time *self, uint64_t *ns);

    /*
     * Nanoseconds since 1970-01-01 00:00 UTC. May jump, where somebody sets it (ctx.calendar/1).
     * NOSYS: this machine has no calendar clock.
     */
    ctx_status (CTX_CALL *wall)(const struct ctx_time *self, int64_t *unix_ns);

    /*
     * If this call returns 1 (wait), call again at this monotonic time at the latest. The
     * earliest of several counts; forgotten when the next call begins.
     */
    ctx_status (CTX_CALL *wake_at)(const struct ctx_time *self, uint64_t ns);

    /*
     * How far local time is ahead of UTC, where people are: add it to wall. 0 until somebody has
     * said (the boot word zone=, `ctx run --zone`, ctx.calendar/1). CALENDAR comes when it
     * changes.
     */
    ctx_status (CTX_CALL *zone)(const struct ctx_time *self, int64_t *seconds);
};

/*
 * Memory, with more choice than alloc and dealloc; blocks of both are the same blocks.
 */
struct ctx_mem {
    struct ctx_table t;

    /*
     * Like ctx->alloc. Flags: CTX_MEM_ZERO, CTX_MEM_GUARD_LOW.
     * NULL: no memory, the quota is used up, align is no power of two, or a flag is unknown.
     */
    void *(CTX_CALL *alloc)(const struct ctx_mem *self, uint64_t size, uint64_t align, uint64_t flags);

    /*
     * A block with the same first bytes and another size; p is gone if it succeeds, untouched if
     * not. p NULL (with size 0) allocates.
     * NULL: as alloc, or p is no such block.
     */
    void *(CTX_CALL *resize)(const struct ctx_mem *self, void *p, uint64_t size, uint64_t align, uint64_t new_size);

    /*
     * Give a block back. NULL is fine.
     * NOENT: nothing was allocated there.
     * INVAL: it was allocated with another size or alignment; it stays.
     */
    ctx_status (CTX_CALL *free)(const struct ctx_mem *self, void *p, uint64_t size, uint64_t align);

    /*
     * What the heap holds, and how much more it may.
     */
    ctx_status (CTX_CALL *usage)(const struct ctx_mem *self, struct ctx_mem_usage *out);
};

/*
 * The screen: an app's own pixels above the canvas, or the canvas itself.
 */
struct ctx_display {
    struct ctx_table t;

    /*
     * The size of the screen, and how large things are to be drawn on it.
     */
    ctx_status (CTX_CALL *info)(const struct ctx_display *self, struct ctx_display_info *out);

    /*
     * Take part in the canvas that all apps of versions 1 and 2 share: from the next call on
     * ctx->fb describes it. When the screen gets another size (RESIZE) the app sees it scaled to
     * the size that it had, until it calls this once more.
     * NOMEM: no memory for the mapping.
     */
    ctx_status (CTX_CALL *canvas)(const struct ctx_display *self);

    /*
     * A surface of the app's own, black, in the middle of the screen above those of apps earlier
     * in the list. flags: CTX_SURFACE_*, or 0.
     * INVAL: a side is 0 or above 8192 (128 with POINTER), format or a flag is unknown, or flags
     * do not go together.
     * NOMEM: no memory, or the quota is used up.
     * NOSPC: the app has 64 surfaces already, or no gap of that size is left in the slot, which
     * has 447 MiB for all of them.
     */
    ctx_status (CTX_CALL *create)(const struct ctx_display *self, uint32_t w, uint32_t h, uint32_t format, uint64_t flags, uint32_t *surface);

    /*
     * Its pixels, row by row, pitch == w. [kept] until resize or destroy.
     * NULL: no such surface.
     */
    void *(CTX_CALL *pixels)(const struct ctx_display *self, uint32_t surface);

    /*
     * These pixels have changed: show them with the next picture. What lies outside the surface
     * is ignored.
     * NOENT: no such surface.
     */
    ctx_status (CTX_CALL *damage)(const struct ctx_display *self, uint32_t surface, uint32_t x, uint32_t y, uint32_t w, uint32_t h);

    /*
     * When its damage was last seen.
     * NOENT: no such surface.
     */
    ctx_status (CTX_CALL *presented)(const struct ctx_display *self, uint32_t surface, struct ctx_presented *out);

    /*
     * Another size; the contents are black again and pixels() may differ. On an error everything
     * stays.
     * NOENT: no such surface.
     * INVAL: a side is 0 or above 8192 (128 with POINTER).
     * NOMEM: no memory.
     * NOSPC: no gap of that size is left in the slot.
     */
    ctx_status (CTX_CALL *resize)(const struct ctx_display *self, uint32_t surface, uint32_t w, uint32_t h);

    /*
     * Take it from the screen and give its memory back.
     * NOENT: no such surface.
     */
    ctx_status (CTX_CALL *destroy)(const struct ctx_display *self, uint32_t surface);

    /*
     * Where its upper left pixel is to lie on the screen, perhaps outside. Whoever manages
     * windows may know better: describe tells where it lies. Without one it lies there from the
     * next picture on.
     * NOENT: no such surface.
     */
    ctx_status (CTX_CALL *ask_position)(const struct ctx_display *self, uint32_t surface, int32_t x, int32_t y);

    /*
     * Below this size it is of no use; 0, 0: any will do. For whoever manages windows; without
     * one it is kept and told.
     * NOENT: no such surface.
     * INVAL: a side is above 8192.
     */
    ctx_status (CTX_CALL *ask_smallest)(const struct ctx_display *self, uint32_t surface, uint32_t w, uint32_t h);

    /*
     * What it is called, for people: printable UTF-8, at most 63 bytes; none: as the app is.
     * Likewise only kept and told.
     * NOENT: no such surface.
     * INVAL: it is longer, or not that.
     */
    ctx_status (CTX_CALL *title)(const struct ctx_display *self, uint32_t surface, const void *text, uint32_t len);

    /*
     * What the pointer is to look like over it, CTX_CURSOR_*: ARROW until it says. Likewise only
     * kept and told.
     * NOENT: no such surface.
     * INVAL: no such shape.
     */
    ctx_status (CTX_CALL *cursor)(const struct ctx_display *self, uint32_t surface, uint32_t shape);

    /*
     * What is known of it: its size, where it lies, and all that was asked.
     * NOENT: no such surface.
     */
    ctx_status (CTX_CALL *describe)(const struct ctx_display *self, uint32_t surface, struct ctx_surface_info *out);

    /*
     * Other flags than create was called with: CTX_SURFACE_*, all that it is to have from now on;
     * POINTER stays as it was. HIDDEN, RELATIVE, INTEGER, SMOOTH and REDRAWN count at once, the
     * others when whoever manages windows has seen them.
     * NOENT: no such surface.
     * INVAL: a flag is unknown, flags do not go together, or POINTER would change.
     */
    ctx_status (CTX_CALL *ask_flags)(const struct ctx_display *self, uint32_t surface, uint64_t flags);
};

/*
 * What people do: keys, pointer, text. Without a window manager every app gets all of it.
 */
struct ctx_events {
    struct ctx_table t;

    /*
     * Move as many waiting events as fit into an array of struct ctx_event, each bytes from one
     * to the next; *count says how many. The first read or wait subscribes: earlier events are
     * not seen.
     * AGAIN: none is waiting; *count is 0.
     * INVAL: bytes is smaller than each, or each than 8.
     */
    ctx_status (CTX_CALL *read)(const struct ctx_events *self, void *events, uint32_t bytes, uint32_t each, uint32_t *count);

    /*
     * If this call returns 1 (wait), call again when an event of one of these kinds (bits 1 <<
     * CTX_EVENT_*) is there. Events that wait already count. Forgotten when the next call begins.
     * INVAL: a bit of an unknown kind: none of the mask counts then.
     */
    ctx_status (CTX_CALL *wait)(const struct ctx_events *self, uint64_t mask);
};

/*
 * The log, with levels. Open it as "ctx.log/1".
 */
#define CTX_ID_LOG "ctx.log/1"
struct ctx_log {
    struct ctx_table t;

    /*
     * Like ctx->log, with a level CTX_LOG_*.
     * INVAL: the level is unknown, or the text is not the app's.
     */
    ctx_status (CTX_CALL *write)(const struct ctx_log *self, uint32_t level, const void *text, uint32_t len);
};

/*
 * The words that were given to the app at its start. Open it as "ctx.args/1".
 */
#define CTX_ID_ARGS "ctx.args/1"
struct ctx_args {
    struct ctx_table t;

    /*
     * How many there are. The name is not one of them.
     */
    ctx_status (CTX_CALL *count)(const struct ctx_args *self, uint32_t *count);

    /*
     * Word number index, from 0: UTF-8, not terminated, cut at len; *full_len is its whole
     * length.
     * NOENT: there is no such word.
     */
    ctx_status (CTX_CALL *get)(const struct ctx_args *self, uint32_t index, void *text, uint32_t len, uint32_t *full_len);
};

/*
 * Numbers that nobody can guess: ChaCha20 with fast key erasure, seeded from what the machine
 * has. Open it as "ctx.random/1".
 */
#define CTX_ID_RANDOM "ctx.random/1"
struct ctx_random {
    struct ctx_table t;

    /*
     * Fill with random bytes. After a restore or on another machine it is seeded anew.
     */
    ctx_status (CTX_CALL *fill)(const struct ctx_random *self, void *bytes, uint32_t len);

    /*
     * Mix in fresh noise of the machine now.
     */
    ctx_status (CTX_CALL *reseed)(const struct ctx_random *self);
};

/*
 * The processor. Whoever uses more than x86-64 with SSE2 lists this table in the note, or opens
 * it: images then tell what was there, and are not restored where there is less. Open it as
 * "ctx.cpu/1".
 */
#define CTX_ID_CPU "ctx.cpu/1"
struct ctx_cpu {
    struct ctx_table t;

    /*
     * What may be used beyond x86-64 with SSE2.
     */
    ctx_status (CTX_CALL *info)(const struct ctx_cpu *self, struct ctx_cpu_info *out);
};

/*
 * The other apps, to look at. Open it as "ctx.apps/1".
 */
#define CTX_ID_APPS "ctx.apps/1"
struct ctx_apps {
    struct ctx_table t;

    /*
     * An array of struct ctx_app_info in list order, each bytes from one to the next, as many as
     * fit; *count is how many there are in all.
     * INVAL: each is less than 8.
     */
    ctx_status (CTX_CALL *list)(const struct ctx_apps *self, void *apps, uint32_t bytes, uint32_t each, uint32_t *count);
};

/*
 * The machine as a whole. Needs a grant. Open it as "ctx.system/1".
 */
#define CTX_ID_SYSTEM "ctx.system/1"
struct ctx_system {
    struct ctx_table t;

    /*
     * Uptime and memory.
     */
    ctx_status (CTX_CALL *info)(const struct ctx_system *self, struct ctx_system_info *out);

    /*
     * Start the machine anew when this call has returned.
     */
    ctx_status (CTX_CALL *reboot)(const struct ctx_system *self);

    /*
     * Turn the machine off when this call has returned.
     */
    ctx_status (CTX_CALL *power_off)(const struct ctx_system *self);
};

/*
 * Starting other apps. Needs a grant. Open it as "ctx.loader/1".
 */
#define CTX_ID_LOADER "ctx.loader/1"
struct ctx_loader {
    struct ctx_table t;

    /*
     * Start an ELF file as a new app at the end of the list; name is "NAME ARGUMENTS", where a
     * backslash takes the next character literally and `\0` is an empty word. The bytes are not
     * needed afterwards.
     * INVAL: the file is refused; the log says which field and why.
     * NOMEM: no memory.
     * NOSPC: too many apps.
     * UNVERIFIED: its code is not verified, and this app's line does not say `trusted`.
     */
    ctx_status (CTX_CALL *start)(const struct ctx_loader *self, const void *file, uint32_t len, const void *name, uint32_t name_len, uint64_t *pid);

    /*
     * An array of struct ctx_program_info, each bytes from one to the next, as many as fit;
     * *count is how many there are: the programs that lie on the shelf (`shelf` in their line).
     * INVAL: each is less than 8.
     */
    ctx_status (CTX_CALL *programs)(const struct ctx_loader *self, void *programs, uint32_t bytes, uint32_t each, uint32_t *count);

    /*
     * Start one of them, as start does. text is "NAME ARGUMENTS"; empty: as the program's own
     * line says. What its line grants it gets as far as this app has it.
     * NOENT: there is no program of this name.
     * INVAL: the file is refused; the log says which field and why.
     * NOMEM: no memory.
     * NOSPC: too many apps.
     * UNVERIFIED: its code is not verified, and this app's line does not say `trusted`.
     */
    ctx_status (CTX_CALL *run)(const struct ctx_loader *self, const void *name, uint32_t len, const void *text, uint32_t text_len, uint64_t *pid);
};

/*
 * Power over other apps, for those who look after them. Takes effect when the caller's call has
 * returned. Needs a grant. Open it as "ctx.control/1".
 */
#define CTX_ID_CONTROL "ctx.control/1"
struct ctx_control {
    struct ctx_table t;

    /*
     * Stop an app for good: all that it held is given back, only its name and its file stay, for
     * restart.
     * NOENT: there is no such app.
     */
    ctx_status (CTX_CALL *stop)(const struct ctx_control *self, uint64_t pid);

    /*
     * Begin an app anew from its file, with the same pid, name and arguments. Works on a stopped
     * one too.
     * NOENT: there is no such app.
     */
    ctx_status (CTX_CALL *restart)(const struct ctx_control *self, uint64_t pid);

    /*
     * Do not call an app until resume; it keeps all it has.
     * NOENT: there is no such app.
     * INVAL: it has been stopped.
     */
    ctx_status (CTX_CALL *pause)(const struct ctx_control *self, uint64_t pid);

    /*
     * Call a paused app again.
     * NOENT: there is no such app.
     * INVAL: it is not paused.
     */
    ctx_status (CTX_CALL *resume)(const struct ctx_control *self, uint64_t pid);

    /*
     * The first crash whose number is at least seq, of the last 16; the next one is at out->seq +
     * 1. seq 0: the oldest that is kept.
     * NOENT: there is none.
     */
    ctx_status (CTX_CALL *crash)(const struct ctx_control *self, uint64_t seq, struct ctx_crash *out);

    /*
     * Stop an app and take it out of the list: nothing of it stays, and its pid is never used
     * again.
     * NOENT: there is no such app.
     */
    ctx_status (CTX_CALL *remove)(const struct ctx_control *self, uint64_t pid);
};

/*
 * Running other apps: standing in for functions of their Contexts. A host may do that to apps
 * that it started with ctx.loader/1, to those whose own words name it (host=NAME), and to those
 * that its own words name (over=NAME, over=*), which may have run for long. Nothing in the child
 * changes, so tables that it has cached are wrapped too. Needs a grant. Open it as "ctx.host/1".
 */
#define CTX_ID_HOST "ctx.host/1"
struct ctx_host {
    struct ctx_table t;

    /*
     * A handle to an app, whatever that is doing: what is wrapped counts from its next call on,
     * in the middle of its _start too. It is stale when the app has gone; close gives it back. Of
     * several hosts the one that opened last is asked first.
     * NOENT: there is no such app.
     * DENIED: the app was not started by this one, does not name it, and this one's over= does
     * not name it.
     * NOMEM: no memory.
     * NOSPC: the app has 1024 handles already.
     */
    ctx_status (CTX_CALL *open)(const struct ctx_host *self, uint64_t pid, uint32_t *child);

    /*
     * From now on serve(ctx, call) is called in place of the child's functions that one of the
     * words (separated by commas) means: a function ("alloc", "display.damage"), a table
     * ("events"), or "trace" for all, in tables that it opens later too. serve runs like _start,
     * on the same stack, with the host's ctx; call lies in the host's memory until it returns.
     * What it leaves in call->result is what the child gets. Only while it runs may it forward
     * the call. While the host is itself in the middle of something the child gets BUSY, when it
     * faults FAULT, when it takes too long TIMEDOUT, and when it has gone STALE: a wrapped
     * function never opens up by itself, unless let_pass says so. wake_at and wait mean nothing
     * inside serve.
     * NOENT: no such handle.
     * STALE: the child has gone.
     * INVAL: serve is not code of the host's, or words is longer than 63 bytes.
     */
    ctx_status (CTX_CALL *wrap)(const struct ctx_host *self, uint32_t child, const void *words, uint32_t len, ctx_serve_fn serve, uint64_t cookie);

    /*
     * Inside serve: do what the child asked for, with call->args as they are now, and put the
     * outcome into call->result. It may be done never, once or several times. Arguments are
     * checked as if the child had called.
     * NOENT: no such handle.
     * INVAL: no call of this child is being served.
     */
    ctx_status (CTX_CALL *forward)(const struct ctx_host *self, uint32_t child, struct ctx_host_call *call);

    /*
     * Read the child's memory.
     * NOENT: no such handle.
     * STALE: the child has gone.
     * FAULT: part of it is not the child's memory.
     */
    ctx_status (CTX_CALL *copy_in)(const struct ctx_host *self, uint32_t child, uint64_t address, void *bytes, uint32_t len);

    /*
     * Write to the child's memory, where the child itself may write.
     * NOENT: no such handle.
     * STALE: the child has gone.
     * FAULT: part of it is not memory that the child may write; what came before is written.
     * AGAIN: the child is in the middle of a call that was interrupted.
     */
    ctx_status (CTX_CALL *copy_out)(const struct ctx_host *self, uint32_t child, uint64_t address, const void *bytes, uint32_t len);

    /*
     * Unwrap the child and give the handle back. No later handle has its number.
     * NOENT: no such handle.
     * BUSY: the child is in the middle of a call that goes through it.
     */
    ctx_status (CTX_CALL *close)(const struct ctx_host *self, uint32_t child);

    /*
     * on 1: this host only looks on. A call that it has no answer to goes on as if it did not
     * stand there: while it is in the middle of something, has faulted, takes too long or has
     * gone, and where eight calls are inside each other already. What its last forward of that
     * call came to is the answer then, and nothing is done twice. call->passed counts them. on 0,
     * as after open: the functions stay shut. A link that lets calls pass ends with its host, and
     * is not in images.
     * NOENT: no such handle.
     * STALE: the child has gone.
     * INVAL: on is neither 0 nor 1.
     */
    ctx_status (CTX_CALL *let_pass)(const struct ctx_host *self, uint32_t child, uint32_t on);

    /*
     * The child is not called again before so long, added to the rest that it has already; 0: at
     * once. A call of it that is going on goes on, and functions that it offers to others are
     * called. Nothing waits for it: this is how a host slows an app down without slowing the
     * system.
     * NOENT: no such handle.
     * STALE: the child has gone.
     * RANGE: it would rest for more than a minute.
     */
    ctx_status (CTX_CALL *rest)(const struct ctx_host *self, uint32_t child, uint64_t ns);
};

/*
 * Images: an app, or all of them, as they are between two calls; saved, and gone back to, without
 * their help. They are kept by name on the disk, or in memory where there is none. Jobs are done
 * between the calls of apps, so an app can save and restore itself: it goes on with an older
 * state and a higher epoch. Needs a grant; an app that is made of an image gets no grant that the
 * caller does not have. Open it as "ctx.image/1".
 */
#define CTX_ID_IMAGE "ctx.image/1"
struct ctx_image {
    struct ctx_table t;

    /*
     * Save the app of this pid, all ones: all apps and the canvas. An image of the same name is
     * replaced, at once and as a whole, when the new one is safe. PENDING: poll(job) says how it
     * goes.
     * INVAL: not a name: 1 to 63 bytes of printable UTF-8.
     * NOSPC: 16 jobs of all apps are not done, or not polled.
     */
    ctx_status (CTX_CALL *save)(const struct ctx_image *self, uint64_t pid, const void *name, uint32_t len, uint32_t *job);

    /*
     * Put the app of this pid back to what its image says; all ones: all apps; all ones minus
     * one: make a new app of the image. PENDING: poll(job) says how it goes.
     * INVAL: not a name.
     * NOSPC: as save.
     */
    ctx_status (CTX_CALL *restore)(const struct ctx_image *self, uint64_t pid, const void *name, uint32_t len, uint32_t *job);

    /*
     * Forget an image. PENDING: poll(job) says how it goes.
     * INVAL: not a name.
     * NOSPC: as save.
     */
    ctx_status (CTX_CALL *remove)(const struct ctx_image *self, const void *name, uint32_t len, uint32_t *job);

    /*
     * How far a job is. The one poll that tells its end gives the handle back. Ends: OK; NOENT:
     * no such app or image; AGAIN: the app to be saved is in the middle of a call and stays there
     * (one that is restored leaves it); EXIST: another app lives where the image's lived, or has
     * its pid; NOSYS: this machine lacks what the app was offered; UNVERIFIED: its code is not
     * verified, and this app's line does not say `trusted`; INVAL: the image is damaged, or
     * another app's; NOMEM, NOSPC, IO, RDONLY, TOOBIG. why says more.
     * NOENT: no such job of this app.
     * STALE: the app was restored since.
     */
    ctx_status (CTX_CALL *poll)(const struct ctx_image *self, uint32_t job, struct ctx_image_job *out);

    /*
     * As many kept images as fit into an array of struct ctx_image_info, each bytes from one to
     * the next, by name; *count says how many there are.
     * INVAL: each is less than 8.
     */
    ctx_status (CTX_CALL *list)(const struct ctx_image *self, void *infos, uint32_t bytes, uint32_t each, uint32_t *count);

    /*
     * Where images are kept, and how much room there is.
     */
    ctx_status (CTX_CALL *place)(const struct ctx_image *self, struct ctx_image_place *out);
};

/*
 * Functions that one app offers and others call: an interface by id, opened like any other table.
 * Here are the functions for who offers one and, from take on, for who called something that goes
 * on for longer. A call of a service enters the provider's function on the provider's own empty
 * stack, and its status comes back; arguments are checked and copied as the descriptor says
 * (<ctx/interface.h>). Statuses of the system's own, beside those of the provider: BUSY (the
 * provider is in the middle of something; the event READY follows), STALE (it has gone, or began
 * anew: open the id again), FAULT (its function faulted), TIMEDOUT (it took too long; whether it
 * was done is not known), TOOBIG, DEPTH, DENIED, NOSYS (it does not have this function). What a
 * provider's function says by time.wake_at counts for its next call of _start. Open it as
 * "ctx.service/1".
 */
#define CTX_ID_SERVICE "ctx.service/1"
struct ctx_service {
    struct ctx_table t;

    /*
     * Offer an interface: struct ctx_interface and as many addresses of functions (u64) as it
     * has, in its order. Each is called as ctx_status fn(struct ctx *ctx, arguments ...). The
     * line of the app has to say offer=ID. Of several apps that offer one id, the one that did so
     * first is opened; the others are there when it goes.
     * INVAL: a rule of <ctx/interface.h> is broken, which the log says; or a function is not code
     * of the app's (in a verified one: at a multiple of 32).
     * DENIED: the app's line does not offer this id.
     * EXIST: the app offers it already, or the kernel has it.
     * NOMEM: no memory.
     * NOSPC: it offers 1024 already.
     */
    ctx_status (CTX_CALL *publish)(const struct ctx_service *self, const void *descriptor, uint32_t len, const void *functions, uint32_t bytes, uint32_t *service);

    /*
     * Offer it no more; calls of those who have it open answer STALE. A call that this is said in
     * is not undone any more.
     * NOENT: no such service of this app.
     */
    ctx_status (CTX_CALL *unpublish)(const struct ctx_service *self, uint32_t service);

    /*
     * Inside a function of a service: who calls.
     * NOENT: the app is not answering a call, or that call has been given up.
     */
    ctx_status (CTX_CALL *caller)(const struct ctx_service *self, struct ctx_service_caller *out);

    /*
     * Who has it open: an array of struct ctx_service_user, each bytes from one to the next, as
     * many as fit; *count is how many there are.
     * NOENT: no such service of this app.
     * INVAL: each is less than 8.
     */
    ctx_status (CTX_CALL *callers)(const struct ctx_service *self, uint32_t service, void *users, uint32_t bytes, uint32_t each, uint32_t *count);

    /*
     * The next that there is to know about consumers. The event NEWS says that there is some.
     * AGAIN: there is none.
     */
    ctx_status (CTX_CALL *news)(const struct ctx_service *self, struct ctx_service_news *out);

    /*
     * End a request for which the function returned PENDING: a status (not PENDING), and bytes
     * that the consumer takes.
     * NOENT: no such request of this app: the consumer has gone, or canceled it and this was
     * said.
     * INVAL: status is PENDING.
     * TOOBIG: more than 65,536 bytes.
     * NOSPC: the consumer has not taken 1 MiB of results: later.
     * NOMEM: no memory: later.
     */
    ctx_status (CTX_CALL *complete)(const struct ctx_service *self, uint64_t request, uint32_t status, const void *bytes, uint32_t len);

    /*
     * The end of a request that the app made: *result is its status, bytes what there is with it,
     * cut at len, *full_len how long that is. The request is over then.
     * NOENT: no such request of this app, or taken already.
     * AGAIN: it goes on.
     * STALE: the provider has gone or was put back; the request is over.
     */
    ctx_status (CTX_CALL *take)(const struct ctx_service *self, uint64_t request, void *bytes, uint32_t len, uint32_t *full_len, uint32_t *result);

    /*
     * The result is not wanted any more; the request is over. The provider hears of it.
     * NOENT: no such request of this app.
     */
    ctx_status (CTX_CALL *cancel)(const struct ctx_service *self, uint64_t request);

    /*
     * One of the app's requests that has ended and was not yet named here. The event DONE says
     * that there is one.
     * AGAIN: there is none.
     */
    ctx_status (CTX_CALL *done)(const struct ctx_service *self, uint64_t *request);

    /*
     * All services: an array of struct ctx_service_info, each bytes from one to the next, as many
     * as fit; *count is how many there are.
     * INVAL: each is less than 8.
     */
    ctx_status (CTX_CALL *list)(const struct ctx_service *self, void *services, uint32_t bytes, uint32_t each, uint32_t *count);

    /*
     * Inside a function of a service: what the caller's line says in parentheses behind this
     * interface, use=ID(TEXT), without backslashes; as much of it as fits, and *len is how long
     * it is. What it means is the provider's business. See grants.md.
     * NOENT: the line says nothing of the kind; or the app is not answering a call, or that call
     * has been given up.
     */
    ctx_status (CTX_CALL *grant)(const struct ctx_service *self, void *text, uint32_t bytes, uint32_t *len);
};

/*
 * The surfaces of all apps: for whoever manages windows. One app at a time does, after manage();
 * all but list is only for that one, and DENIED to others. While it runs, surfaces of others that
 * it did not place are not shown, keys go where it says, and events of the pointer to the surface
 * under it (x, y are of that), or to the one in which a button was pressed until all buttons are
 * up. It sees neither others' pixels nor their keys. What it does is not taken back with a call
 * of its own that is undone. If it ends without release(), all stays where it is and keys stay
 * where they were; a button that is pressed over a surface moves them there; and the next app
 * that calls manage() finds it so. Apps of versions 1 and 2 share the canvas, which lies below
 * all surfaces; they, and apps without surfaces, hear keys while that has them. The pointer
 * itself is whatever surface follows it (POINTER): of one app's, the one whose own cursor() is
 * the shape that the surface under the pointer has asked for, or else its ARROW. Needs a grant.
 * Open it as "ctx.windows/1".
 */
#define CTX_ID_WINDOWS "ctx.windows/1"
struct ctx_windows {
    struct ctx_table t;

    /*
     * An array of struct ctx_surface_info, each bytes from one to the next, from the lowest on
     * the screen to the highest (those that follow the pointer are above all), as many as fit;
     * *count is how many there are. The first is the canvas: state has CANVAS, pid is all ones,
     * surface 0.
     * INVAL: each is less than 8.
     */
    ctx_status (CTX_CALL *list)(const struct ctx_windows *self, void *surfaces, uint32_t bytes, uint32_t each, uint32_t *count);

    /*
     * From now on this app manages windows, until it ends or calls release. The canvas has the
     * keys, unless its former self gave them to somebody. Events WINDOWS and PRESSED tell it what
     * happens.
     * EXIST: another app does.
     */
    ctx_status (CTX_CALL *manage)(const struct ctx_windows *self);

    /*
     * Nobody manages windows from now on: keys and the pointer are everybody's again, and
     * surfaces stay where they are.
     * DENIED: the app does not manage windows.
     */
    ctx_status (CTX_CALL *release)(const struct ctx_windows *self);

    /*
     * From the next picture on this surface lies there. One that was hidden and has the keys
     * keeps them.
     * DENIED: the app does not manage windows.
     * NOENT: no such surface, or it follows the pointer.
     * INVAL: scale, opacity, state, size or filter is none, or it keeps rows or columns of
     * another app's surface.
     */
    ctx_status (CTX_CALL *place)(const struct ctx_windows *self, const struct ctx_window_place *place);

    /*
     * Keys go to this surface from now on; pid all ones and surface 0: to the canvas. What was
     * held goes up for whoever had them before.
     * DENIED: the app does not manage windows.
     * NOENT: no such surface.
     */
    ctx_status (CTX_CALL *focus)(const struct ctx_windows *self, uint64_t pid, uint32_t surface);

    /*
     * This key, or button of the pointer, pressed while exactly these of SHIFT, CTRL, ALT, META
     * and ALTGR are held, is this app's, wherever the focus is; and from then on all keys are,
     * until none is held any more. (A button: the pointer's events, in pixels of the screen,
     * until all buttons are up.) code 0: the modifiers alone, when they are let go without
     * another key in between.
     * DENIED: the app does not manage windows.
     * INVAL: code is none, or a modifier is another one.
     * EXIST: it is grabbed.
     * NOSPC: 64 are grabbed already.
     */
    ctx_status (CTX_CALL *grab)(const struct ctx_windows *self, uint32_t code, uint32_t modifiers);

    /*
     * It is like any other key again.
     * DENIED: the app does not manage windows.
     * NOENT: it is not grabbed.
     */
    ctx_status (CTX_CALL *ungrab)(const struct ctx_windows *self, uint32_t code, uint32_t modifiers);

    /*
     * Tell its app that the user asked for this surface to be closed: CLOSE.
     * DENIED: the app does not manage windows.
     * NOENT: no such surface.
     */
    ctx_status (CTX_CALL *close)(const struct ctx_windows *self, uint64_t pid, uint32_t surface);

    /*
     * Ask its app to give it this size: RESIZE.
     * DENIED: the app does not manage windows.
     * NOENT: no such surface.
     * INVAL: a side is 0 or above 8192.
     */
    ctx_status (CTX_CALL *resize)(const struct ctx_windows *self, uint64_t pid, uint32_t surface, uint32_t w, uint32_t h);

    /*
     * The keyboard's layouts: an array of struct ctx_keyboard_layout, each bytes from one to the
     * next, as many as fit; *count is how many there are. One of them is current: the boot word
     * layout=NAME or `ctx run --layout NAME` says which at the beginning.
     * INVAL: each is less than 8.
     */
    ctx_status (CTX_CALL *layouts)(const struct ctx_windows *self, void *layouts, uint32_t bytes, uint32_t each, uint32_t *count);

    /*
     * TEXT events of all apps have this layout's characters, from the next key on. Like the rest
     * it stays when the call is undone and when the app ends; an image of the app that manages
     * windows has it, and brings it back.
     * DENIED: the app does not manage windows.
     * NOENT: there is no layout of that name.
     */
    ctx_status (CTX_CALL *set_layout)(const struct ctx_windows *self, const void *name, uint32_t len);

    /*
     * Picture number `no` is this from now on, instead of what it was: all of a surface, made
     * smaller (averaged), over a surface of the caller's own, which gets none of its pixels. It
     * changes when that surface does, also while that is hidden, and is not made while it is not
     * seen itself; of a surface that has gone nothing is seen. A higher number lies above a lower
     * one. Pictures go when their app manages windows no longer, and are not in images.
     * DENIED: the app does not manage windows.
     * RANGE: no is not below CTX_WINDOW_MIRRORS.
     * NOENT: no such surface, or it follows the pointer.
     * INVAL: a side or opacity is none.
     */
    ctx_status (CTX_CALL *mirror)(const struct ctx_windows *self, uint32_t no, const struct ctx_window_mirror *mirror);

    /*
     * That picture goes.
     * DENIED: the app does not manage windows.
     * RANGE: no is not below CTX_WINDOW_MIRRORS.
     * NOENT: there is none of that number.
     */
    ctx_status (CTX_CALL *unmirror)(const struct ctx_windows *self, uint32_t no);

    /*
     * How large people want things, in 1/120, on top of what the screen's pixels say:
     * display.info has both from now on for all apps, which hear of it (SCALE). A surface whose
     * app follows it has the flag SCALED. Nobody's state: it stays when the call is undone and
     * when the app ends, is in no image, and is 120 at the beginning.
     * DENIED: the app does not manage windows.
     * RANGE: scale is below 60 or above 960.
     */
    ctx_status (CTX_CALL *set_scale)(const struct ctx_windows *self, uint32_t scale);

    /*
     * How people want things to look: CTX_DISPLAY_CONTRAST or 0. display.info has it among its
     * flags from now on for all apps, which hear of it (SCALE, with the scale as it is). Nobody's
     * state, as the scale is, and 0 at the beginning.
     * DENIED: the app does not manage windows.
     * INVAL: looks has another bit.
     */
    ctx_status (CTX_CALL *set_looks)(const struct ctx_windows *self, uint32_t looks);
};

/*
 * Shared memory: pages that several apps see at the same time, each where the kernel put them in
 * its own slot. A share lives as long as anybody has a handle to it, and counts against the quota
 * of the app that created it; when that app goes, against that of another holder. What one app
 * writes there is what the others read, at any moment: so copy it once, then check it, then use
 * the copy. Undo takes back handles and mappings, never contents. An app that is restored has
 * copies of its own where its shares were mapped, and their handles are STALE. <ctx/ring.h> has a
 * queue between two apps. Open it as "ctx.share/1".
 */
#define CTX_ID_SHARE "ctx.share/1"
struct ctx_share {
    struct ctx_table t;

    /*
     * New pages, as many as bytes take; not mapped yet. flags: SHARE_ZERO, or 0.
     * INVAL: bytes is 0, or a flag is unknown.
     * TOOBIG: more than a slot has room for: 1 GiB less two pages.
     * NOMEM: no memory, or the quota is used up.
     * NOSPC: the app has 1024 handles already.
     */
    ctx_status (CTX_CALL *create)(const struct ctx_share *self, uint64_t bytes, uint64_t flags, uint32_t *share);

    /*
     * Where the app sees it, READ or READ and WRITE. [kept] until unmap or close. A mapping of
     * what others can take back counts against the app's own quota too: it is what becomes its
     * copy then.
     * NOENT: no such handle.
     * REVOKED: it was taken back.
     * STALE: this instance was restored.
     * INVAL: no such rights.
     * DENIED: more rights than the handle has.
     * EXIST: it is mapped already.
     * NOMEM: no memory, or the quota is used up.
     * NOSPC: no gap of that size is left in the slot.
     */
    ctx_status (CTX_CALL *map)(const struct ctx_share *self, uint32_t share, uint32_t rights, uint64_t *address);

    /*
     * Take the mapping away; the handle stays. In a call that may still be undone it takes effect
     * when the call has ended.
     * NOENT: no such handle, or it is not mapped.
     */
    ctx_status (CTX_CALL *unmap)(const struct ctx_share *self, uint32_t share);

    /*
     * Let another app have it, with these rights or fewer than the handle has. That app gets a
     * handle of its own by take, and its wait for SHARE ends. What it did not take is gone when
     * the granter goes.
     * NOENT: no such handle, or no such app that runs.
     * REVOKED: it was taken back.
     * STALE: this instance was restored.
     * INVAL: no such rights, or the app is the caller itself.
     * DENIED: more rights than the handle has, or the app must not have shares.
     * AGAIN: that app has not taken the last 16 that this one granted it.
     * NOSPC: that app has 1024 handles already, or the share 4096.
     * NOMEM: no memory.
     */
    ctx_status (CTX_CALL *grant)(const struct ctx_share *self, uint32_t share, uint64_t pid, uint32_t rights, uint64_t tag);

    /*
     * The oldest share that was granted to the app and is not taken: from now on out->share is a
     * handle of its own.
     * AGAIN: there is none.
     */
    ctx_status (CTX_CALL *take)(const struct ctx_share *self, struct ctx_share_info *out);

    /*
     * What is known of it, whether it is still good or not.
     * NOENT: no such handle.
     */
    ctx_status (CTX_CALL *info)(const struct ctx_share *self, uint32_t share, struct ctx_share_info *out);

    /*
     * Take back, from the app with this pid or from all (all ones), what they have by way of this
     * handle: what was granted from it, and what was granted on from there. What they had mapped
     * becomes a copy of their own, as it is now. It is not undone with the caller's call.
     * NOENT: no such handle, or that app has nothing of it.
     * REVOKED: it was taken back.
     * STALE: this instance was restored.
     * NOMEM: no memory for the copies: nothing was taken back.
     */
    ctx_status (CTX_CALL *revoke)(const struct ctx_share *self, uint32_t share, uint64_t pid);

    /*
     * Give the handle back, with its mapping; no later one has its number. In a call that may
     * still be undone the mapping stays until the call has ended.
     * NOENT: no such handle.
     */
    ctx_status (CTX_CALL *close)(const struct ctx_share *self, uint32_t share);

    /*
     * End the wait for SHARE of all others that have it; of those that do not wait now, the next
     * one.
     * NOENT: no such handle.
     * REVOKED: it was taken back.
     * STALE: this instance was restored.
     */
    ctx_status (CTX_CALL *wake)(const struct ctx_share *self, uint32_t share);
};

/*
 * Where a program's text comes from and goes to: a terminal, a file or a pipe; what standard
 * input, output and error of a C program are. `ctx run` has it for its first app, as its own
 * three streams; elsewhere an app may offer it, a window with text. What a terminal does with
 * keys (lines that can be edited, echo, signals) is done by who offers it, as the modes say. The
 * answers to next come by ctx.service/1, like those of any other request: DONE, then take gives
 * struct ctx_terminal_ready. What a call has read it reads again when it is undone, and what it
 * wrote (up to 64 KiB) is not written before it has ended. Open it as "ctx.terminal/1".
 */
#define CTX_ID_TERMINAL "ctx.terminal/1"
struct ctx_terminal {
    struct ctx_table t;

    /*
     * What stream 0, 1 or 2 is.
     * INVAL: there is no such stream.
     * STALE: who offers this has gone: open it again.
     */
    ctx_status (CTX_CALL *describe)(const struct ctx_terminal *self, uint32_t fd, struct ctx_terminal_stream *stream);

    /*
     * Write to stream 1 or 2, byte for byte; *written may be less than len.
     * INVAL: there is no such stream to write to.
     * AGAIN: it is full: nothing was written.
     * RESET: nobody reads it any more.
     * IO: the file can not be written.
     * NOSPC: the disk is full.
     * STALE: as above.
     */
    ctx_status (CTX_CALL *write)(const struct ctx_terminal *self, uint32_t fd, const void *bytes, uint32_t len, uint32_t *written);

    /*
     * What is there of stream 0: of a terminal in canonical mode one line at most. *count is 0 at
     * the end of input.
     * AGAIN: there is nothing yet.
     * IO: it can not be read.
     * STALE: as above.
     */
    ctx_status (CTX_CALL *read)(const struct ctx_terminal *self, void *bytes, uint32_t len, uint32_t *count);

    /*
     * The terminal's modes.
     * NOENT: stream 0 is no terminal.
     * STALE: as above.
     */
    ctx_status (CTX_CALL *modes)(const struct ctx_terminal *self, struct ctx_terminal_modes *modes);

    /*
     * Other modes: at once (0), when all that was written is out (1), and then without what was
     * typed and not read (2).
     * NOENT: stream 0 is no terminal.
     * INVAL: when is none of these, or rsv is not 0.
     * STALE: as above.
     */
    ctx_status (CTX_CALL *set_modes)(const struct ctx_terminal *self, uint32_t when, const struct ctx_terminal_modes *modes);

    /*
     * Ends when one of these CTX_READY_* holds, at once if one does already: PENDING either way.
     * There is one of these requests; a new one ends the one before as CANCELED.
     * INVAL: nothing is wanted, or bits that are not known.
     * NOSPC: the app has 1,024 requests.
     * NOMEM: no memory.
     * STALE: as above.
     */
    ctx_status (CTX_CALL *next)(const struct ctx_terminal *self, uint32_t wanted, uint64_t *request);
};

/*
 * Files that somebody lends the app: `ctx run --dir` for its first app; elsewhere an app may
 * offer them. There are trees, each with a path that begins with / (root tells them), and a path
 * leads into the tree whose own is the longest that it begins with. Names are bytes; a path has
 * 1,024 at most, `.` and `..` are what they are elsewhere, and nothing leads out of a tree,
 * neither `..` nor a link. An open file has no place in it: read and write say where. Handles are
 * the instance's own; after a restore they are STALE. Whatever changes a file is not undone: a
 * call that did is not taken back. Every function may answer AGAIN, where a disk has to be waited
 * for; wait ends when it is worth to ask again. Open it as "ctx.files/1".
 */
#define CTX_ID_FILES "ctx.files/1"
struct ctx_files {
    struct ctx_table t;

    /*
     * Tree number index, from 0: its path, cut at len, and CTX_FILES_READ or with WRITE.
     * NOENT: there are not so many.
     */
    ctx_status (CTX_CALL *root)(const struct ctx_files *self, uint32_t index, void *path, uint32_t len, uint32_t *full_len, uint32_t *rights);

    /*
     * Open a file, or a folder to be listed.
     * NOENT: there is no such file or folder.
     * DENIED: it leads out of what the app may see, or is neither file nor folder.
     * DEPTH: links that lead to each other.
     * TOOBIG: more than 1,024 bytes of path.
     * IO: a device failed.
     * RDONLY: the folder is only to be read.
     * EXIST: EXCLUSIVE: there is something.
     * INVAL: flags make no sense, or a folder is to be written.
     * NOSPC: the app has 64 open, or the disk is full.
     */
    ctx_status (CTX_CALL *open)(const struct ctx_files *self, const void *path, uint32_t len, uint32_t flags, uint32_t *handle);

    /*
     * Close it.
     * STALE: no handle of this instance's: open it again.
     */
    ctx_status (CTX_CALL *close)(const struct ctx_files *self, uint32_t file);

    /*
     * Bytes from at on; *count is 0 at the end, and may be less than len anywhere.
     * STALE: no handle of this instance's: open it again.
     * IO: a device failed.
     * DENIED: it was not opened to be read.
     * INVAL: it is a folder.
     */
    ctx_status (CTX_CALL *read)(const struct ctx_files *self, uint32_t file, uint64_t at, void *bytes, uint32_t len, uint32_t *count);

    /*
     * Bytes to at, or with UINT64_MAX behind the last one; *count may be less than len.
     * STALE: no handle of this instance's: open it again.
     * IO: a device failed.
     * DENIED: it was not opened to be written.
     * INVAL: it is a folder.
     * NOSPC: the disk is full.
     */
    ctx_status (CTX_CALL *write)(const struct ctx_files *self, uint32_t file, uint64_t at, const void *bytes, uint32_t len, uint32_t *count);

    /*
     * What it is.
     * STALE: no handle of this instance's: open it again.
     * IO: a device failed.
     */
    ctx_status (CTX_CALL *info)(const struct ctx_files *self, uint32_t file, struct ctx_files_info *out);

    /*
     * What lies at a path.
     * NOENT: there is no such file or folder.
     * DENIED: it leads out of what the app may see, or is neither file nor folder.
     * DEPTH: links that lead to each other.
     * TOOBIG: more than 1,024 bytes of path.
     * IO: a device failed.
     */
    ctx_status (CTX_CALL *look)(const struct ctx_files *self, const void *path, uint32_t len, struct ctx_files_info *out);

    /*
     * A name in a folder, without . and ..: cursor 0 is the first one, and what follows has the
     * cursor that it says. Names that come or go meanwhile may be told or not; no other one is
     * told twice or left out.
     * NOENT: there are no more.
     * INVAL: it is no folder.
     * STALE: no handle of this instance's: open it again.
     * IO: a device failed.
     */
    ctx_status (CTX_CALL *list)(const struct ctx_files *self, uint32_t folder, uint64_t cursor, struct ctx_files_entry *out);

    /*
     * Cut it, or make it longer by zeroes.
     * STALE: no handle of this instance's: open it again.
     * IO: a device failed.
     * DENIED: it was not opened to be written.
     * NOSPC: the disk is full.
     * INVAL: it is a folder.
     */
    ctx_status (CTX_CALL *resize)(const struct ctx_files *self, uint32_t file, uint64_t bytes);

    /*
     * A new folder. flags: 0, or CTX_FILES_PRIVATE: for nobody but its owner.
     * NOENT: there is no such file or folder.
     * DENIED: it leads out of what the app may see, or is neither file nor folder.
     * DEPTH: links that lead to each other.
     * TOOBIG: more than 1,024 bytes of path.
     * IO: a device failed.
     * RDONLY: the folder is only to be read.
     * EXIST: there is something.
     * NOSPC: the disk is full.
     * INVAL: other flags.
     */
    ctx_status (CTX_CALL *make_folder)(const struct ctx_files *self, const void *path, uint32_t len, uint32_t flags);

    /*
     * Remove a file (folder 0), or a folder that is empty (1). What is open stays until it is
     * closed.
     * NOENT: there is no such file or folder.
     * DENIED: it leads out of what the app may see, or is neither file nor folder.
     * DEPTH: links that lead to each other.
     * TOOBIG: more than 1,024 bytes of path.
     * IO: a device failed.
     * RDONLY: the folder is only to be read.
     * EXIST: the folder is not empty.
     * INVAL: it is the other kind, or folder is neither 0 nor 1.
     */
    ctx_status (CTX_CALL *remove)(const struct ctx_files *self, const void *path, uint32_t len, uint32_t folder);

    /*
     * Move it within its tree; a file takes the place of one that is there.
     * NOENT: there is no such file or folder.
     * DENIED: it leads out of what the app may see, or is neither file nor folder.
     * DEPTH: links that lead to each other.
     * TOOBIG: more than 1,024 bytes of path.
     * IO: a device failed.
     * RDONLY: the folder is only to be read.
     * EXIST: there is a folder that is not empty.
     * INVAL: into itself, to another tree, or a file to a folder or the other way.
     */
    ctx_status (CTX_CALL *rename)(const struct ctx_files *self, const void *from, uint32_t from_len, const void *to, uint32_t to_len);

    /*
     * Say when it changed last.
     * NOENT: there is no such file or folder.
     * DENIED: it leads out of what the app may see, or is neither file nor folder.
     * DEPTH: links that lead to each other.
     * TOOBIG: more than 1,024 bytes of path.
     * IO: a device failed.
     * RDONLY: the folder is only to be read.
     */
    ctx_status (CTX_CALL *date)(const struct ctx_files *self, const void *path, uint32_t len, int64_t modified_ns);

    /*
     * What was written outlives a power cut from now on.
     * STALE: no handle of this instance's: open it again.
     * IO: a device failed.
     */
    ctx_status (CTX_CALL *sync)(const struct ctx_files *self, uint32_t file);

    /*
     * Ends when a call that answered AGAIN may be made once more. PENDING; OK: at once.
     * NOSPC: the app has 1,024 requests.
     * NOMEM: no memory.
     */
    ctx_status (CTX_CALL *wait)(const struct ctx_files *self, uint64_t *request);

    /*
     * The file at this path has these bytes and no others, or is as it was: nobody ever sees
     * anything between, not after a power cut either. It is made if it was not there. When this
     * answers OK it outlives one. flags: 0, or CTX_FILES_PRIVATE. For more bytes than one call
     * takes: write another file, sync it, rename it.
     * NOENT: there is no such folder.
     * DENIED: it leads out of what the app may see, or is neither file nor folder.
     * TOOBIG: more than 1,024 bytes of path.
     * IO: a device failed.
     * RDONLY: the folder is only to be read.
     * NOSPC: the disk is full.
     * INVAL: it is a folder, or other flags.
     */
    ctx_status (CTX_CALL *replace)(const struct ctx_files *self, const void *path, uint32_t len, const void *bytes, uint32_t count, uint32_t flags);

    /*
     * How much room there is where this path lies.
     * NOENT: there is no such file or folder.
     * DENIED: it leads out of what the app may see.
     * TOOBIG: more than 1,024 bytes of path.
     * IO: a device failed.
     */
    ctx_status (CTX_CALL *space)(const struct ctx_files *self, const void *path, uint32_t len, struct ctx_files_space *out);

    /*
     * Ends when something at this path, or below it, has changed, whoever did it. PENDING.
     * Changes between two of these are not told: watch first, then look.
     * NOSYS: this tree can not be watched.
     * DENIED: it leads out of what the app may see.
     * TOOBIG: more than 1,024 bytes of path.
     * NOSPC: the app has 1,024 requests, or too many are watched.
     * NOMEM: no memory.
     */
    ctx_status (CTX_CALL *watch)(const struct ctx_files *self, const void *path, uint32_t len, uint64_t *request);

    /*
     * Several changes as one, of several files too: CTX_FILES_TOGETHER, the changes,
     * CTX_FILES_DONE. Others wait meanwhile, so it takes a second and a mebibyte at most: what
     * takes longer is dropped, and so is what an app leaves behind that ends.
     * NOSYS: this tree can not.
     * AGAIN: another app is in the middle of one.
     * INVAL: there is one already, or there is none.
     * TIMEDOUT: it took too long, and was dropped.
     * IO: a device failed: it is dropped.
     * NOSPC: the disk is full: it is dropped.
     */
    ctx_status (CTX_CALL *together)(const struct ctx_files *self, uint32_t what);
};

/*
 * What everybody sees: for a key that takes a picture of the screen. Whoever has it can read what
 * others draw. Needs a grant. Open it as "ctx.screen/1".
 */
#define CTX_ID_SCREEN "ctx.screen/1"
struct ctx_screen {
    struct ctx_table t;

    /*
     * The picture as it is now, without the pointer: *w * *h pixels of R, G, B, 255, row by row.
     * shrink: each of them is the average of so many across and down, 1 to 8; what is left over
     * at the right and below is left out. The memory may be a share's.
     * INVAL: shrink is none.
     * NOSPC: room is less than 4 * *w * *h, which say what it would be.
     */
    ctx_status (CTX_CALL *copy)(const struct ctx_screen *self, void *pixels, uint32_t room, uint32_t shrink, uint32_t *w, uint32_t *h);
};

/*
 * Disks, for an app that keeps something on one. Needs a grant, and the word `disk=NAME` for each
 * disk or partition that it may see (`disk=*`: all, but what the system keeps images on). Whoever
 * uses one claims it, and nobody else can then: a partition excludes the whole disk, and the
 * other way round. Requests are submitted and go on by themselves; they overtake each other, so
 * whoever wants an order waits for the end, and only a FLUSH makes what was written last. done
 * tells the ends, one after the other; wait for the event BLOCK when there are none. Bytes in a
 * share are read and written by the device itself: those pages stay for as long as the request
 * goes on, whatever becomes of the share or the app, and a READ changes them while it does. Bytes
 * in other memory are copied: at submit for WRITE, and when done tells of it for READ, so that
 * memory must be there then. Copies count against the app's quota. Handles are the instance's
 * own; after a restore or a restart there are no claims, and old handles are STALE. A call that
 * submitted WRITE, DISCARD, ZEROES, or READ into a share, is not undone. In a call that is, what
 * was claimed is released, what was released or told is there again, and of the READ and FLUSH
 * that were submitted no end is told. Open it as "ctx.block/1".
 */
#define CTX_ID_BLOCK "ctx.block/1"
struct ctx_block {
    struct ctx_table t;

    /*
     * Disk number index, from 0, of those that the app may see and that are there.
     * NOENT: there are not so many.
     */
    ctx_status (CTX_CALL *list)(const struct ctx_block *self, uint32_t index, struct ctx_block_info *info);

    /*
     * Have a disk (block_info.disk) for oneself. flags: 0, or CTX_BLOCK_CLAIM_WRITE.
     * NOENT: there is no such disk, or not for this app.
     * BUSY: somebody has it, or a part of it, or what it is a part of; or has released it, and
     * requests still go on.
     * RDONLY: WRITE: it can only be read.
     * INVAL: other flags.
     * NOSPC: the app has 16 claims.
     * NOMEM: no memory.
     */
    ctx_status (CTX_CALL *claim)(const struct ctx_block *self, uint32_t disk, uint32_t flags, uint32_t *handle);

    /*
     * Let go of it. This waits for nothing: what is in flight goes on, no end of it is told, and
     * then the disk is free.
     * STALE: no handle of this instance's.
     */
    ctx_status (CTX_CALL *release)(const struct ctx_block *self, uint32_t handle);

    /*
     * What it is now; its size may be another one than it was, and flags may say GONE.
     * STALE: no handle of this instance's.
     */
    ctx_status (CTX_CALL *info)(const struct ctx_block *self, uint32_t handle, struct ctx_block_info *info);

    /*
     * Have the disk do something. An error here means that nothing was begun.
     * STALE: no handle of this instance's.
     * INVAL: at, bytes, or from in a share is no multiple of the block, bytes is 0 or more than
     * it takes, something that has to be 0 is not, or the memory is not there.
     * RANGE: it reaches over the end of the disk, or of the share.
     * RDONLY: it was not claimed to be written.
     * NOENT: there is no such share.
     * REVOKED: the share was taken back, or is STALE.
     * DENIED: the share may not be written, and READ would.
     * NOSPC: in_flight requests have not been told.
     * NOMEM: no memory for a copy, or the quota is used up.
     * NOSYS: the disk does not know the operation.
     * IO: the disk is gone.
     */
    ctx_status (CTX_CALL *submit)(const struct ctx_block *self, const struct ctx_block_request *request);

    /*
     * The next request that has ended, of all claims.
     * AGAIN: none has.
     */
    ctx_status (CTX_CALL *done)(const struct ctx_block *self, struct ctx_block_done *end);
};

/*
 * DRAFT, no part of a frozen version: a later system may have another revision of it instead.
 * Network cards, for an app that speaks to a network: it sends and receives frames of Ethernet,
 * without their checksums. Needs a grant, and the word `nic=NAME` for each card that it may see
 * (`nic=*`: all). Whoever uses one claims it, and nobody else can then. Frames go by two rings in
 * a share (nic_setup). The app fills in entries, counts them in send_given and receive_given, and
 * calls kick, one gate for both rings and any number of frames. The card reads and writes the
 * frames where they lie in the share, as far as it can; the system counts entries that are done
 * in sent and received, at any time between two calls, and the event NIC says that frames came.
 * Entries are taken in their order, and done in their order. Each word of the app's is read once;
 * what makes no sense ends with a status, and the others go on. All of nic_rings and of the
 * entries is little endian, and a counter is written behind what it counts. Pages of the share
 * stay until the card has let go of them, whatever becomes of the share or the app. Handles are
 * the instance's own; after a restore or a restart there are no claims, and old handles are
 * STALE. A call that gave entries by kick, or called filter, is not undone: nothing is sent twice
 * by that. In one that is undone, what was claimed is released, and what was released is there
 * again. Open it as "ctx.nic/1".
 */
#define CTX_ID_NIC "ctx.nic/1"
struct ctx_nic {
    struct ctx_table t;

    /*
     * Card number index, from 0, of those that the app may see and that are there.
     * NOENT: there are not so many.
     * NOMEM: no memory.
     */
    ctx_status (CTX_CALL *list)(const struct ctx_nic *self, uint32_t index, struct ctx_nic_info *info);

    /*
     * Have a card for oneself, with rings in a share. The system sets sent and received to 0, and
     * takes entries from number 0 on: send_given and receive_given have to be 0, or what was
     * filled in already.
     * NOENT: there is no such card, or not for this app; or no such share.
     * BUSY: somebody has it, or has released it and it is not quiet yet: the event NIC tells when
     * it is.
     * INVAL: other flags, at is no multiple of 64, or a ring's size is none.
     * RANGE: the rings reach over the end of the share.
     * REVOKED: the share was taken back, or is STALE.
     * DENIED: the share may not be written.
     * NOSPC: the app has 8 claims.
     * NOMEM: no memory, or the quota is used up.
     */
    ctx_status (CTX_CALL *claim)(const struct ctx_nic *self, const struct ctx_nic_setup *setup, uint32_t *handle);

    /*
     * Let go of it. Frames that it has not sent yet are lost, entries are not done any more, and
     * soon the card leaves the share's memory alone: the card is free again then, and the event
     * NIC tells.
     * STALE: no handle of this instance's.
     */
    ctx_status (CTX_CALL *release)(const struct ctx_nic *self, uint32_t handle);

    /*
     * What it is now: LINK and speed may be other than they were, and flags may say GONE.
     * STALE: no handle of this instance's.
     */
    ctx_status (CTX_CALL *info)(const struct ctx_nic *self, uint32_t handle, struct ctx_nic_info *info);

    /*
     * Look at the rings: what was given goes to the card, as much as it has room for and the rest
     * as soon as it has, and what it is done with is counted in sent and received when this
     * returns. flags: 0, or CTX_NIC_KICK_TELL_SENT.
     * STALE: no handle of this instance's.
     * INVAL: other flags.
     * RANGE: send_given or receive_given is further than the ring is long: nothing was taken of
     * that ring.
     * IO: the card is gone.
     */
    ctx_status (CTX_CALL *kick)(const struct ctx_nic *self, uint32_t handle, uint32_t flags);

    /*
     * What is to come beside frames to its own address and to all: after claim it is GROUPS.
     * groups: addresses of 6 bytes, len in all; they come too.
     * STALE: no handle of this instance's.
     * INVAL: other flags, or len is no multiple of 6.
     * TOOBIG: more than 64 groups.
     * IO: the card is gone.
     */
    ctx_status (CTX_CALL *filter)(const struct ctx_nic *self, uint32_t handle, uint32_t flags, const void *groups, uint32_t len);

    /*
     * What a card (nic_info.card) that the app may see has done so far, whoever has it.
     * NOENT: there is no such card, or not for this app.
     */
    ctx_status (CTX_CALL *counters)(const struct ctx_nic *self, uint32_t card, struct ctx_nic_counters *counters);
};

/*
 * DRAFT, no part of a frozen version: a later system may have another revision of it instead. For
 * apps that keep something outside of their own memory, such as files on a disk. An image that is
 * about to be kept, of an app or of all, was taken at one moment; it is kept when those who have
 * joined have said that what they had done by then lasts. So after a power cut what they have may
 * be newer than the image, and never older. An image waits for five seconds, no longer: the log
 * names who did not answer in time, and nobody waits for that app again until it has answered. It
 * goes on being called meanwhile. Open it as "ctx.saving/1".
 */
#define CTX_ID_SAVING "ctx.saving/1"
struct ctx_saving {
    struct ctx_table t;

    /*
     * From now on images wait for this app. Its note has to say CTX_NOTE_NO_UNDO and
     * CTX_NOTE_FRESH_ON_RESTORE: else it could be put back to before it answered.
     * INVAL: its note does not say so.
     * NOMEM: no memory.
     */
    ctx_status (CTX_CALL *join)(const struct ctx_saving *self);

    /*
     * The newest question that it has not answered: all that it has done until now is to last.
     * AGAIN: there is none.
     */
    ctx_status (CTX_CALL *asked)(const struct ctx_saving *self, uint64_t *question);

    /*
     * The answer, to older ones too. status: OK, or why it does not last; the log has that, and
     * the image is kept all the same.
     * NOENT: it was not asked, or has answered.
     */
    ctx_status (CTX_CALL *lasts)(const struct ctx_saving *self, uint64_t question, uint32_t status);
};

/*
 * DRAFT, no part of a frozen version: a later system may have another revision of it instead. The
 * machine's log, as the serial line has it, to be read: what all apps and the kernel say. Needs a
 * grant. Open it as "ctx.journal/1".
 */
#define CTX_ID_JOURNAL "ctx.journal/1"
struct ctx_journal {
    struct ctx_table t;

    /*
     * Bytes of the log from byte number `from` since boot on, as many as there are and fit: whole
     * lines if they fit, each with its \n. *next is where to go on. The last 16 KiB are kept: of
     * what is older it goes on with the oldest line that is there, so 0 is the beginning.
     */
    ctx_status (CTX_CALL *read)(const struct ctx_journal *self, uint64_t from, void *lines, uint32_t room, uint32_t *got, uint64_t *next);
};

/*
 * DRAFT, no part of a frozen version: a later system may have another revision of it instead.
 * Keys and a pointer, as if a device had sent them: for who shows the screen somewhere else. Who
 * gets them is decided as for any other key. Keys that are still down when the app ends, begins
 * anew or is restored go up by themselves. A call that moved something is not undone. Needs a
 * grant: whoever has it can do all that a person at the keyboard can. Open it as "ctx.hands/1".
 */
#define CTX_ID_HANDS "ctx.hands/1"
struct ctx_hands {
    struct ctx_table t;

    /*
     * A key or a button of the mouse (evdev's numbers, <ctx/key.h>): down 1, up 0. A second down
     * is a repetition.
     * INVAL: code is 0 or more than 1,023, or down is neither 0 nor 1.
     * AGAIN: somebody has not read yet what came before.
     */
    ctx_status (CTX_CALL *key)(const struct ctx_hands *self, uint32_t code, uint32_t down);

    /*
     * The pointer to pixel x, y of a picture of w times h pixels that shows the whole screen.
     * INVAL: x is not less than w, or y than h, or they are more than 65,535.
     */
    ctx_status (CTX_CALL *pointer)(const struct ctx_hands *self, uint32_t x, uint32_t y, uint32_t w, uint32_t h);

    /*
     * The wheel, in 1/120 of a step: to the right, and away from the user; at most 12,000 of
     * each, either way.
     * INVAL: more.
     */
    ctx_status (CTX_CALL *wheel)(const struct ctx_hands *self, int64_t across, int64_t away);
};

/*
 * DRAFT, no part of a frozen version: a later system may have another revision of it instead. The
 * calendar of the whole machine, to be set: what ctx->time->wall says to every app. For who asks
 * a time server, as the app `net` does. Needs a grant: certificates, logs and saved sessions are
 * dated by it. The machine's own clock is left as it is, so the next boot begins with that; under
 * `ctx run` only the apps see the new time. A call that set it is not undone. Open it as
 * "ctx.calendar/1".
 */
#define CTX_ID_CALENDAR "ctx.calendar/1"
struct ctx_calendar {
    struct ctx_table t;

    /*
     * From now on the time goes on from unix_ns, nanoseconds since 1970-01-01 00:00 UTC.
     * RANGE: before 1970 or not before 2200.
     */
    ctx_status (CTX_CALL *set)(const struct ctx_calendar *self, int64_t unix_ns);

    /*
     * Local time is so many seconds ahead of UTC from now on: what ctx->time->zone says to every
     * app. local 1: the machine's own clock has local time, as some systems keep it, and
     * ctx->time->wall takes that off; 0: it has UTC; 2: as it was told before. (Under `ctx run`
     * Linux knows, and local changes nothing.) A time that was set stays. It is a number and no
     * rule: when summer time begins somebody sets another, as apps/desktop does.
     * RANGE: a day or more.
     * INVAL: local is more than 2.
     */
    ctx_status (CTX_CALL *set_zone)(const struct ctx_calendar *self, int64_t seconds, uint32_t local);
};

CTX_STATIC_ASSERT(sizeof(struct ctx_mem_usage) == 40, "ctx_mem_usage");
CTX_STATIC_ASSERT(offsetof(struct ctx_mem_usage, size) == 0, "ctx_mem_usage.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_mem_usage, rsv) == 4, "ctx_mem_usage.rsv");
CTX_STATIC_ASSERT(offsetof(struct ctx_mem_usage, blocks) == 8, "ctx_mem_usage.blocks");
CTX_STATIC_ASSERT(offsetof(struct ctx_mem_usage, bytes) == 16, "ctx_mem_usage.bytes");
CTX_STATIC_ASSERT(offsetof(struct ctx_mem_usage, committed) == 24, "ctx_mem_usage.committed");
CTX_STATIC_ASSERT(offsetof(struct ctx_mem_usage, quota) == 32, "ctx_mem_usage.quota");
CTX_STATIC_ASSERT(sizeof(struct ctx_display_info) == 32, "ctx_display_info");
CTX_STATIC_ASSERT(offsetof(struct ctx_display_info, size) == 0, "ctx_display_info.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_display_info, rsv) == 4, "ctx_display_info.rsv");
CTX_STATIC_ASSERT(offsetof(struct ctx_display_info, w) == 8, "ctx_display_info.w");
CTX_STATIC_ASSERT(offsetof(struct ctx_display_info, h) == 12, "ctx_display_info.h");
CTX_STATIC_ASSERT(offsetof(struct ctx_display_info, frame_ns) == 16, "ctx_display_info.frame_ns");
CTX_STATIC_ASSERT(offsetof(struct ctx_display_info, scale) == 24, "ctx_display_info.scale");
CTX_STATIC_ASSERT(offsetof(struct ctx_display_info, flags) == 28, "ctx_display_info.flags");
CTX_STATIC_ASSERT(sizeof(struct ctx_surface_info) == 160, "ctx_surface_info");
CTX_STATIC_ASSERT(offsetof(struct ctx_surface_info, size) == 0, "ctx_surface_info.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_surface_info, surface) == 4, "ctx_surface_info.surface");
CTX_STATIC_ASSERT(offsetof(struct ctx_surface_info, pid) == 8, "ctx_surface_info.pid");
CTX_STATIC_ASSERT(offsetof(struct ctx_surface_info, flags) == 16, "ctx_surface_info.flags");
CTX_STATIC_ASSERT(offsetof(struct ctx_surface_info, w) == 24, "ctx_surface_info.w");
CTX_STATIC_ASSERT(offsetof(struct ctx_surface_info, h) == 28, "ctx_surface_info.h");
CTX_STATIC_ASSERT(offsetof(struct ctx_surface_info, x) == 32, "ctx_surface_info.x");
CTX_STATIC_ASSERT(offsetof(struct ctx_surface_info, y) == 36, "ctx_surface_info.y");
CTX_STATIC_ASSERT(offsetof(struct ctx_surface_info, asked_x) == 40, "ctx_surface_info.asked_x");
CTX_STATIC_ASSERT(offsetof(struct ctx_surface_info, asked_y) == 44, "ctx_surface_info.asked_y");
CTX_STATIC_ASSERT(offsetof(struct ctx_surface_info, smallest_w) == 48, "ctx_surface_info.smallest_w");
CTX_STATIC_ASSERT(offsetof(struct ctx_surface_info, smallest_h) == 52, "ctx_surface_info.smallest_h");
CTX_STATIC_ASSERT(offsetof(struct ctx_surface_info, format) == 56, "ctx_surface_info.format");
CTX_STATIC_ASSERT(offsetof(struct ctx_surface_info, cursor) == 60, "ctx_surface_info.cursor");
CTX_STATIC_ASSERT(offsetof(struct ctx_surface_info, asked) == 64, "ctx_surface_info.asked");
CTX_STATIC_ASSERT(offsetof(struct ctx_surface_info, rsv) == 68, "ctx_surface_info.rsv");
CTX_STATIC_ASSERT(offsetof(struct ctx_surface_info, title) == 72, "ctx_surface_info.title");
CTX_STATIC_ASSERT(offsetof(struct ctx_surface_info, level) == 136, "ctx_surface_info.level");
CTX_STATIC_ASSERT(offsetof(struct ctx_surface_info, scale) == 140, "ctx_surface_info.scale");
CTX_STATIC_ASSERT(offsetof(struct ctx_surface_info, opacity) == 144, "ctx_surface_info.opacity");
CTX_STATIC_ASSERT(offsetof(struct ctx_surface_info, state) == 148, "ctx_surface_info.state");
CTX_STATIC_ASSERT(offsetof(struct ctx_surface_info, shown_w) == 152, "ctx_surface_info.shown_w");
CTX_STATIC_ASSERT(offsetof(struct ctx_surface_info, shown_h) == 156, "ctx_surface_info.shown_h");
CTX_STATIC_ASSERT(sizeof(struct ctx_program_info) == 144, "ctx_program_info");
CTX_STATIC_ASSERT(offsetof(struct ctx_program_info, name) == 0, "ctx_program_info.name");
CTX_STATIC_ASSERT(offsetof(struct ctx_program_info, title) == 32, "ctx_program_info.title");
CTX_STATIC_ASSERT(offsetof(struct ctx_program_info, version) == 96, "ctx_program_info.version");
CTX_STATIC_ASSERT(offsetof(struct ctx_program_info, bytes) == 128, "ctx_program_info.bytes");
CTX_STATIC_ASSERT(offsetof(struct ctx_program_info, context) == 136, "ctx_program_info.context");
CTX_STATIC_ASSERT(offsetof(struct ctx_program_info, running) == 140, "ctx_program_info.running");
CTX_STATIC_ASSERT(sizeof(struct ctx_window_place) == 72, "ctx_window_place");
CTX_STATIC_ASSERT(offsetof(struct ctx_window_place, size) == 0, "ctx_window_place.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_window_place, surface) == 4, "ctx_window_place.surface");
CTX_STATIC_ASSERT(offsetof(struct ctx_window_place, pid) == 8, "ctx_window_place.pid");
CTX_STATIC_ASSERT(offsetof(struct ctx_window_place, x) == 16, "ctx_window_place.x");
CTX_STATIC_ASSERT(offsetof(struct ctx_window_place, y) == 20, "ctx_window_place.y");
CTX_STATIC_ASSERT(offsetof(struct ctx_window_place, level) == 24, "ctx_window_place.level");
CTX_STATIC_ASSERT(offsetof(struct ctx_window_place, scale) == 28, "ctx_window_place.scale");
CTX_STATIC_ASSERT(offsetof(struct ctx_window_place, opacity) == 32, "ctx_window_place.opacity");
CTX_STATIC_ASSERT(offsetof(struct ctx_window_place, state) == 36, "ctx_window_place.state");
CTX_STATIC_ASSERT(offsetof(struct ctx_window_place, shown_w) == 40, "ctx_window_place.shown_w");
CTX_STATIC_ASSERT(offsetof(struct ctx_window_place, shown_h) == 44, "ctx_window_place.shown_h");
CTX_STATIC_ASSERT(offsetof(struct ctx_window_place, filter) == 48, "ctx_window_place.filter");
CTX_STATIC_ASSERT(offsetof(struct ctx_window_place, keep_left) == 52, "ctx_window_place.keep_left");
CTX_STATIC_ASSERT(offsetof(struct ctx_window_place, keep_right) == 56, "ctx_window_place.keep_right");
CTX_STATIC_ASSERT(offsetof(struct ctx_window_place, keep_top) == 60, "ctx_window_place.keep_top");
CTX_STATIC_ASSERT(offsetof(struct ctx_window_place, keep_bottom) == 64, "ctx_window_place.keep_bottom");
CTX_STATIC_ASSERT(offsetof(struct ctx_window_place, rsv) == 68, "ctx_window_place.rsv");
CTX_STATIC_ASSERT(sizeof(struct ctx_window_mirror) == 40, "ctx_window_mirror");
CTX_STATIC_ASSERT(offsetof(struct ctx_window_mirror, size) == 0, "ctx_window_mirror.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_window_mirror, surface) == 4, "ctx_window_mirror.surface");
CTX_STATIC_ASSERT(offsetof(struct ctx_window_mirror, pid) == 8, "ctx_window_mirror.pid");
CTX_STATIC_ASSERT(offsetof(struct ctx_window_mirror, into) == 16, "ctx_window_mirror.into");
CTX_STATIC_ASSERT(offsetof(struct ctx_window_mirror, opacity) == 20, "ctx_window_mirror.opacity");
CTX_STATIC_ASSERT(offsetof(struct ctx_window_mirror, x) == 24, "ctx_window_mirror.x");
CTX_STATIC_ASSERT(offsetof(struct ctx_window_mirror, y) == 28, "ctx_window_mirror.y");
CTX_STATIC_ASSERT(offsetof(struct ctx_window_mirror, w) == 32, "ctx_window_mirror.w");
CTX_STATIC_ASSERT(offsetof(struct ctx_window_mirror, h) == 36, "ctx_window_mirror.h");
CTX_STATIC_ASSERT(sizeof(struct ctx_keyboard_layout) == 64, "ctx_keyboard_layout");
CTX_STATIC_ASSERT(offsetof(struct ctx_keyboard_layout, name) == 0, "ctx_keyboard_layout.name");
CTX_STATIC_ASSERT(offsetof(struct ctx_keyboard_layout, title) == 16, "ctx_keyboard_layout.title");
CTX_STATIC_ASSERT(offsetof(struct ctx_keyboard_layout, current) == 56, "ctx_keyboard_layout.current");
CTX_STATIC_ASSERT(offsetof(struct ctx_keyboard_layout, rsv) == 60, "ctx_keyboard_layout.rsv");
CTX_STATIC_ASSERT(sizeof(struct ctx_presented) == 24, "ctx_presented");
CTX_STATIC_ASSERT(offsetof(struct ctx_presented, size) == 0, "ctx_presented.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_presented, rsv) == 4, "ctx_presented.rsv");
CTX_STATIC_ASSERT(offsetof(struct ctx_presented, count) == 8, "ctx_presented.count");
CTX_STATIC_ASSERT(offsetof(struct ctx_presented, time_ns) == 16, "ctx_presented.time_ns");
CTX_STATIC_ASSERT(sizeof(struct ctx_event) == 64, "ctx_event");
CTX_STATIC_ASSERT(offsetof(struct ctx_event, kind) == 0, "ctx_event.kind");
CTX_STATIC_ASSERT(offsetof(struct ctx_event, flags) == 4, "ctx_event.flags");
CTX_STATIC_ASSERT(offsetof(struct ctx_event, seq) == 8, "ctx_event.seq");
CTX_STATIC_ASSERT(offsetof(struct ctx_event, time_ns) == 16, "ctx_event.time_ns");
CTX_STATIC_ASSERT(offsetof(struct ctx_event, code) == 24, "ctx_event.code");
CTX_STATIC_ASSERT(offsetof(struct ctx_event, value) == 28, "ctx_event.value");
CTX_STATIC_ASSERT(offsetof(struct ctx_event, x) == 32, "ctx_event.x");
CTX_STATIC_ASSERT(offsetof(struct ctx_event, y) == 36, "ctx_event.y");
CTX_STATIC_ASSERT(offsetof(struct ctx_event, surface) == 40, "ctx_event.surface");
CTX_STATIC_ASSERT(offsetof(struct ctx_event, modifiers) == 44, "ctx_event.modifiers");
CTX_STATIC_ASSERT(offsetof(struct ctx_event, dx) == 48, "ctx_event.dx");
CTX_STATIC_ASSERT(offsetof(struct ctx_event, dy) == 52, "ctx_event.dy");
CTX_STATIC_ASSERT(offsetof(struct ctx_event, cookie) == 56, "ctx_event.cookie");
CTX_STATIC_ASSERT(sizeof(struct ctx_app_info) == 144, "ctx_app_info");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, pid) == 0, "ctx_app_info.pid");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, state) == 8, "ctx_app_info.state");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, version) == 12, "ctx_app_info.version");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, calls) == 16, "ctx_app_info.calls");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, faults) == 24, "ctx_app_info.faults");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, time_ns) == 32, "ctx_app_info.time_ns");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, longest_ns) == 40, "ctx_app_info.longest_ns");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, memory) == 48, "ctx_app_info.memory");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, name) == 56, "ctx_app_info.name");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, memory_quota) == 88, "ctx_app_info.memory_quota");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, parent) == 96, "ctx_app_info.parent");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, overruns) == 104, "ctx_app_info.overruns");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, budget_ns) == 112, "ctx_app_info.budget_ns");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, log_dropped) == 120, "ctx_app_info.log_dropped");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, restarts) == 128, "ctx_app_info.restarts");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, restart_policy) == 132, "ctx_app_info.restart_policy");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, isolated) == 136, "ctx_app_info.isolated");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, rsv) == 140, "ctx_app_info.rsv");
CTX_STATIC_ASSERT(sizeof(struct ctx_crash) == 2304, "ctx_crash");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, size) == 0, "ctx_crash.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, vector) == 4, "ctx_crash.vector");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, seq) == 8, "ctx_crash.seq");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, time_ns) == 16, "ctx_crash.time_ns");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, pid) == 24, "ctx_crash.pid");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, call) == 32, "ctx_crash.call");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, ip) == 40, "ctx_crash.ip");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, address) == 48, "ctx_crash.address");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, name) == 56, "ctx_crash.name");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, place) == 88, "ctx_crash.place");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, what) == 152, "ctx_crash.what");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, rsv) == 248, "ctx_crash.rsv");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, text_len) == 252, "ctx_crash.text_len");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, text) == 256, "ctx_crash.text");
CTX_STATIC_ASSERT(sizeof(struct ctx_host_call) == 240, "ctx_host_call");
CTX_STATIC_ASSERT(offsetof(struct ctx_host_call, size) == 0, "ctx_host_call.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_host_call, child) == 4, "ctx_host_call.child");
CTX_STATIC_ASSERT(offsetof(struct ctx_host_call, cookie) == 8, "ctx_host_call.cookie");
CTX_STATIC_ASSERT(offsetof(struct ctx_host_call, args) == 16, "ctx_host_call.args");
CTX_STATIC_ASSERT(offsetof(struct ctx_host_call, result) == 64, "ctx_host_call.result");
CTX_STATIC_ASSERT(offsetof(struct ctx_host_call, index) == 72, "ctx_host_call.index");
CTX_STATIC_ASSERT(offsetof(struct ctx_host_call, returns) == 76, "ctx_host_call.returns");
CTX_STATIC_ASSERT(offsetof(struct ctx_host_call, name) == 80, "ctx_host_call.name");
CTX_STATIC_ASSERT(offsetof(struct ctx_host_call, table) == 144, "ctx_host_call.table");
CTX_STATIC_ASSERT(offsetof(struct ctx_host_call, pid) == 208, "ctx_host_call.pid");
CTX_STATIC_ASSERT(offsetof(struct ctx_host_call, passed) == 216, "ctx_host_call.passed");
CTX_STATIC_ASSERT(offsetof(struct ctx_host_call, kinds) == 224, "ctx_host_call.kinds");
CTX_STATIC_ASSERT(sizeof(struct ctx_system_info) == 40, "ctx_system_info");
CTX_STATIC_ASSERT(offsetof(struct ctx_system_info, size) == 0, "ctx_system_info.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_system_info, apps) == 4, "ctx_system_info.apps");
CTX_STATIC_ASSERT(offsetof(struct ctx_system_info, uptime_ns) == 8, "ctx_system_info.uptime_ns");
CTX_STATIC_ASSERT(offsetof(struct ctx_system_info, memory) == 16, "ctx_system_info.memory");
CTX_STATIC_ASSERT(offsetof(struct ctx_system_info, memory_free) == 24, "ctx_system_info.memory_free");
CTX_STATIC_ASSERT(offsetof(struct ctx_system_info, trusted) == 32, "ctx_system_info.trusted");
CTX_STATIC_ASSERT(sizeof(struct ctx_cpu_info) == 16, "ctx_cpu_info");
CTX_STATIC_ASSERT(offsetof(struct ctx_cpu_info, size) == 0, "ctx_cpu_info.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_cpu_info, rsv) == 4, "ctx_cpu_info.rsv");
CTX_STATIC_ASSERT(offsetof(struct ctx_cpu_info, features) == 8, "ctx_cpu_info.features");
CTX_STATIC_ASSERT(sizeof(struct ctx_image_job) == 192, "ctx_image_job");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_job, size) == 0, "ctx_image_job.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_job, status) == 4, "ctx_image_job.status");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_job, done) == 8, "ctx_image_job.done");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_job, total) == 16, "ctx_image_job.total");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_job, pid) == 24, "ctx_image_job.pid");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_job, why) == 32, "ctx_image_job.why");
CTX_STATIC_ASSERT(sizeof(struct ctx_image_info) == 88, "ctx_image_info");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_info, name) == 0, "ctx_image_info.name");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_info, bytes) == 64, "ctx_image_info.bytes");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_info, wall_ns) == 72, "ctx_image_info.wall_ns");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_info, generation) == 80, "ctx_image_info.generation");
CTX_STATIC_ASSERT(sizeof(struct ctx_image_place) == 192, "ctx_image_place");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_place, size) == 0, "ctx_image_place.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_place, flags) == 4, "ctx_image_place.flags");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_place, used) == 8, "ctx_image_place.used");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_place, quota) == 16, "ctx_image_place.quota");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_place, room) == 24, "ctx_image_place.room");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_place, place) == 32, "ctx_image_place.place");
CTX_STATIC_ASSERT(sizeof(struct ctx_service_caller) == 72, "ctx_service_caller");
CTX_STATIC_ASSERT(offsetof(struct ctx_service_caller, size) == 0, "ctx_service_caller.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_service_caller, service) == 4, "ctx_service_caller.service");
CTX_STATIC_ASSERT(offsetof(struct ctx_service_caller, function) == 8, "ctx_service_caller.function");
CTX_STATIC_ASSERT(offsetof(struct ctx_service_caller, rsv) == 12, "ctx_service_caller.rsv");
CTX_STATIC_ASSERT(offsetof(struct ctx_service_caller, pid) == 16, "ctx_service_caller.pid");
CTX_STATIC_ASSERT(offsetof(struct ctx_service_caller, call) == 24, "ctx_service_caller.call");
CTX_STATIC_ASSERT(offsetof(struct ctx_service_caller, request) == 32, "ctx_service_caller.request");
CTX_STATIC_ASSERT(offsetof(struct ctx_service_caller, name) == 40, "ctx_service_caller.name");
CTX_STATIC_ASSERT(sizeof(struct ctx_service_news) == 48, "ctx_service_news");
CTX_STATIC_ASSERT(offsetof(struct ctx_service_news, size) == 0, "ctx_service_news.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_service_news, kind) == 4, "ctx_service_news.kind");
CTX_STATIC_ASSERT(offsetof(struct ctx_service_news, service) == 8, "ctx_service_news.service");
CTX_STATIC_ASSERT(offsetof(struct ctx_service_news, rsv) == 12, "ctx_service_news.rsv");
CTX_STATIC_ASSERT(offsetof(struct ctx_service_news, pid) == 16, "ctx_service_news.pid");
CTX_STATIC_ASSERT(offsetof(struct ctx_service_news, call) == 24, "ctx_service_news.call");
CTX_STATIC_ASSERT(offsetof(struct ctx_service_news, request) == 32, "ctx_service_news.request");
CTX_STATIC_ASSERT(offsetof(struct ctx_service_news, ended) == 40, "ctx_service_news.ended");
CTX_STATIC_ASSERT(offsetof(struct ctx_service_news, code) == 44, "ctx_service_news.code");
CTX_STATIC_ASSERT(sizeof(struct ctx_service_user) == 16, "ctx_service_user");
CTX_STATIC_ASSERT(offsetof(struct ctx_service_user, pid) == 0, "ctx_service_user.pid");
CTX_STATIC_ASSERT(offsetof(struct ctx_service_user, calls) == 8, "ctx_service_user.calls");
CTX_STATIC_ASSERT(sizeof(struct ctx_service_info) == 96, "ctx_service_info");
CTX_STATIC_ASSERT(offsetof(struct ctx_service_info, id) == 0, "ctx_service_info.id");
CTX_STATIC_ASSERT(offsetof(struct ctx_service_info, provider) == 64, "ctx_service_info.provider");
CTX_STATIC_ASSERT(offsetof(struct ctx_service_info, calls) == 72, "ctx_service_info.calls");
CTX_STATIC_ASSERT(offsetof(struct ctx_service_info, time_ns) == 80, "ctx_service_info.time_ns");
CTX_STATIC_ASSERT(offsetof(struct ctx_service_info, users) == 88, "ctx_service_info.users");
CTX_STATIC_ASSERT(offsetof(struct ctx_service_info, flags) == 92, "ctx_service_info.flags");
CTX_STATIC_ASSERT(sizeof(struct ctx_terminal_stream) == 24, "ctx_terminal_stream");
CTX_STATIC_ASSERT(offsetof(struct ctx_terminal_stream, size) == 0, "ctx_terminal_stream.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_terminal_stream, kind) == 4, "ctx_terminal_stream.kind");
CTX_STATIC_ASSERT(offsetof(struct ctx_terminal_stream, columns) == 8, "ctx_terminal_stream.columns");
CTX_STATIC_ASSERT(offsetof(struct ctx_terminal_stream, rows) == 12, "ctx_terminal_stream.rows");
CTX_STATIC_ASSERT(offsetof(struct ctx_terminal_stream, w) == 16, "ctx_terminal_stream.w");
CTX_STATIC_ASSERT(offsetof(struct ctx_terminal_stream, h) == 20, "ctx_terminal_stream.h");
CTX_STATIC_ASSERT(sizeof(struct ctx_terminal_modes) == 56, "ctx_terminal_modes");
CTX_STATIC_ASSERT(offsetof(struct ctx_terminal_modes, size) == 0, "ctx_terminal_modes.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_terminal_modes, input) == 4, "ctx_terminal_modes.input");
CTX_STATIC_ASSERT(offsetof(struct ctx_terminal_modes, output) == 8, "ctx_terminal_modes.output");
CTX_STATIC_ASSERT(offsetof(struct ctx_terminal_modes, control) == 12, "ctx_terminal_modes.control");
CTX_STATIC_ASSERT(offsetof(struct ctx_terminal_modes, local) == 16, "ctx_terminal_modes.local");
CTX_STATIC_ASSERT(offsetof(struct ctx_terminal_modes, rsv) == 20, "ctx_terminal_modes.rsv");
CTX_STATIC_ASSERT(offsetof(struct ctx_terminal_modes, cc) == 24, "ctx_terminal_modes.cc");
CTX_STATIC_ASSERT(sizeof(struct ctx_terminal_ready) == 16, "ctx_terminal_ready");
CTX_STATIC_ASSERT(offsetof(struct ctx_terminal_ready, size) == 0, "ctx_terminal_ready.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_terminal_ready, what) == 4, "ctx_terminal_ready.what");
CTX_STATIC_ASSERT(offsetof(struct ctx_terminal_ready, signal) == 8, "ctx_terminal_ready.signal");
CTX_STATIC_ASSERT(offsetof(struct ctx_terminal_ready, rsv) == 12, "ctx_terminal_ready.rsv");
CTX_STATIC_ASSERT(sizeof(struct ctx_files_info) == 40, "ctx_files_info");
CTX_STATIC_ASSERT(offsetof(struct ctx_files_info, size) == 0, "ctx_files_info.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_files_info, kind) == 4, "ctx_files_info.kind");
CTX_STATIC_ASSERT(offsetof(struct ctx_files_info, bytes) == 8, "ctx_files_info.bytes");
CTX_STATIC_ASSERT(offsetof(struct ctx_files_info, modified_ns) == 16, "ctx_files_info.modified_ns");
CTX_STATIC_ASSERT(offsetof(struct ctx_files_info, id) == 24, "ctx_files_info.id");
CTX_STATIC_ASSERT(offsetof(struct ctx_files_info, rights) == 32, "ctx_files_info.rights");
CTX_STATIC_ASSERT(offsetof(struct ctx_files_info, rsv) == 36, "ctx_files_info.rsv");
CTX_STATIC_ASSERT(sizeof(struct ctx_files_entry) == 288, "ctx_files_entry");
CTX_STATIC_ASSERT(offsetof(struct ctx_files_entry, size) == 0, "ctx_files_entry.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_files_entry, kind) == 4, "ctx_files_entry.kind");
CTX_STATIC_ASSERT(offsetof(struct ctx_files_entry, id) == 8, "ctx_files_entry.id");
CTX_STATIC_ASSERT(offsetof(struct ctx_files_entry, next) == 16, "ctx_files_entry.next");
CTX_STATIC_ASSERT(offsetof(struct ctx_files_entry, len) == 24, "ctx_files_entry.len");
CTX_STATIC_ASSERT(offsetof(struct ctx_files_entry, rsv) == 28, "ctx_files_entry.rsv");
CTX_STATIC_ASSERT(offsetof(struct ctx_files_entry, name) == 32, "ctx_files_entry.name");
CTX_STATIC_ASSERT(sizeof(struct ctx_block_info) == 208, "ctx_block_info");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_info, size) == 0, "ctx_block_info.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_info, disk) == 4, "ctx_block_info.disk");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_info, flags) == 8, "ctx_block_info.flags");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_info, block) == 12, "ctx_block_info.block");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_info, most) == 16, "ctx_block_info.most");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_info, in_flight) == 20, "ctx_block_info.in_flight");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_info, bytes) == 24, "ctx_block_info.bytes");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_info, most_erased) == 32, "ctx_block_info.most_erased");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_info, claimed) == 40, "ctx_block_info.claimed");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_info, whole) == 48, "ctx_block_info.whole");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_info, part) == 52, "ctx_block_info.part");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_info, type_id) == 56, "ctx_block_info.type_id");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_info, name) == 72, "ctx_block_info.name");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_info, label) == 96, "ctx_block_info.label");
CTX_STATIC_ASSERT(sizeof(struct ctx_block_request) == 48, "ctx_block_request");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_request, size) == 0, "ctx_block_request.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_request, op) == 4, "ctx_block_request.op");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_request, handle) == 8, "ctx_block_request.handle");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_request, share) == 12, "ctx_block_request.share");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_request, from) == 16, "ctx_block_request.from");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_request, at) == 24, "ctx_block_request.at");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_request, bytes) == 32, "ctx_block_request.bytes");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_request, tag) == 40, "ctx_block_request.tag");
CTX_STATIC_ASSERT(sizeof(struct ctx_block_done) == 32, "ctx_block_done");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_done, size) == 0, "ctx_block_done.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_done, status) == 4, "ctx_block_done.status");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_done, tag) == 8, "ctx_block_done.tag");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_done, bytes) == 16, "ctx_block_done.bytes");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_done, handle) == 24, "ctx_block_done.handle");
CTX_STATIC_ASSERT(offsetof(struct ctx_block_done, op) == 28, "ctx_block_done.op");
CTX_STATIC_ASSERT(sizeof(struct ctx_nic_info) == 144, "ctx_nic_info");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_info, size) == 0, "ctx_nic_info.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_info, card) == 4, "ctx_nic_info.card");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_info, flags) == 8, "ctx_nic_info.flags");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_info, mtu) == 12, "ctx_nic_info.mtu");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_info, most) == 16, "ctx_nic_info.most");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_info, least) == 20, "ctx_nic_info.least");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_info, pieces) == 24, "ctx_nic_info.pieces");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_info, entries) == 28, "ctx_nic_info.entries");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_info, groups) == 32, "ctx_nic_info.groups");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_info, speed) == 36, "ctx_nic_info.speed");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_info, claimed) == 40, "ctx_nic_info.claimed");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_info, mac) == 48, "ctx_nic_info.mac");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_info, rsv) == 54, "ctx_nic_info.rsv");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_info, name) == 56, "ctx_nic_info.name");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_info, label) == 80, "ctx_nic_info.label");
CTX_STATIC_ASSERT(sizeof(struct ctx_nic_setup) == 32, "ctx_nic_setup");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_setup, size) == 0, "ctx_nic_setup.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_setup, card) == 4, "ctx_nic_setup.card");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_setup, flags) == 8, "ctx_nic_setup.flags");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_setup, share) == 12, "ctx_nic_setup.share");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_setup, at) == 16, "ctx_nic_setup.at");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_setup, send_entries) == 24, "ctx_nic_setup.send_entries");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_setup, receive_entries) == 28, "ctx_nic_setup.receive_entries");
CTX_STATIC_ASSERT(sizeof(struct ctx_nic_rings) == 128, "ctx_nic_rings");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_rings, send_given) == 0, "ctx_nic_rings.send_given");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_rings, receive_given) == 4, "ctx_nic_rings.receive_given");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_rings, app) == 8, "ctx_nic_rings.app");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_rings, sent) == 64, "ctx_nic_rings.sent");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_rings, received) == 68, "ctx_nic_rings.received");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_rings, changes) == 72, "ctx_nic_rings.changes");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_rings, rsv) == 76, "ctx_nic_rings.rsv");
CTX_STATIC_ASSERT(sizeof(struct ctx_nic_entry) == 32, "ctx_nic_entry");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_entry, at) == 0, "ctx_nic_entry.at");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_entry, len) == 8, "ctx_nic_entry.len");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_entry, share) == 12, "ctx_nic_entry.share");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_entry, flags) == 16, "ctx_nic_entry.flags");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_entry, status) == 20, "ctx_nic_entry.status");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_entry, csum_start) == 24, "ctx_nic_entry.csum_start");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_entry, csum_offset) == 26, "ctx_nic_entry.csum_offset");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_entry, gso_size) == 28, "ctx_nic_entry.gso_size");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_entry, header) == 30, "ctx_nic_entry.header");
CTX_STATIC_ASSERT(sizeof(struct ctx_nic_counters) == 88, "ctx_nic_counters");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_counters, size) == 0, "ctx_nic_counters.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_counters, rsv) == 4, "ctx_nic_counters.rsv");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_counters, sent) == 8, "ctx_nic_counters.sent");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_counters, sent_bytes) == 16, "ctx_nic_counters.sent_bytes");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_counters, send_errors) == 24, "ctx_nic_counters.send_errors");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_counters, received) == 32, "ctx_nic_counters.received");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_counters, received_bytes) == 40, "ctx_nic_counters.received_bytes");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_counters, receive_errors) == 48, "ctx_nic_counters.receive_errors");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_counters, dropped) == 56, "ctx_nic_counters.dropped");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_counters, kicks) == 64, "ctx_nic_counters.kicks");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_counters, interrupts) == 72, "ctx_nic_counters.interrupts");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic_counters, resets) == 80, "ctx_nic_counters.resets");
CTX_STATIC_ASSERT(sizeof(struct ctx_files_space) == 32, "ctx_files_space");
CTX_STATIC_ASSERT(offsetof(struct ctx_files_space, size) == 0, "ctx_files_space.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_files_space, flags) == 4, "ctx_files_space.flags");
CTX_STATIC_ASSERT(offsetof(struct ctx_files_space, bytes) == 8, "ctx_files_space.bytes");
CTX_STATIC_ASSERT(offsetof(struct ctx_files_space, free) == 16, "ctx_files_space.free");
CTX_STATIC_ASSERT(offsetof(struct ctx_files_space, files) == 24, "ctx_files_space.files");
CTX_STATIC_ASSERT(sizeof(struct ctx_share_info) == 64, "ctx_share_info");
CTX_STATIC_ASSERT(offsetof(struct ctx_share_info, size) == 0, "ctx_share_info.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_share_info, share) == 4, "ctx_share_info.share");
CTX_STATIC_ASSERT(offsetof(struct ctx_share_info, rights) == 8, "ctx_share_info.rights");
CTX_STATIC_ASSERT(offsetof(struct ctx_share_info, flags) == 12, "ctx_share_info.flags");
CTX_STATIC_ASSERT(offsetof(struct ctx_share_info, bytes) == 16, "ctx_share_info.bytes");
CTX_STATIC_ASSERT(offsetof(struct ctx_share_info, address) == 24, "ctx_share_info.address");
CTX_STATIC_ASSERT(offsetof(struct ctx_share_info, tag) == 32, "ctx_share_info.tag");
CTX_STATIC_ASSERT(offsetof(struct ctx_share_info, from) == 40, "ctx_share_info.from");
CTX_STATIC_ASSERT(offsetof(struct ctx_share_info, owner) == 48, "ctx_share_info.owner");
CTX_STATIC_ASSERT(offsetof(struct ctx_share_info, mapped) == 56, "ctx_share_info.mapped");
CTX_STATIC_ASSERT(offsetof(struct ctx_share_info, holders) == 60, "ctx_share_info.holders");
CTX_STATIC_ASSERT(offsetof(struct ctx_iface, open) == 16, "ctx_iface.open");
CTX_STATIC_ASSERT(offsetof(struct ctx_time, now) == 16, "ctx_time.now");
CTX_STATIC_ASSERT(offsetof(struct ctx_time, wall) == 24, "ctx_time.wall");
CTX_STATIC_ASSERT(offsetof(struct ctx_time, wake_at) == 32, "ctx_time.wake_at");
CTX_STATIC_ASSERT(offsetof(struct ctx_time, zone) == 40, "ctx_time.zone");
CTX_STATIC_ASSERT(offsetof(struct ctx_mem, alloc) == 16, "ctx_mem.alloc");
CTX_STATIC_ASSERT(offsetof(struct ctx_mem, resize) == 24, "ctx_mem.resize");
CTX_STATIC_ASSERT(offsetof(struct ctx_mem, free) == 32, "ctx_mem.free");
CTX_STATIC_ASSERT(offsetof(struct ctx_mem, usage) == 40, "ctx_mem.usage");
CTX_STATIC_ASSERT(offsetof(struct ctx_display, info) == 16, "ctx_display.info");
CTX_STATIC_ASSERT(offsetof(struct ctx_display, canvas) == 24, "ctx_display.canvas");
CTX_STATIC_ASSERT(offsetof(struct ctx_display, create) == 32, "ctx_display.create");
CTX_STATIC_ASSERT(offsetof(struct ctx_display, pixels) == 40, "ctx_display.pixels");
CTX_STATIC_ASSERT(offsetof(struct ctx_display, damage) == 48, "ctx_display.damage");
CTX_STATIC_ASSERT(offsetof(struct ctx_display, presented) == 56, "ctx_display.presented");
CTX_STATIC_ASSERT(offsetof(struct ctx_display, resize) == 64, "ctx_display.resize");
CTX_STATIC_ASSERT(offsetof(struct ctx_display, destroy) == 72, "ctx_display.destroy");
CTX_STATIC_ASSERT(offsetof(struct ctx_display, ask_position) == 80, "ctx_display.ask_position");
CTX_STATIC_ASSERT(offsetof(struct ctx_display, ask_smallest) == 88, "ctx_display.ask_smallest");
CTX_STATIC_ASSERT(offsetof(struct ctx_display, title) == 96, "ctx_display.title");
CTX_STATIC_ASSERT(offsetof(struct ctx_display, cursor) == 104, "ctx_display.cursor");
CTX_STATIC_ASSERT(offsetof(struct ctx_display, describe) == 112, "ctx_display.describe");
CTX_STATIC_ASSERT(offsetof(struct ctx_display, ask_flags) == 120, "ctx_display.ask_flags");
CTX_STATIC_ASSERT(offsetof(struct ctx_events, read) == 16, "ctx_events.read");
CTX_STATIC_ASSERT(offsetof(struct ctx_events, wait) == 24, "ctx_events.wait");
CTX_STATIC_ASSERT(offsetof(struct ctx_log, write) == 16, "ctx_log.write");
CTX_STATIC_ASSERT(offsetof(struct ctx_args, count) == 16, "ctx_args.count");
CTX_STATIC_ASSERT(offsetof(struct ctx_args, get) == 24, "ctx_args.get");
CTX_STATIC_ASSERT(offsetof(struct ctx_random, fill) == 16, "ctx_random.fill");
CTX_STATIC_ASSERT(offsetof(struct ctx_random, reseed) == 24, "ctx_random.reseed");
CTX_STATIC_ASSERT(offsetof(struct ctx_cpu, info) == 16, "ctx_cpu.info");
CTX_STATIC_ASSERT(offsetof(struct ctx_apps, list) == 16, "ctx_apps.list");
CTX_STATIC_ASSERT(offsetof(struct ctx_system, info) == 16, "ctx_system.info");
CTX_STATIC_ASSERT(offsetof(struct ctx_system, reboot) == 24, "ctx_system.reboot");
CTX_STATIC_ASSERT(offsetof(struct ctx_system, power_off) == 32, "ctx_system.power_off");
CTX_STATIC_ASSERT(offsetof(struct ctx_loader, start) == 16, "ctx_loader.start");
CTX_STATIC_ASSERT(offsetof(struct ctx_loader, programs) == 24, "ctx_loader.programs");
CTX_STATIC_ASSERT(offsetof(struct ctx_loader, run) == 32, "ctx_loader.run");
CTX_STATIC_ASSERT(offsetof(struct ctx_control, stop) == 16, "ctx_control.stop");
CTX_STATIC_ASSERT(offsetof(struct ctx_control, restart) == 24, "ctx_control.restart");
CTX_STATIC_ASSERT(offsetof(struct ctx_control, pause) == 32, "ctx_control.pause");
CTX_STATIC_ASSERT(offsetof(struct ctx_control, resume) == 40, "ctx_control.resume");
CTX_STATIC_ASSERT(offsetof(struct ctx_control, crash) == 48, "ctx_control.crash");
CTX_STATIC_ASSERT(offsetof(struct ctx_control, remove) == 56, "ctx_control.remove");
CTX_STATIC_ASSERT(offsetof(struct ctx_host, open) == 16, "ctx_host.open");
CTX_STATIC_ASSERT(offsetof(struct ctx_host, wrap) == 24, "ctx_host.wrap");
CTX_STATIC_ASSERT(offsetof(struct ctx_host, forward) == 32, "ctx_host.forward");
CTX_STATIC_ASSERT(offsetof(struct ctx_host, copy_in) == 40, "ctx_host.copy_in");
CTX_STATIC_ASSERT(offsetof(struct ctx_host, copy_out) == 48, "ctx_host.copy_out");
CTX_STATIC_ASSERT(offsetof(struct ctx_host, close) == 56, "ctx_host.close");
CTX_STATIC_ASSERT(offsetof(struct ctx_host, let_pass) == 64, "ctx_host.let_pass");
CTX_STATIC_ASSERT(offsetof(struct ctx_host, rest) == 72, "ctx_host.rest");
CTX_STATIC_ASSERT(offsetof(struct ctx_image, save) == 16, "ctx_image.save");
CTX_STATIC_ASSERT(offsetof(struct ctx_image, restore) == 24, "ctx_image.restore");
CTX_STATIC_ASSERT(offsetof(struct ctx_image, remove) == 32, "ctx_image.remove");
CTX_STATIC_ASSERT(offsetof(struct ctx_image, poll) == 40, "ctx_image.poll");
CTX_STATIC_ASSERT(offsetof(struct ctx_image, list) == 48, "ctx_image.list");
CTX_STATIC_ASSERT(offsetof(struct ctx_image, place) == 56, "ctx_image.place");
CTX_STATIC_ASSERT(offsetof(struct ctx_service, publish) == 16, "ctx_service.publish");
CTX_STATIC_ASSERT(offsetof(struct ctx_service, unpublish) == 24, "ctx_service.unpublish");
CTX_STATIC_ASSERT(offsetof(struct ctx_service, caller) == 32, "ctx_service.caller");
CTX_STATIC_ASSERT(offsetof(struct ctx_service, callers) == 40, "ctx_service.callers");
CTX_STATIC_ASSERT(offsetof(struct ctx_service, news) == 48, "ctx_service.news");
CTX_STATIC_ASSERT(offsetof(struct ctx_service, complete) == 56, "ctx_service.complete");
CTX_STATIC_ASSERT(offsetof(struct ctx_service, take) == 64, "ctx_service.take");
CTX_STATIC_ASSERT(offsetof(struct ctx_service, cancel) == 72, "ctx_service.cancel");
CTX_STATIC_ASSERT(offsetof(struct ctx_service, done) == 80, "ctx_service.done");
CTX_STATIC_ASSERT(offsetof(struct ctx_service, list) == 88, "ctx_service.list");
CTX_STATIC_ASSERT(offsetof(struct ctx_service, grant) == 96, "ctx_service.grant");
CTX_STATIC_ASSERT(offsetof(struct ctx_windows, list) == 16, "ctx_windows.list");
CTX_STATIC_ASSERT(offsetof(struct ctx_windows, manage) == 24, "ctx_windows.manage");
CTX_STATIC_ASSERT(offsetof(struct ctx_windows, release) == 32, "ctx_windows.release");
CTX_STATIC_ASSERT(offsetof(struct ctx_windows, place) == 40, "ctx_windows.place");
CTX_STATIC_ASSERT(offsetof(struct ctx_windows, focus) == 48, "ctx_windows.focus");
CTX_STATIC_ASSERT(offsetof(struct ctx_windows, grab) == 56, "ctx_windows.grab");
CTX_STATIC_ASSERT(offsetof(struct ctx_windows, ungrab) == 64, "ctx_windows.ungrab");
CTX_STATIC_ASSERT(offsetof(struct ctx_windows, close) == 72, "ctx_windows.close");
CTX_STATIC_ASSERT(offsetof(struct ctx_windows, resize) == 80, "ctx_windows.resize");
CTX_STATIC_ASSERT(offsetof(struct ctx_windows, layouts) == 88, "ctx_windows.layouts");
CTX_STATIC_ASSERT(offsetof(struct ctx_windows, set_layout) == 96, "ctx_windows.set_layout");
CTX_STATIC_ASSERT(offsetof(struct ctx_windows, mirror) == 104, "ctx_windows.mirror");
CTX_STATIC_ASSERT(offsetof(struct ctx_windows, unmirror) == 112, "ctx_windows.unmirror");
CTX_STATIC_ASSERT(offsetof(struct ctx_windows, set_scale) == 120, "ctx_windows.set_scale");
CTX_STATIC_ASSERT(offsetof(struct ctx_windows, set_looks) == 128, "ctx_windows.set_looks");
CTX_STATIC_ASSERT(offsetof(struct ctx_share, create) == 16, "ctx_share.create");
CTX_STATIC_ASSERT(offsetof(struct ctx_share, map) == 24, "ctx_share.map");
CTX_STATIC_ASSERT(offsetof(struct ctx_share, unmap) == 32, "ctx_share.unmap");
CTX_STATIC_ASSERT(offsetof(struct ctx_share, grant) == 40, "ctx_share.grant");
CTX_STATIC_ASSERT(offsetof(struct ctx_share, take) == 48, "ctx_share.take");
CTX_STATIC_ASSERT(offsetof(struct ctx_share, info) == 56, "ctx_share.info");
CTX_STATIC_ASSERT(offsetof(struct ctx_share, revoke) == 64, "ctx_share.revoke");
CTX_STATIC_ASSERT(offsetof(struct ctx_share, close) == 72, "ctx_share.close");
CTX_STATIC_ASSERT(offsetof(struct ctx_share, wake) == 80, "ctx_share.wake");
CTX_STATIC_ASSERT(offsetof(struct ctx_terminal, describe) == 16, "ctx_terminal.describe");
CTX_STATIC_ASSERT(offsetof(struct ctx_terminal, write) == 24, "ctx_terminal.write");
CTX_STATIC_ASSERT(offsetof(struct ctx_terminal, read) == 32, "ctx_terminal.read");
CTX_STATIC_ASSERT(offsetof(struct ctx_terminal, modes) == 40, "ctx_terminal.modes");
CTX_STATIC_ASSERT(offsetof(struct ctx_terminal, set_modes) == 48, "ctx_terminal.set_modes");
CTX_STATIC_ASSERT(offsetof(struct ctx_terminal, next) == 56, "ctx_terminal.next");
CTX_STATIC_ASSERT(offsetof(struct ctx_files, root) == 16, "ctx_files.root");
CTX_STATIC_ASSERT(offsetof(struct ctx_files, open) == 24, "ctx_files.open");
CTX_STATIC_ASSERT(offsetof(struct ctx_files, close) == 32, "ctx_files.close");
CTX_STATIC_ASSERT(offsetof(struct ctx_files, read) == 40, "ctx_files.read");
CTX_STATIC_ASSERT(offsetof(struct ctx_files, write) == 48, "ctx_files.write");
CTX_STATIC_ASSERT(offsetof(struct ctx_files, info) == 56, "ctx_files.info");
CTX_STATIC_ASSERT(offsetof(struct ctx_files, look) == 64, "ctx_files.look");
CTX_STATIC_ASSERT(offsetof(struct ctx_files, list) == 72, "ctx_files.list");
CTX_STATIC_ASSERT(offsetof(struct ctx_files, resize) == 80, "ctx_files.resize");
CTX_STATIC_ASSERT(offsetof(struct ctx_files, make_folder) == 88, "ctx_files.make_folder");
CTX_STATIC_ASSERT(offsetof(struct ctx_files, remove) == 96, "ctx_files.remove");
CTX_STATIC_ASSERT(offsetof(struct ctx_files, rename) == 104, "ctx_files.rename");
CTX_STATIC_ASSERT(offsetof(struct ctx_files, date) == 112, "ctx_files.date");
CTX_STATIC_ASSERT(offsetof(struct ctx_files, sync) == 120, "ctx_files.sync");
CTX_STATIC_ASSERT(offsetof(struct ctx_files, wait) == 128, "ctx_files.wait");
CTX_STATIC_ASSERT(offsetof(struct ctx_files, replace) == 136, "ctx_files.replace");
CTX_STATIC_ASSERT(offsetof(struct ctx_files, space) == 144, "ctx_files.space");
CTX_STATIC_ASSERT(offsetof(struct ctx_files, watch) == 152, "ctx_files.watch");
CTX_STATIC_ASSERT(offsetof(struct ctx_files, together) == 160, "ctx_files.together");
CTX_STATIC_ASSERT(offsetof(struct ctx_screen, copy) == 16, "ctx_screen.copy");
CTX_STATIC_ASSERT(offsetof(struct ctx_block, list) == 16, "ctx_block.list");
CTX_STATIC_ASSERT(offsetof(struct ctx_block, claim) == 24, "ctx_block.claim");
CTX_STATIC_ASSERT(offsetof(struct ctx_block, release) == 32, "ctx_block.release");
CTX_STATIC_ASSERT(offsetof(struct ctx_block, info) == 40, "ctx_block.info");
CTX_STATIC_ASSERT(offsetof(struct ctx_block, submit) == 48, "ctx_block.submit");
CTX_STATIC_ASSERT(offsetof(struct ctx_block, done) == 56, "ctx_block.done");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic, list) == 16, "ctx_nic.list");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic, claim) == 24, "ctx_nic.claim");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic, release) == 32, "ctx_nic.release");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic, info) == 40, "ctx_nic.info");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic, kick) == 48, "ctx_nic.kick");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic, filter) == 56, "ctx_nic.filter");
CTX_STATIC_ASSERT(offsetof(struct ctx_nic, counters) == 64, "ctx_nic.counters");
CTX_STATIC_ASSERT(offsetof(struct ctx_saving, join) == 16, "ctx_saving.join");
CTX_STATIC_ASSERT(offsetof(struct ctx_saving, asked) == 24, "ctx_saving.asked");
CTX_STATIC_ASSERT(offsetof(struct ctx_saving, lasts) == 32, "ctx_saving.lasts");
CTX_STATIC_ASSERT(offsetof(struct ctx_journal, read) == 16, "ctx_journal.read");
CTX_STATIC_ASSERT(offsetof(struct ctx_hands, key) == 16, "ctx_hands.key");
CTX_STATIC_ASSERT(offsetof(struct ctx_hands, pointer) == 24, "ctx_hands.pointer");
CTX_STATIC_ASSERT(offsetof(struct ctx_hands, wheel) == 32, "ctx_hands.wheel");
CTX_STATIC_ASSERT(offsetof(struct ctx_calendar, set) == 16, "ctx_calendar.set");
CTX_STATIC_ASSERT(offsetof(struct ctx_calendar, set_zone) == 24, "ctx_calendar.set_zone");

#endif
