# SPDX-License-Identifier: MIT
# The core: plain C that knows no processor. Rooms from the ground up; see doc/architecture.md for what each is for.

argos_room(. SEES . FILES
    app.c app_call.c app_heap.c app_slot.c app_words.c block.c blocktest.c crash.c bootinfo.c canvas.c cpio.c ctx_drafts.c
    ctx_host.c ctx_image.c ctx_memory.c ctx_v2.c ctx_v3.c elf.c event.c format.c frame.c framebuffer.c gate.c heap.c image.c
    image_check.c image_write.c imagebench.c inject.c input.c insn.c keep.c klog.c loop.c memory.c modules.c multiboot2.c
    notice.c own_canvas.c pack.c panic.c policy.c present.c program.c pvh.c random.c ready.c replace.c report.c restore.c
    restore_canvas.c restore_check.c save.c screen.c serial_keys.c session.c slot.c slotheap.c statehash.c store.c store_gpt.c
    store_index.c store_io.c store_mount.c store_space.c store_super.c store_work.c string.c surface.c task.c undo.c
    undo_heap.c utf8.c vault.c vault_memory.c words.c)
