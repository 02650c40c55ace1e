// Any text is refused with a reason, or becomes a tree whose text becomes an equal tree. Of any
// text something can be known that means something.
#include <cstdint>

#include "base/assert.h"
#include "traceql/check.h"
#include "traceql/lenient.h"
#include "traceql/named_fields.h"
#include "traceql/parser.h"
#include "traceql/print.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace spoor;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto known = traceql::known_condition(text);
  SPOOR_ASSERT(!known.ok() || traceql::check(*known, "").ok());
  auto query = traceql::parse(text);
  if (!query.ok()) {
    SPOOR_ASSERT(!query.status().message().empty());
    return 0;
  }
  Status checked = traceql::check(*query, text);
  SPOOR_ASSERT(checked.ok() || !checked.message().empty());
  SPOOR_ASSERT(traceql::named_fields(*query).size() <= text.size());
  std::string printed = traceql::to_string(*query);
  if (printed.size() > traceql::kQueryBytesMax) return 0;  // spaces can make it longer
  auto again = traceql::parse(printed);
  SPOOR_ASSERT(again.ok());
  SPOOR_ASSERT(*again == *query);
  SPOOR_ASSERT(traceql::to_string(*again) == printed);
  return 0;
}
