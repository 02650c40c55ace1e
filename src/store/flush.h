// Writes a sealed head to parts, one per UTC day with a section per tenant. Puts nothing in
// force: the caller commits the manifest that comes back.
#pragma once

#include "os/world.h"
#include "store/head.h"
#include "store/manifest.h"

namespace spoor::store {

// `next` begins as a copy of the manifest in force and receives the new generation, parts,
// tenants and log floor. On error the part files written so far are removed.
// REQUIRES: the head is sealed; all its visible rows came from records before `log_floor`.
Status write_parts(os::World& world, const std::string& root, const Head& head,
                   const Visible& visible, LogPosition log_floor, Manifest& next);

}  // namespace spoor::store
