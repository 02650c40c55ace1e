#include "store/origin_union.h"

#include "base/assert.h"
#include "store/value_codec.h"

namespace spoor::store {
namespace {

// Of an entry that the dictionary has.
uint32_t known_code(Dictionary& dictionary, std::string_view bytes) {
  size_t known = dictionary.size();
  uint32_t code = dictionary.intern(bytes);
  SPOOR_ASSERT(code < known);
  return code;
}

}  // namespace

void OriginUnion::add(const SectionMetadata& metadata) {
  Input& input = inputs_.emplace_back();
  std::string bytes;
  for (std::string_view service : metadata.services) {
    input.services.push_back(services_.intern(service));
  }
  for (const Scope& scope : metadata.scopes) {
    bytes.clear();
    encode_scope(scope, bytes);
    input.scopes.push_back(scopes_.intern(bytes));
  }
  for (const Resource& resource : metadata.resources) {
    bytes.clear();
    encode_resource(resource, bytes);
    uint32_t code = resources_.intern(bytes);
    input.resources.push_back(code);
    if (code < resource_services_.size()) continue;
    resource_services_.push_back(services_.intern(resource.service_name()));
  }
  SPOOR_ASSERT(resource_services_.size() == resources_.size());
}

uint32_t OriginUnion::code_of(const Resource& resource) {
  std::string bytes;
  encode_resource(resource, bytes);
  return known_code(resources_, bytes);
}

uint32_t OriginUnion::code_of(const Scope& scope) {
  std::string bytes;
  encode_scope(scope, bytes);
  return known_code(scopes_, bytes);
}

}  // namespace spoor::store
