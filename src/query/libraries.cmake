target_link_libraries(spoor_query PUBLIC re2)
