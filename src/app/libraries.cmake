find_package(yaml-cpp REQUIRED)
target_link_libraries(spoor_app PRIVATE yaml-cpp)
# Where the tests find docs/reference.md, which is made from the options table.
target_compile_definitions(spoor_app INTERFACE SPOOR_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
target_compile_definitions(spoor_app PRIVATE SPOOR_VERSION="${PROJECT_VERSION}")
