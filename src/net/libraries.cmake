pkg_check_modules(NGHTTP2 REQUIRED IMPORTED_TARGET libnghttp2>=1.52)
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
target_link_libraries(spoor_net PRIVATE PkgConfig::NGHTTP2 Boost::headers OpenSSL::SSL)
target_compile_definitions(spoor_net PRIVATE BOOST_ASIO_NO_DEPRECATED
                                             BOOST_ASIO_DISABLE_BOOST_COROUTINE)
