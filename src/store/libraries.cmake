# The tests of the formats read their documents.
set_property(SOURCE ${dir}/log_format_test.cc ${dir}/manifest_test.cc ${dir}/part_format_test.cc
             APPEND PROPERTY COMPILE_DEFINITIONS SPOOR_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
