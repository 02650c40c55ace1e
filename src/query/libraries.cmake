target_link_libraries(spoor_query PRIVATE re2)
