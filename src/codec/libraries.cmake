target_link_libraries(spoor_codec PRIVATE deflate zstd snappy)
