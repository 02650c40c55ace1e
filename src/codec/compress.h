// Compression of whole request bodies, for clients: the counterpart of inflate.h.
#pragma once

#include <string>
#include <string_view>

#include "codec/inflate.h"

namespace spoor::codec {

// At the speed that a batching exporter would choose. Identity copies. REQUIRES: Identity, Gzip
// or Zstd.
std::string compress(ContentEncoding encoding, std::string_view bytes);

}  // namespace spoor::codec
