// Writes the files of one released form of the store: a store with a merged part, a part of one
// flush and a record in the log, and all its spans as OTLP under zstd.
//
//   compat_generate DIRECTORY
//
// Run once for each form that is released, into test/compat/<version>; never again for one that
// is there.
#include <cstdio>
#include <string>

#include "base/hash.h"
#include "codec/compress.h"
#include "compat/requests.h"
#include "os/real_world.h"
#include "store/store.h"
#include "wire/otlp_decode.h"
#include "wire/otlp_encode.h"

namespace spoor {
namespace {

class Generator {
 public:
  explicit Generator(const std::string& directory) : directory_(directory) {}

  Status run() {
    SPOOR_TRY(world_.create_directories(directory_));
    store::StoreOptions options;
    options.path = directory_ + "/store";
    options.segment_bytes = 256 << 10;
    options.background = store::Background::Manual;
    options.decode = [](const store::LogRecord&) -> Result<store::ReplayedBody> {
      return failed_precondition("the directory holds a store already");
    };
    SPOOR_ASSIGN(store_, store::Store::open(world_, options));
    for (int flush = 0; flush < 2; ++flush) {
      for (int i = 0; i < 6; ++i) SPOOR_TRY(append(requests_.arbitrary()));
      for (int i = 0; i < 3; ++i) SPOOR_TRY(append(requests_.usual()));
      for (int i = 0; i < 3; ++i) SPOOR_TRY(append(requests_.rare()));
      SPOOR_TRY(store_->flush());
    }
    SPOOR_TRY(store_->merge_all());
    for (int i = 0; i < 5; ++i) SPOOR_TRY(append(requests_.arbitrary()));
    SPOOR_TRY(append(requests_.usual()));
    SPOOR_TRY(store_->flush());
    SPOOR_TRY(append(requests_.arbitrary()));
    SPOOR_TRY(store_->sync());
    store_.reset();
    SPOOR_TRY(world_.remove_file(options.path + "/LOCK"));
    SPOOR_ASSIGN(auto file, world_.open(directory_ + "/spans.otlp.zst", os::OpenMode::CreateNew));
    return file->write_at(0, codec::compress(codec::ContentEncoding::Zstd, spans_));
  }

 private:
  Status append(const SpanBatch& batch) {
    if (batch.spans.empty()) return {};
    std::string body = wire::encode_otlp(batch);
    // Bodies one behind another are one body of all their spans.
    spans_.append(body);
    SPOOR_ASSIGN(wire::DecodedRequest decoded, wire::decode_otlp(body));
    return store_
        ->append({.tenant = TenantId::default_tenant(),
                  .body = body,
                  .body_hash = hash128(body),
                  .received = UnixNanos{test::CompatRequests::kNow},
                  .batch = decoded.batch,
                  .refused = {}})
        .status();
  }

  os::RealWorld world_;
  const std::string directory_;
  std::unique_ptr<store::Store> store_;
  test::CompatRequests requests_;
  std::string spans_;
};

}  // namespace
}  // namespace spoor

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: compat_generate DIRECTORY\n");
    return 2;
  }
  spoor::Status done = spoor::Generator(arguments[1]).run();
  if (done.ok()) return 0;
  std::fprintf(stderr, "%s\n", done.to_string().c_str());
  return 1;
}
