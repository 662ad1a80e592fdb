# SPDX-License-Identifier: BSD-3-Clause
# calor::options carries what every calor target is compiled with; nothing is set globally.
add_library(calor_options INTERFACE)
add_library(calor::options ALIAS calor_options)
target_compile_options(
  calor_options
  INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
            # Same bits everywhere: a product and a sum are fused only where the source says so.
            -ffp-contract=off -fno-math-errno
            # Clang's word that a loop stayed scalar is about speed, not about the code.
            $<$<CXX_COMPILER_ID:Clang,AppleClang>:-Wno-pass-failed>
            $<$<BOOL:${CALOR_WERROR}>:-Werror>)
if(CALOR_SANITIZE)
  target_compile_options(calor_options INTERFACE -fsanitize=address,undefined -fno-omit-frame-pointer
                                                 -fno-sanitize-recover=undefined)
  target_link_options(calor_options INTERFACE -fsanitize=address,undefined)
endif()

if(CALOR_FUZZ)
  target_compile_options(calor_options INTERFACE -fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer
                                                 -fno-sanitize-recover=undefined)
  target_link_options(calor_options INTERFACE -fsanitize=address,undefined)
endif()

# One library a folder: calor_add_library(name SOURCES ... HEADERS ... INTERNAL ... PUBLIC ... PRIVATE ...), where HEADERS are
# installed and INTERNAL ones are for calor alone; none of the former may include one of the latter (tests/install).
function(calor_add_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;HEADERS;INTERNAL;PUBLIC;PRIVATE" ${ARGN})
  add_library(calor_${name} STATIC ${arg_SOURCES})
  add_library(calor::${name} ALIAS calor_${name})
  target_sources(calor_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${arg_HEADERS})
  target_sources(calor_${name} PRIVATE FILE_SET internal TYPE HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${arg_INTERNAL})
  target_compile_features(calor_${name} PUBLIC cxx_std_20)
  target_link_libraries(calor_${name} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE} $<BUILD_INTERFACE:calor::options>)
  set_target_properties(calor_${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON) # every header compiles alone
endfunction()
