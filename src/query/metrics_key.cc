#include "query/metrics_key.h"

#include "base/assert.h"
#include "store/value_codec.h"

namespace spoor::query {

void append_metrics_key(MetricsKey& key, const TypedValue& value) {
  key.push_back(static_cast<char>(value.type));
  store::encode_value(value.value, key);
}

TypedValue read_metrics_key(ByteReader& reader, Arena& arena) {
  auto type = static_cast<traceql::Type>(reader.fixed<uint8_t>());
  Result<Value> value = store::decode_value(reader, arena);
  SPOOR_ASSERT(value.ok());
  return {type, *value};
}

}  // namespace spoor::query
