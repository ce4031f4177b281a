# SPDX-License-Identifier: MIT
# Duktape, an interpreter of ECMAScript 5.1, with its command line. Unchanged; as its own Makefile.cmdline builds it: with print,
# console, logging and modules, and no line editor. Scripts of ours lie in /.
set(folders src examples/cmdline extras/print-alert extras/console extras/logging extras/module-duktape)
argos_port_sources(duktape src/duktape.c examples/cmdline/duk_cmdline.c extras/print-alert/duk_print_alert.c
    extras/console/duk_console.c extras/logging/duk_logging.c extras/module-duktape/duk_module_duktape.c)
list(TRANSFORM folders PREPEND "-I${duktape_folder}/")
# What is parsed and what is called nest on the machine's stack, up to limits of Duktape's own.
argos_port(duktape VERIFIED ${duktape_files} FILES duktape STACK 4194304 FROM duktape FLAGS ${folders} -DDUK_CMDLINE_PRINTALERT_SUPPORT
    -DDUK_CMDLINE_CONSOLE_SUPPORT -DDUK_CMDLINE_LOGGING_SUPPORT -DDUK_CMDLINE_MODULE_SUPPORT)
