# SPDX-License-Identifier: MIT
#
# lwIP's sources, unpacked when CMake configures: argos_lwip_sources, argos_lwip_folder. Whoever compiles them brings lwipopts.h and arch/cc.h
# (apps/net/stack). No line of them is changed.
include_guard(DIRECTORY)
include(ArgosSources)

argos_source(lwip)
string(REGEX REPLACE "^.*_([0-9.]+)\\+.*$" "\\1" version "${lwip_tarball}")
set(argos_lwip_folder "${PROJECT_BINARY_DIR}/lwip-${version}/src")
if(NOT EXISTS "${argos_lwip_folder}/netif/ethernet.c")
  execute_process(
      COMMAND "${PROJECT_SOURCE_DIR}/cmake/fetch-sources.sh" --cache "${ARGOS_CACHE}" lwip
      RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "the sources of lwIP are missing")
  endif()
  file(ARCHIVE_EXTRACT INPUT "${ARGOS_CACHE}/sources/${lwip_tarball}" DESTINATION "${PROJECT_BINARY_DIR}"
       PATTERNS "*/src/core/*" "*/src/include/*" "*/src/netif/ethernet.c" "*/src/apps/mdns/*" "*/COPYING")
endif()
set(argos_lwip_sources
    core/def.c core/dns.c core/inet_chksum.c core/init.c core/ip.c core/mem.c core/memp.c core/netif.c core/pbuf.c core/raw.c core/tcp.c
    core/tcp_in.c core/tcp_out.c core/timeouts.c core/udp.c
    core/ipv4/acd.c core/ipv4/dhcp.c core/ipv4/etharp.c core/ipv4/icmp.c core/ipv4/igmp.c core/ipv4/ip4.c core/ipv4/ip4_addr.c
    core/ipv4/ip4_frag.c
    core/ipv6/ethip6.c core/ipv6/icmp6.c core/ipv6/ip6.c core/ipv6/ip6_addr.c core/ipv6/ip6_frag.c core/ipv6/mld6.c core/ipv6/nd6.c
    netif/ethernet.c apps/mdns/mdns.c apps/mdns/mdns_domain.c apps/mdns/mdns_out.c)
list(TRANSFORM argos_lwip_sources PREPEND "${argos_lwip_folder}/")
