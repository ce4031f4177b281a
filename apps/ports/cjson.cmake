# SPDX-License-Identifier: MIT
# cJSON, unchanged, with a program of ours that prints a file's values in three ways: `cjson FILE.json`.
argos_port_sources(cjson cJSON.c cJSON.h)
argos_port(cjson cjson/main.c ${cjson_folder}/cJSON.c FILES cjson/data FROM cjson FLAGS "-I${cjson_folder}")
