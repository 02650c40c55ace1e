// The YAML file as a flat list of names and texts; the only place that knows the YAML library.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace spoor::app {

struct YamlEntry {
  std::string name;  // nested keys joined with dots
  std::string text;  // a sequence is joined with commas
  int line = 0;      // from 1
};

constexpr size_t kYamlBytesMax = 1 << 20;
constexpr size_t kYamlEntriesMax = 1000;
constexpr int kYamlDepthMax = 16;

// Mappings of scalars and sequences of scalars, nested at most kYamlDepthMax deep. An empty
// document is an empty list. Errors begin with the line: "3: expected a value for storage.path".
Result<std::vector<YamlEntry>> flatten_yaml(std::string_view text);

}  // namespace spoor::app
