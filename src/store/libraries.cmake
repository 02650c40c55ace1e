# Where the tests find the documents of the formats.
target_compile_definitions(spoor_store INTERFACE SPOOR_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
