# SPDX-License-Identifier: BSD-2-Clause
#
# The functions with which rooms describe themselves
#
#   tessera_room(NAME [NOFP] SOURCES ... DEPS ...)
#       the library of the room this CMakeLists.txt is in; NAME is the folder with
#       '/' as '_' (kernel/core -> kernel_core); headers in <room>/include. Without
#       SOURCES it is headers only. NOFP: no floating-point registers (always so in
#       kernel/, libs/util and libs/format, which the kernel's loader links).
#   tessera_host_program(NAME SOURCES ... DEPS ...)    a host command, build/host/bin/NAME
#   tessera_host_test(NAME SOURCES ... DEPS ...)       cmocka test, run by ctest
#   tessera_fuzz(NAME SOURCES ... DEPS ... SEEDS DIR)  libFuzzer, preset host-clang only;
#       ctest label "fuzz", TESSERA_FUZZ_SECONDS (environment) bounds it, default 60;
#       and NAME_hour for the long tier
#   A test with the ctest label "long" is left to `tools/tessera test --long`.
#   tessera_bare(NAME [NOLIBC] SCRIPT FILE SOURCES ... DEPS ...)
#       a target ELF without operating system, build/aarch64/programs/NAME.elf
#   tessera_component(NAME SOURCES ... LIBS ...)
#       a Microkit component, build/aarch64/components/NAME.elf, where compose looks
#
# A function that does not apply to the present TESSERA_TARGET does nothing, so a
# room's CMakeLists.txt needs no conditions but for what is really different.

set(TESSERA_TARGET host CACHE STRING "host or aarch64")
set(TESSERA_ARM64_SYSROOT ${CMAKE_SOURCE_DIR}/build/deps/arm64
    CACHE PATH "Unpacked Debian arm64 packages (tools/deps/fetch.py)")
option(TESSERA_SANITIZE "Address and undefined-behaviour sanitizers in everything" OFF)
option(TESSERA_FUZZ "Build the libFuzzer harnesses (clang)" OFF)

set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_STANDARD_LIBRARIES "")

set(TESSERA_WARNINGS
    -Wall -Wextra -Werror -Wconversion -Wsign-conversion -Wshadow -Wcast-qual
    -Wmissing-prototypes -Wstrict-prototypes -Wvla -Wundef)

# Paths of the build machine stay out of the binaries.
set(TESSERA_COMMON_FLAGS -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)

if(TESSERA_TARGET STREQUAL "aarch64")
    set(TESSERA_FLAGS ${TESSERA_COMMON_FLAGS} -march=armv8-a -O2 -g -ffreestanding -fno-pic -fno-pie
        -ffunction-sections -fdata-sections -fno-common -fno-asynchronous-unwind-tables
        -ftls-model=local-exec -fno-stack-protector)
    set(TESSERA_NOFP_FLAGS -mgeneral-regs-only -mstrict-align)
    set(TESSERA_PICOLIBC /usr/lib/picolibc/aarch64-linux-gnu)
    # One group for all libraries: the runtime and the C library need each other.
    set(CMAKE_C_LINK_EXECUTABLE
        "<CMAKE_C_COMPILER> <FLAGS> <CMAKE_C_LINK_FLAGS> <LINK_FLAGS> <OBJECTS> -o <TARGET> -Wl,--start-group <LINK_LIBRARIES> -Wl,--end-group")
else()
    set(TESSERA_FLAGS ${TESSERA_COMMON_FLAGS} -O1 -g -fno-omit-frame-pointer)
    set(TESSERA_NOFP_FLAGS)
    set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
    find_package(PkgConfig REQUIRED)
    find_package(LibXml2 REQUIRED)
    pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
endif()

if(TESSERA_SANITIZE)
    set(TESSERA_SANITIZE_FLAGS -fsanitize=address,undefined -fno-sanitize-recover=undefined)
    if(TESSERA_FUZZ)
        list(APPEND TESSERA_SANITIZE_FLAGS -fsanitize=fuzzer-no-link)
    endif()
    list(APPEND TESSERA_FLAGS ${TESSERA_SANITIZE_FLAGS})
    add_link_options(-fsanitize=address,undefined)
