target_link_libraries(spoor_codec PRIVATE zstd)
