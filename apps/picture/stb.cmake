# SPDX-License-Identifier: MIT
# stb_image.h as Debian has it, in ${picture_stb}, with what its later versions have mended for files that were made to do harm:
# a table of a JPEG that has more than its 256 codes wrote behind its end. A text that is not there any more is mended.
include_guard(GLOBAL)
set(picture_stb "${PROJECT_BINARY_DIR}/stb")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${ARGOS_STB_INCLUDE}/stb_image.h")
file(READ "${ARGOS_STB_INCLUDE}/stb_image.h" stb)
string(REPLACE "         h->size[k++] = (stbi_uc) (i+1);\n   h->size[k] = 0;"
    "         { if (k >= 256) return stbi__err(\"bad size list\",\"Corrupt JPEG\"); h->size[k++] = (stbi_uc) (i+1); }\n   h->size[k] = 0;"
    stb "${stb}")
file(CONFIGURE OUTPUT "${picture_stb}/stb_image.h" CONTENT "${stb}" @ONLY)
