# How every target of the project is built. One interface target carries the flags, so that no CMakeLists.txt
# repeats them, and a handful of functions make the kinds of target that the house knows.

add_library(landline_flags INTERFACE)
target_compile_features(landline_flags INTERFACE cxx_std_20)
target_include_directories(landline_flags INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(landline_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual)
target_compile_definitions(landline_flags INTERFACE
    QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_KEYWORDS QT_USE_QSTRINGBUILDER
    LANDLINE_VERSION="${PROJECT_VERSION}")
# g++ 12 sees copies beyond the end in std::string's operator+ that are none (GCC bugs 105329, 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(landline_flags INTERFACE -Wno-array-bounds -Wno-restrict)
endif()
if(LANDLINE_WERROR)
    target_compile_options(landline_flags INTERFACE -Werror)
endif()
if(LANDLINE_SANITIZE)
    target_compile_options(landline_flags INTERFACE
        -fsanitize=${LANDLINE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(landline_flags INTERFACE -fsanitize=${LANDLINE_SANITIZE})
endif()
if(LANDLINE_FUZZ)
    target_compile_options(landline_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

set(CMAKE_AUTOMOC_MOC_OPTIONS --include "${CMAKE_CURRENT_LIST_DIR}/moc_prelude.h")

find_program(LANDLINE_CCACHE ccache)
if(LANDLINE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
        ${LANDLINE_CCACHE})
endif()
find_program(LANDLINE_MOLD mold)
if(LANDLINE_MOLD)
    target_link_options(landline_flags INTERFACE -fuse-ld=mold)
endif()

# The presets of ./dev test set CMAKE_UNITY_BUILD: up to ten sources of a target are compiled as one, for most of the time goes
# into the headers that they share. Names without linkage must then be different in the sources of a target; the compiler
# says where they are not. The dev build compiles each source, with its own includes, by itself.
# GCC takes a source that is compiled so for a header, in which names without linkage would be a mistake.
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    target_compile_options(landline_flags INTERFACE -Wno-subobject-linkage)
endif()

# landline_precompile(TARGET std|gtest|qt|widgets): TARGET reads the headers in precompiled/KIND.h as one that is
# compiled once. GCC takes it only where it was made with the same position independence, so libraries and programs
# have each their own.
function(landline_precompile target kind)
    get_target_property(type ${target} TYPE)
    set(holder precompiled_${kind})
    if(type STREQUAL EXECUTABLE)
        set(holder ${holder}_program)
    endif()
    if(NOT TARGET ${holder})
        set(folder "${PROJECT_SOURCE_DIR}/resources/cmake/precompiled")
        if(type STREQUAL EXECUTABLE)
            add_executable(${holder} EXCLUDE_FROM_ALL "${folder}/empty.cpp")
        else()
            add_library(${holder} OBJECT "${folder}/empty.cpp")
        endif()
        target_link_libraries(${holder} PRIVATE landline_flags PkgConfig::SODIUM Threads::Threads)
        if(kind STREQUAL gtest)
            target_link_libraries(${holder} PRIVATE GTest::gtest)
        elseif(kind STREQUAL qt)
            target_link_libraries(${holder} PRIVATE Qt6::Core Qt6::Network)
        elseif(kind STREQUAL widgets)
            target_link_libraries(${holder} PRIVATE Qt6::Core Qt6::Network Qt6::Widgets)
        endif()
        # Named from the root of the project, so that what is compiled is the same in every checkout and a compiler
        # cache serves them all.
        target_precompile_headers(${holder} PRIVATE "<resources/cmake/precompiled/${kind}.h>")
        # <QTest> cannot be among them: it reads a macro in which Qt tells each folder of tests its own path.
    endif()
    target_precompile_headers(${target} REUSE_FROM ${holder})
    # What ccache needs to know which headers an object was made from.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endfunction()

# landline_library(NAME): a static library with the project's flags. Its sources are added with target_sources by
# the folders of its modules.
function(landline_library name)
    add_library(${name} STATIC)
    target_link_libraries(${name} PUBLIC landline_flags)
endfunction()

# landline_qt_library(NAME): the same with Qt's code generators on.
function(landline_qt_library name)
    landline_library(${name})
    set_target_properties(${name} PROPERTIES AUTOMOC ON AUTORCC ON)
endfunction()

# Seconds that the longest tests take, so that CTest begins with them where it has no times of its own from an earlier run.
set(LANDLINE_TEST_SECONDS
    chaos_test 60 files_move_test 60 relay_hostile_test 55 tsan.relay_faults_test 55 files_ends_test 50
    relay_mail_test 50 hostile_test 40 asan.segment_test 35 firewall_test 35 messenger_limits_test 30
    faults_test 30 files_disk_test 25 relay_post_test 25 node_defence_test 25 bad_disk_test 25 cli_test 25
    cli_relay_talk_test 25 file_rules_test 20 relay_accounts_test 20 asan.relay_faults_test 20
    tsan.relay_store_test 20 files_death_test 15 files_wrong_test 15 files_many_test 15 node_strangers_test 15
    pictures_test 15 relay_soak_test 15 mixed_sim 15 cli_relay_test 15 node_sync_test 15 relay_outbox_test 15 cli_talk_test 10
    segment_test 10 relay_server_test 10 discovery_test 10 node_rules_test 10 relay_people_test 10
    message_sim 10 transfer_list_model_test 10 node_sessions_test 10 discovery_driver_test 10 file_pictures_test 10)

# landline_weigh_test(TEST LABEL): says when TEST begins, and how much beside it. Most tests wait for something most of their
# time, and ./dev test runs one more at once than there are cores. Where a test computes without end (a simulation, a
# sanitizer) or measures what it loads (chaos) it counts for two, so that those beside it have what they have elsewhere.
function(landline_weigh_test test label)
    list(FIND LANDLINE_TEST_SECONDS "${test}" at)
    if(at GREATER -1)
        math(EXPR at "${at} + 1")
        list(GET LANDLINE_TEST_SECONDS ${at} seconds)
        set_tests_properties(${test} PROPERTIES COST ${seconds})
    endif()
    if(LANDLINE_SANITIZE OR label MATCHES "^(sim|chaos)$")
        set_tests_properties(${test} PROPERTIES PROCESSORS 2)
    endif()
endfunction()

# landline_unit_test(NAME SOURCES … LIBS … [LABEL unit] [THREADS]): a GoogleTest program for modules without Qt. THREADS: it
# runs several threads. ThreadSanitizer is for these alone; what has one thread gives it nothing to find.
function(landline_unit_test name)
    cmake_parse_arguments(T "THREADS" "LABEL;TIMEOUT" "SOURCES;LIBS" ${ARGN})
    if(LANDLINE_SANITIZE STREQUAL thread AND NOT T_THREADS)
        return()
    endif()
    if(NOT T_LABEL)
        set(T_LABEL unit)
    endif()
    if(NOT T_TIMEOUT)
        set(T_TIMEOUT 300)
    endif()
    add_executable(${name} ${T_SOURCES})
    target_link_libraries(${name} PRIVATE ${T_LIBS} test_support GTest::gtest_main)
    if(NOT "${T_LIBS}" MATCHES "app_core|p2p_net|relay_server|relay_admin|Qt6::")
        landline_precompile(${name} gtest)
    endif()
    add_test(NAME ${LANDLINE_TEST_PREFIX}${name} COMMAND ${name})
    set_tests_properties(${LANDLINE_TEST_PREFIX}${name} PROPERTIES LABELS ${T_LABEL} TIMEOUT ${T_TIMEOUT})
    landline_weigh_test(${LANDLINE_TEST_PREFIX}${name} ${T_LABEL})
endfunction()

# landline_qt_test(NAME SOURCES … LIBS … [LABEL unit]): a Qt Test program (QTEST_MAIN or QTEST_GUILESS_MAIN in its
# source), run on the offscreen platform unless the test asks for another.
function(landline_qt_test name)
    cmake_parse_arguments(T "" "LABEL;TIMEOUT" "SOURCES;LIBS" ${ARGN})
    if(NOT T_LABEL)
        set(T_LABEL unit)
    endif()
    if(NOT T_TIMEOUT)
        set(T_TIMEOUT 300)
    endif()
    add_executable(${name} ${T_SOURCES})
    set_target_properties(${name} PROPERTIES AUTOMOC ON)
    target_link_libraries(${name} PRIVATE ${T_LIBS} test_support Qt6::Test)
    if("${T_LIBS}" MATCHES "app_ui|ui_test_support|Qt6::Widgets")
        landline_precompile(${name} widgets)
    elseif("${T_LIBS}" MATCHES "app_|p2p_net|net_test_support|Qt6::Network")
        landline_precompile(${name} qt)
    endif()
    add_test(NAME ${LANDLINE_TEST_PREFIX}${name} COMMAND ${name})
    set_tests_properties(${LANDLINE_TEST_PREFIX}${name} PROPERTIES LABELS ${T_LABEL} TIMEOUT ${T_TIMEOUT}
        ENVIRONMENT "QT_QPA_PLATFORM=offscreen;LC_ALL=C.UTF-8")
    landline_weigh_test(${LANDLINE_TEST_PREFIX}${name} ${T_LABEL})
endfunction()

# landline_fuzzer(NAME SOURCES … LIBS … CORPUS DIR): with LANDLINE_FUZZ a libFuzzer program; otherwise the same
# function driven over every file of its corpus, as a test.
function(landline_fuzzer name)
    cmake_parse_arguments(T "" "CORPUS" "SOURCES;LIBS" ${ARGN})
    add_executable(${name} ${T_SOURCES})
    target_link_libraries(${name} PRIVATE ${T_LIBS} test_support)
    if(NOT "${T_LIBS}" MATCHES "app_|p2p_net|Qt6::")
        landline_precompile(${name} std)
    endif()
    if(LANDLINE_FUZZ)
        target_link_options(${name} PRIVATE -fsanitize=fuzzer)
        set_property(GLOBAL APPEND PROPERTY LANDLINE_FUZZERS "${name} ${T_CORPUS}")
    else()
        target_sources(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests/fuzz/replay_main.cpp")
        add_test(NAME ${LANDLINE_TEST_PREFIX}${name} COMMAND ${name} "${T_CORPUS}")
        set_tests_properties(${LANDLINE_TEST_PREFIX}${name} PROPERTIES LABELS fuzz TIMEOUT 300)
    endif()
endfunction()

# landline_write_fuzzers(): the list of all fuzzers and their corpora for ./dev fuzz.
function(landline_write_fuzzers)
    get_property(fuzzers GLOBAL PROPERTY LANDLINE_FUZZERS)
    list(JOIN fuzzers "\n" text)
    file(WRITE "${PROJECT_BINARY_DIR}/fuzzers.txt" "${text}\n")
endfunction()

# landline_script_test(NAME SCRIPT … [ARGS …] [LABEL arch] [TIMEOUT 300] [SERIAL]): a test in Python. It skips by
# leaving with code 77.
function(landline_script_test name)
    cmake_parse_arguments(T "SERIAL" "SCRIPT;LABEL;TIMEOUT" "ARGS" ${ARGN})
    if(NOT T_TIMEOUT)
        set(T_TIMEOUT 300)
    endif()
    find_package(Python3 REQUIRED COMPONENTS Interpreter)
    add_test(NAME ${LANDLINE_TEST_PREFIX}${name} COMMAND Python3::Interpreter "${T_SCRIPT}" ${T_ARGS})
    set_tests_properties(${LANDLINE_TEST_PREFIX}${name} PROPERTIES LABELS ${T_LABEL} TIMEOUT ${T_TIMEOUT}
        SKIP_RETURN_CODE 77 ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
    landline_weigh_test(${LANDLINE_TEST_PREFIX}${name} ${T_LABEL})
    if(T_SERIAL)
        set_tests_properties(${LANDLINE_TEST_PREFIX}${name} PROPERTIES RUN_SERIAL ON)
    endif()
endfunction()
