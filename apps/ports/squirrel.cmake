# SPDX-License-Identifier: MIT
# Squirrel, a language of classes, generators and coroutines, in C++ without its library, and its command line in C. Unchanged; with
# integers of 64 bits, as its own CMakeLists.txt has them. Scripts of ours lie in /.
set(core api baselib class compiler debug funcstate lexer mem object state table vm)
list(TRANSFORM core PREPEND squirrel/sq)
set(library aux blob io math rex stream string system)
list(TRANSFORM library PREPEND sqstdlib/sqstd)
set(sources ${core} ${library})
list(TRANSFORM sources APPEND .cpp)
argos_port_sources(squirrel sq/sq.c ${sources})
argos_port(squirrel VERIFIED ${squirrel_files} FILES squirrel STACK 4194304 FROM squirrel FLAGS -D_SQ64 "-I${squirrel_folder}/include"
    "-I${squirrel_folder}/squirrel" "-I${squirrel_folder}/sqstdlib" -fno-strict-aliasing $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>
    $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>)
if(TARGET squirrel-here) # what newer C++ has in <new> stumbles over names that Squirrel defines
  set_target_properties(squirrel-here PROPERTIES CXX_STANDARD 11)
endif()
