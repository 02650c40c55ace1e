// Values as bytes, for what has no column type of its own: lists, maps, whole attribute lists,
// and the messages of resources and scopes. Layout: docs/format/part.md, "Value".
#pragma once

#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/status.h"
#include "model/span.h"
#include "model/value.h"

namespace spoor::store {

// Levels of nesting a reader accepts; decoders at the edge allow 16, so a stored value never
// comes near and a damaged one cannot exhaust the stack.
constexpr int kValueDepthMax = 64;

void encode_value(const Value& value, std::string& target);
void encode_attributes(Attributes attributes, std::string& target);
void encode_resource(const Resource& resource, std::string& target);
void encode_scope(const Scope& scope, std::string& target);

// Decoded views point into the reader's bytes, lists into the arena. DataLoss on damage.
Result<Value> decode_value(ByteReader& reader, Arena& arena);
Result<Attributes> decode_attributes(ByteReader& reader, Arena& arena);
Result<Resource> decode_resource(std::string_view bytes, Arena& arena);
Result<Scope> decode_scope(std::string_view bytes, Arena& arena);

// Copies of the views and lists into the arena, so that they live as long as it does.
Value copy_value(const Value& value, Arena& arena);
Attributes copy_attributes(Attributes attributes, Arena& arena);
Resource copy_resource(const Resource& resource, Arena& arena);
Scope copy_scope(const Scope& scope, Arena& arena);

}  // namespace spoor::store
