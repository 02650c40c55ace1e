// The services, scopes and resources of several sections as one, each once, and what the codes of
// each section become. First step of a merge.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/span.h"
#include "store/section_metadata.h"
#include "store/shape.h"

namespace spoor::store {

class OriginUnion {
 public:
  // Takes in a further section: its number is the count of those before it.
  void add(const SectionMetadata& metadata);

  const Dictionary& services() const { return services_; }
  const Dictionary& scopes() const { return scopes_; }
  const Dictionary& resources() const { return resources_; }
  std::span<const uint32_t> services_of_resources() const { return resource_services_; }

  // REQUIRES: the section has the code.
  uint32_t service_of(size_t input, uint32_t code) const { return inputs_[input].services[code]; }
  uint32_t scope_of(size_t input, uint32_t code) const { return inputs_[input].scopes[code]; }
  uint32_t resource_of(size_t input, uint64_t code) const { return inputs_[input].resources[code]; }

  // By content. REQUIRES: of one of the sections.
  uint32_t code_of(const Resource& resource);
  uint32_t code_of(const Scope& scope);

 private:
  struct Input {
    std::vector<uint32_t> services, scopes, resources;
  };
  std::vector<Input> inputs_;
  Dictionary services_;
  Dictionary scopes_;
  Dictionary resources_;
  std::vector<uint32_t> resource_services_;
};

}  // namespace spoor::store
