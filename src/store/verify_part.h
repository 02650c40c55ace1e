// Proves one part: layout, every block's checksum, every page's content, all counts.
#pragma once

#include "store/manifest.h"
#include "store/verify.h"

namespace spoor::store {

enum class VerifyDepth {
  Pages,  // every byte is read, every page decoded, every count compared
  Rows,   // and every span put together
};

// Adds counts and findings to the report. `manifest` is the one that names the part.
void verify_part(os::World& world, const std::string& path, const ManifestPart& place,
                 const Manifest& manifest, VerifyDepth depth, VerifyReport& report);

}  // namespace spoor::store
