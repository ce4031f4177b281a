# SPDX-License-Identifier: MIT
# The core: plain C that knows no processor. Rooms from the ground up; kernel/doc/architecture.md has what each is for.

argos_room(base FILES
    format.c klog.c pack.c random.c string.c task.c utf8.c wall.c words.c)

argos_room(memory SEES base FILES
    frame.c heap.c slot.c slotheap.c slotheap_blocks.c slotheap_check.c slotheap_pages.c slotheap_rebuild.c)

argos_room(store SEES memory base FILES
    block.c disks.c gpt.c partitions.c store.c store_gpt.c store_index.c store_io.c store_mount.c store_space.c store_super.c store_work.c)

argos_room(app SEES memory base FILES
    app.c app_call.c app_chain.c app_context.c app_exception.c app_heap.c app_pages.c app_slot.c app_words.c canvas.c crash.c elf.c elf_dynamic.c elf_look.c elf_relocate.c grants.c hint.c insn.c
    isolate.c needs.c parked.c policy.c policy_words.c program.c ready.c report.c resource.c shelf.c verify.c verify_insn.c verify_opcodes.c)

argos_room(image SEES app memory base FILES
    image.c image_check.c image_check_memory.c image_check_program.c image_check_screen.c image_check_services.c image_write.c)

argos_room(context SEES image app memory base FILES
    context.c block_requests.c ctx_apps.c ctx_block.c ctx_host.c ctx_memory.c ctx_self.c ctx_service.c ctx_share.c ctx_v2.c ctx_v3.c files.c gate.c host_image.c host_links.c
    ctx_journal.c ctx_nic.c nic_devices.c nic_rings.c nic_users.c request.c service.c service_call.c service_image.c service_uses.c
    share.c share_image.c share_map.c terminal.c)

argos_room(input SEES context image app memory base FILES
    ctx_calendar.c ctx_hands.c event.c event_image.c event_ring.c input.c input_view.c route.c route_image.c serial_keys.c)

argos_room(screen SEES input context image app memory base FILES
    compose.c ctx_display.c ctx_screen.c ctx_windows.c expose.c mirror.c notice.c own_canvas.c place.c present.c resize.c sample.c scene.c screen.c surface.c surface_canvas.c surface_image.c)

argos_room(saving SEES store input context image app memory base FILES
    ctx_image.c go_back.c keep.c lasting.c restore.c restore_canvas.c restore_check.c restore_file.c save.c save_words.c session.c undo.c undo_close.c undo_heap.c
    undo_pages.c vault.c vault_memory.c)

argos_room(boot SEES app memory base FILES
    bootinfo.c cpio.c enough.c framebuffer.c memory_map.c modules.c multiboot2.c pvh.c)

argos_room(probe SEES saving image store screen input context app memory base FILES
    blocktest.c imagebench.c inject.c inject_code.c inject_look.c statehash.c step.c)

argos_room(. SEES . base memory store app context input screen saving image boot probe FILES
    loop.c panic.c resources.c tables.c)
