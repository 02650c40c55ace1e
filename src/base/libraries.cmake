target_link_libraries(spoor_base PUBLIC Threads::Threads PRIVATE xxhash)
