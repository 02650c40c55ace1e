#include "wire/otlp_response.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace spoor::wire {
namespace {

TEST(ExportResponse, success_is_empty) {
  EXPECT_EQ(encode_export_response({}), "");
  EXPECT_EQ(encode_export_response_json({}), "{}");
}

TEST(ExportResponse, partial_success_has_the_count_and_the_reason) {
  EXPECT_EQ(to_hex(encode_export_response({3, "bad id"})),
            "0a0a0803120662616420"
            "6964");
  EXPECT_EQ(encode_export_response_json({3, "bad \"id\""}),
            R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"bad \"id\""}})");
}

TEST(ExportResponse, a_warning_has_no_count) {
  EXPECT_EQ(to_hex(encode_export_response({0, "hm"})), "0a041202686d");
  EXPECT_EQ(encode_export_response_json({0, "hm"}), R"({"partialSuccess":{"errorMessage":"hm"}})");
}

TEST(RpcStatus, a_final_error_has_no_details) {
  Status status = invalid_argument("no");
  EXPECT_EQ(to_hex(encode_rpc_status(status)), "080312026e6f");
  EXPECT_EQ(encode_rpc_status_json(status), R"({"code":3,"message":"no"})");
}

TEST(RpcStatus, a_passing_error_says_when_to_come_again) {
  Status status = unavailable("full", 2'250);
  // code 14, message, details {type_url, value {retry_delay {seconds 2, nanos 250000000}}}
  std::string type = to_hex("type.googleapis.com/google.rpc.RetryInfo");
  EXPECT_EQ(to_hex(encode_rpc_status(status)),
            "080e120466756c6c"
            "1a35"
            "0a28" +
                type +
                "1209"
                "0a07"
                "0802"
                "1080e59a77");
  EXPECT_EQ(encode_rpc_status_json(status),
            R"({"code":14,"message":"full","details":[{"@type":)"
            R"("type.googleapis.com/google.rpc.RetryInfo","retryDelay":"2.250s"}]})");
  EXPECT_NE(encode_rpc_status_json(unavailable("", 5'000)).find("\"5s\""), std::string::npos);
  EXPECT_NE(encode_rpc_status_json(unavailable("", 7)).find("\"0.007s\""), std::string::npos);
  std::string at_once = encode_rpc_status(unavailable("", 0));
  EXPECT_EQ(to_hex(at_once),
            "080e"
            "1a2e"
            "0a28" +
                type +
                "1202"
                "0a00");
}

}  // namespace
}  // namespace spoor::wire
