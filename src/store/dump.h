// A store as text for people: what it consists of and where its bytes go. Reads a store, stopped
// or live, also one that Store::open() refuses; where something is damaged it says so and goes
// on. Changes nothing.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "os/world.h"

namespace spoor::store {

// Called with text of any length, in order; lines end in a newline.
using TextSink = std::function<void(std::string_view text)>;

// Manifest, parts with their sections and columns, log records. An error only if there is no
// store at `root`.
Status dump_store(os::World& world, const std::string& root, const TextSink& sink);

}  // namespace spoor::store
