// Proves one part: layout, every block's checksum, every page's content, all counts.
#pragma once

#include "store/manifest.h"
#include "store/verify.h"

namespace spoor::store {

// Adds counts and findings to the report. `manifest` is the one that names the part.
void verify_part(os::World& world, const std::string& path, const ManifestPart& place,
                 const Manifest& manifest, VerifyReport& report);

}  // namespace spoor::store
