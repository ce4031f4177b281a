# SPDX-License-Identifier: MIT
# ctx.net/1: <net.h> for who calls it, <net_provider.h> for the app; target net_client. The C library calls it, so it comes before apps.
include_guard(GLOBAL)
include(ArgosInterface)
argos_interface(net "${CMAKE_CURRENT_LIST_DIR}/net.toml" LAYOUT "${CMAKE_CURRENT_LIST_DIR}/net.layout")
