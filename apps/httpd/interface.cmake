# SPDX-License-Identifier: MIT
# ctx.web/1: <web.h> for who calls it, <web_provider.h> for httpd; target web_client.
include_guard(GLOBAL)
include(ArgosInterface)
argos_interface(web "${CMAKE_CURRENT_LIST_DIR}/web.toml" LAYOUT "${CMAKE_CURRENT_LIST_DIR}/web.layout")
