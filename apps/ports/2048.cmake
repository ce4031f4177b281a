# SPDX-License-Identifier: MIT
# 2048, the game for terminals: raw mode, colours, ^C. Unchanged.
argos_port_sources(2048 2048.c)
argos_port(2048 ${2048_files})
