# Flags shared by all targets. Presets choose the compiler and the sanitizers.
add_compile_options(-Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wunused -Wimplicit-fallthrough
                    -Werror -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_compile_options(-Wthread-safety)
else()
  # gcc 12 reports reads through string_view and std::string that cannot happen.
  add_compile_options(-Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread
                      -Wno-restrict -Wno-maybe-uninitialized -Wno-dangling-else)
endif()

if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  # SSE4.2 carries crc32c; every x86-64 server since 2009 has it.
  add_compile_options(-msse4.2)
endif()

if(SPOOR_SANITIZE)
  add_compile_options(-fsanitize=${SPOOR_SANITIZE})
  add_link_options(-fsanitize=${SPOOR_SANITIZE})
  if(SPOOR_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
else()
  add_compile_options(-D_FORTIFY_SOURCE=2 -fstack-protector-strong)
  add_link_options(-Wl,-z,relro,-z,now)
endif()
if(SPOOR_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
add_compile_definitions(_GLIBCXX_ASSERTIONS)

find_program(SPOOR_CCACHE ccache)
if(SPOOR_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${SPOOR_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${SPOOR_CCACHE})
endif()
find_program(SPOOR_MOLD mold)
if(SPOOR_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