endif()

# <config.h>, with CONFIG_X as 0 or 1. Host tests check what the debug kernel checks;
# the two kernels of the target get their own, see kernel/CMakeLists.txt.
add_library(tessera_config INTERFACE)
if(TESSERA_TARGET STREQUAL "host")
    set(CONFIG_DEBUG 1)
else()
    set(CONFIG_DEBUG 0)
endif()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/config/include/config.h CONTENT
"/* SPDX-License-Identifier: BSD-2-Clause */
/* Build configuration, written by tools/cmake/tessera.cmake */
#pragma once
#define CONFIG_DEBUG @CONFIG_DEBUG@
" @ONLY)
target_include_directories(tessera_config INTERFACE ${CMAKE_BINARY_DIR}/config/include)

# Folders already entered below DIR, so that a room that enters its own
# sub-rooms and the search below do not collide.
function(tessera_entered dir out)
    get_property(subs DIRECTORY ${dir} PROPERTY SUBDIRECTORIES)
    set(all ${subs})
    foreach(sub IN LISTS subs)
        tessera_entered(${sub} below)
        list(APPEND all ${below})
    endforeach()
    set(${out} ${all} PARENT_SCOPE)
endfunction()

# Enters every room below TOP, shallow ones first.
macro(tessera_add_rooms top)
    foreach(_pattern ${top} ${top}/* ${top}/*/* ${top}/*/*/*)
        file(GLOB _found RELATIVE ${CMAKE_SOURCE_DIR} CONFIGURE_DEPENDS
             ${CMAKE_SOURCE_DIR}/${_pattern}/CMakeLists.txt)
        list(SORT _found)
        foreach(_file IN LISTS _found)
            get_filename_component(_room ${_file} DIRECTORY)
            tessera_entered(${CMAKE_SOURCE_DIR} _entered)
            if(NOT ${CMAKE_SOURCE_DIR}/${_room} IN_LIST _entered)
                add_subdirectory(${_room})
            endif()
        endforeach()
    endforeach()
endmacro()

# Is the present room one whose code must not touch floating-point registers?
function(tessera_room_is_nofp out)
    file(RELATIVE_PATH room ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
    if(room MATCHES "^(kernel/|kernel$|libs/util|libs/format)")
        set(${out} TRUE PARENT_SCOPE)
    else()
        set(${out} FALSE PARENT_SCOPE)
    endif()
endfunction()

# Flags of every file we compile ourselves.
function(tessera_compile_flags name nofp)
    target_compile_options(${name} PRIVATE ${TESSERA_FLAGS} $<$<COMPILE_LANGUAGE:C>:${TESSERA_WARNINGS}>)
    if(nofp)
        target_compile_options(${name} PRIVATE ${TESSERA_NOFP_FLAGS})
    endif()
    # Standard headers (string.h, stdint.h); the kernel's own rooms do not look there.
    file(RELATIVE_PATH room ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
    if(TESSERA_TARGET STREQUAL "aarch64" AND NOT room MATCHES "^kernel/(core|machine|arch|drivers|plat|boot)")
        target_compile_options(${name} PRIVATE -isystem ${TESSERA_PICOLIBC}/include)
    endif()
    target_link_libraries(${name} PRIVATE tessera_config)
    target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    if(IS_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/include)
        target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/include)
    endif()
endfunction()

function(tessera_room name)
    cmake_parse_arguments(R "NOFP" "" "SOURCES;DEPS" ${ARGN})
    if(R_SOURCES)
        add_library(${name} STATIC ${R_SOURCES})
        tessera_room_is_nofp(nofp)
        if(R_NOFP)
            set(nofp TRUE)
        endif()
        tessera_compile_flags(${name} ${nofp})
        set(scope PUBLIC)
    else()
        add_library(${name} INTERFACE)
        set(scope INTERFACE)
    endif()
    if(IS_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/include)
        target_include_directories(${name} ${scope} ${CMAKE_CURRENT_SOURCE_DIR}/include)
    endif()
    target_link_libraries(${name} ${scope} ${R_DEPS})
endfunction()

function(tessera_host_program name)
    if(NOT TESSERA_TARGET STREQUAL "host")
        return()
    endif()
    cmake_parse_arguments(R "" "" "SOURCES;DEPS" ${ARGN})
    add_executable(${name} ${R_SOURCES})
    tessera_compile_flags(${name} FALSE)
    target_link_libraries(${name} PRIVATE ${R_DEPS})
endfunction()

function(tessera_host_test name)
    if(NOT TESSERA_TARGET STREQUAL "host")
        return()
    endif()
    cmake_parse_arguments(R "" "" "SOURCES;DEPS" ${ARGN})
    add_executable(${name} ${R_SOURCES})
    tessera_compile_flags(${name} FALSE)
    target_link_libraries(${name} PRIVATE ${R_DEPS} PkgConfig::CMOCKA)
    add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES TIMEOUT 300 LABELS unit)
