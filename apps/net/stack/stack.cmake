# SPDX-License-Identifier: MIT
# TCP/IP's sources, for the app and for tests: net_stack_sources (ours), argos_lwip_sources; net_stack_folders.
include(ArgosLwip)
set(net_stack_sources address.c cards.c groups.c little.c long.c names.c ntp.c offload.c packets.c port.c room.c sockets.c stack.c tcp.c timers.c)
list(TRANSFORM net_stack_sources PREPEND "${PROJECT_SOURCE_DIR}/apps/net/stack/")
set(net_stack_folders "${PROJECT_SOURCE_DIR}/apps/net/stack" "${argos_lwip_folder}/include")
# It is not ours to warn about.
set_property(SOURCE ${argos_lwip_sources} APPEND PROPERTY COMPILE_OPTIONS -w)
# What sends stands in front of lwIP's own (long.c).
set_property(SOURCE "${argos_lwip_folder}/core/tcp_out.c" APPEND PROPERTY COMPILE_DEFINITIONS tcp_output=lwip_tcp_output)
set_property(SOURCE "${argos_lwip_folder}/core/tcp.c" APPEND PROPERTY COMPILE_DEFINITIONS
    tcp_rexmit_rto_commit=stack_rexmit_commit tcp_split_unsent_seg=stack_split)
# What a packet from anybody says about a way is looked at (address.c).
set_property(SOURCE "${argos_lwip_folder}/core/ipv6/nd6.c" APPEND PROPERTY COMPILE_DEFINITIONS nd6_get_destination_mtu=lwip_destination_mtu)
