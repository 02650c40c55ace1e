#include "app/options_yaml.h"

#include <yaml-cpp/yaml.h>

namespace spoor::app {
namespace {

Status error_at(const YAML::Mark& mark, const std::string& message) {
  int line = mark.is_null() ? 1 : mark.line + 1;
  return invalid_argument(std::to_string(line) + ": " + message);
}

class Flattener {
 public:
  Status mapping(const YAML::Node& node, const std::string& prefix, int depth) {
    if (depth > kYamlDepthMax) {
      return error_at(node.Mark(), "nested more than " + std::to_string(kYamlDepthMax) + " deep");
    }
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) return error_at(entry.first.Mark(), "expected a plain key");
      std::string name =
          prefix.empty() ? entry.first.Scalar() : prefix + "." + entry.first.Scalar();
      SPOOR_TRY(one(entry.first.Mark(), name, entry.second, depth));
    }
    return {};
  }

  std::vector<YamlEntry> take() { return std::move(entries_); }

 private:
  Status one(const YAML::Mark& mark, const std::string& name, const YAML::Node& node, int depth) {
    if (node.IsMap()) return mapping(node, name, depth + 1);
    if (entries_.size() >= kYamlEntriesMax) {
      return error_at(mark, "more than " + std::to_string(kYamlEntriesMax) + " options");
    }
    if (node.IsScalar()) {
      entries_.push_back({name, node.Scalar(), mark.line + 1});
      return {};
    }
    if (!node.IsSequence()) return error_at(mark, "expected a value for " + name);
    std::string joined;
    for (const YAML::Node& item : node) {
      if (!item.IsScalar()) return error_at(mark, "expected plain values in the list " + name);
      joined.append(joined.empty() ? "" : ",").append(item.Scalar());
      if (joined.size() > kYamlBytesMax) return error_at(mark, "the list " + name + " is too long");
    }
    entries_.push_back({name, joined, mark.line + 1});
    return {};
  }

  std::vector<YamlEntry> entries_;
};

}  // namespace

Result<std::vector<YamlEntry>> flatten_yaml(std::string_view text) {
  if (text.size() > kYamlBytesMax) {
    return invalid_argument("1: expected at most " + std::to_string(kYamlBytesMax) +
                            " bytes, got " + std::to_string(text.size()));
  }
  try {
    YAML::Node root = YAML::Load(std::string(text));
    if (root.IsNull()) return std::vector<YamlEntry>{};
    if (!root.IsMap()) return error_at(root.Mark(), "expected keys and values");
    Flattener flattener;
    SPOOR_TRY(flattener.mapping(root, "", 1));
    return flattener.take();
  } catch (const YAML::Exception& error) {
    return error_at(error.mark, error.msg);
  }
}

}  // namespace spoor::app