endfunction()

function(tessera_fuzz name)
    if(NOT TESSERA_FUZZ)
        return()
    endif()
    cmake_parse_arguments(R "" "SEEDS" "SOURCES;DEPS" ${ARGN})
    add_executable(${name} ${R_SOURCES})
    tessera_compile_flags(${name} FALSE)
    target_link_libraries(${name} PRIVATE ${R_DEPS})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    get_filename_component(seeds "${R_SEEDS}" ABSOLUTE)
    add_test(NAME ${name}
             COMMAND ${CMAKE_SOURCE_DIR}/tools/cmake/fuzz.sh $<TARGET_FILE:${name}>
                     ${CMAKE_CURRENT_BINARY_DIR}/${name}-corpus ${seeds})
    set_tests_properties(${name} PROPERTIES TIMEOUT 900 LABELS fuzz)
    add_test(NAME ${name}_hour
             COMMAND ${CMAKE_SOURCE_DIR}/tools/cmake/fuzz.sh $<TARGET_FILE:${name}>
                     ${CMAKE_CURRENT_BINARY_DIR}/${name}-corpus ${seeds})
    set_tests_properties(${name}_hour PROPERTIES TIMEOUT 4500 LABELS long
        ENVIRONMENT TESSERA_FUZZ_SECONDS=3600)
endfunction()

# Links NAME as a static ELF by the linker script.
function(tessera_link_bare name script libc folder)
    target_link_options(${name} PRIVATE -nostdlib -nostartfiles -static -no-pie
        -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,max-page-size=4096 -Wl,-z,noexecstack
        -Wl,--no-warn-rwx-segments -T ${script})
    set_target_properties(${name} PROPERTIES SUFFIX .elf LINK_DEPENDS ${script}
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/${folder})
    if(libc)
        target_link_options(${name} PRIVATE -L ${TESSERA_PICOLIBC}/lib/release)
        target_link_libraries(${name} PRIVATE -lc -lgcc)
    else()
        target_link_libraries(${name} PRIVATE -lgcc)
    endif()
endfunction()

function(tessera_bare name)
    if(NOT TESSERA_TARGET STREQUAL "aarch64")
        return()
    endif()
    cmake_parse_arguments(R "NOLIBC" "SCRIPT" "SOURCES;DEPS" ${ARGN})
    add_executable(${name} ${R_SOURCES})
    tessera_room_is_nofp(nofp)
    tessera_compile_flags(${name} ${nofp})
    target_link_libraries(${name} PRIVATE ${R_DEPS})
    get_filename_component(script ${R_SCRIPT} ABSOLUTE)
    if(R_NOLIBC)
        tessera_link_bare(${name} ${script} FALSE programs)
    else()
        tessera_link_bare(${name} ${script} TRUE programs)
    endif()
endfunction()

function(tessera_component name)
    if(NOT TESSERA_TARGET STREQUAL "aarch64")
        return()
    endif()
    cmake_parse_arguments(R "" "" "SOURCES;LIBS" ${ARGN})
    add_executable(${name} ${R_SOURCES})
    tessera_compile_flags(${name} FALSE)
    target_link_libraries(${name} PRIVATE libs_microkit ${R_LIBS})
    tessera_link_bare(${name} ${CMAKE_SOURCE_DIR}/libs/microkit/microkit.ld TRUE components)
endfunction()
