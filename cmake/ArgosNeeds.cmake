# SPDX-License-Identifier: MIT
# What the build needs, looked for once; whatever is missing is one line that says how to get it.
set(argos_missing "")

macro(argos_need variable what)
  if(NOT ${variable})
    list(APPEND argos_missing "${what}")
  endif()
endmacro()

find_package(Python3 3.9 COMPONENTS Interpreter)
argos_need(Python3_Interpreter_FOUND python3)
if(ARGOS_KERNEL)
  find_program(ARGOS_GRUB_MKRESCUE grub-mkrescue)
  find_program(ARGOS_XORRISO xorriso)
  find_program(ARGOS_MFORMAT mformat)
  argos_need(ARGOS_GRUB_MKRESCUE grub-common)
  argos_need(ARGOS_XORRISO xorriso)
  argos_need(ARGOS_MFORMAT mtools)
endif()
if(ARGOS_KERNEL OR ARGOS_LINUX OR ARGOS_HOST)
  find_program(ARGOS_GZIP gzip)
  find_file(ARGOS_FONT_PACKED spleen-8x16.psfu.gz PATHS /usr/share/consolefonts /usr/share/kbd/consolefonts)
  argos_need(ARGOS_GZIP gzip)
  argos_need(ARGOS_FONT_PACKED fonts-spleen)
endif()
if(ARGOS_KERNEL OR ARGOS_LINUX) # what the apps are made of
  find_file(ARGOS_TTF DejaVuSansMono.ttf
      PATHS /usr/share/fonts/truetype/dejavu /usr/share/fonts/dejavu-sans-mono-fonts /usr/share/fonts/TTF
            /usr/share/fonts/dejavu)
  find_path(ARGOS_STB_INCLUDE stb_image.h PATHS /usr/include/stb PATH_SUFFIXES stb)
  argos_need(ARGOS_TTF fonts-dejavu-core)
  argos_need(ARGOS_STB_INCLUDE libstb-dev)
endif()
if(ARGOS_HOST)
  find_path(ARGOS_CMOCKA_INCLUDE cmocka.h)
  find_library(ARGOS_CMOCKA_LIBRARY cmocka)
  argos_need(ARGOS_CMOCKA_LIBRARY libcmocka-dev)
endif()

if(argos_missing)
  list(JOIN argos_missing " " argos_missing)
  message(FATAL_ERROR "missing: ${argos_missing} - run cmake/bootstrap.sh, which installs them")
endif()
