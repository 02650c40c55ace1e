// The options as people read them: help, the reference page, the effective configuration.
#include <algorithm>

#include "app/options.h"
#include "base/json_writer.h"

namespace spoor::app {
namespace {

constexpr size_t kHelpColumns = 100;
constexpr size_t kHelpIndent = 8;

// "always|interval:DURATION" -> "always, interval:DURATION"
std::string listed(std::string_view choices) {
  std::string text;
  for (char c : choices) c == '|' ? text.append(", ") : text.append(1, c);
  return text;
}

struct NamedUnit {
  std::string_view name;
  uint64_t size;
};

constexpr NamedUnit kSizes[] = {{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}};
constexpr NamedUnit kDurations[] = {
    {"d", kNanosPerDay},    {"h", kNanosPerHour},   {"m", kNanosPerMinute},
    {"s", kNanosPerSecond}, {"ms", kNanosPerMilli}, {"ns", 1},
};

// In the largest unit that leaves no rest.
std::string in_units(uint64_t number, std::span<const NamedUnit> units) {
  if (number == 0) return "0";
  auto unit = std::ranges::find_if(units, [&](auto& each) { return number % each.size == 0; });
  return std::to_string(number / unit->size).append(unit->name);
}

std::string limits(const OptionSpec& spec) {
  if (spec.max == std::numeric_limits<uint64_t>::max()) return "";
  std::span<const NamedUnit> units;
  constexpr NamedUnit plain[] = {{"", 1}};
  if (spec.type == OptionType::Integer) units = plain;
  if (spec.type == OptionType::Size) units = kSizes;
  if (spec.type == OptionType::Duration) units = kDurations;
  return " from " + in_units(spec.min, units) + " to " + in_units(spec.max, units);
}

// The groups in the order in which the table first names them.
std::vector<std::string_view> groups(std::span<const OptionSpec> table) {
  std::vector<std::string_view> names;
  for (const OptionSpec& spec : table) {
    if (std::ranges::find(names, spec.group) == names.end()) names.push_back(spec.group);
  }
  return names;
}

void append_wrapped(std::string& text, std::string_view words) {
  size_t column = kHelpColumns;
  while (!words.empty()) {
    size_t end = std::min(words.find(' '), words.size());
    std::string_view word = words.substr(0, end);
    words.remove_prefix(std::min(end + 1, words.size()));
    if (column + 1 + word.size() > kHelpColumns) {
      if (!text.ends_with('\n')) text.push_back('\n');
      text.append(kHelpIndent, ' ');
      column = kHelpIndent;
    } else {
      text.push_back(' ');
      ++column;
    }
    text.append(word);
    column += word.size();
  }
  text.push_back('\n');
}

std::string_view source_name(OptionSource source) {
  switch (source) {
    case OptionSource::Default:
      return "default";
    case OptionSource::File:
      return "file";
    case OptionSource::Environment:
      return "environment";
    case OptionSource::Flag:
      return "flag";
  }
  return "";
}

// A YAML scalar: bare where that is plain, otherwise in double quotes.
std::string yaml_scalar(std::string_view text) {
  bool bare = !text.empty() && text.find_first_not_of(
                                   "abcdefghijklmnopqrstuvwxyz"
                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789./_-") == text.npos;
  bool null = text == "null" || text == "Null" || text == "NULL";
  if (bare && !null && text.front() != '-') return std::string(text);
  std::string quoted;
  JsonWriter(quoted).string(text);
  return quoted;
}

}  // namespace

std::string expected_form(const OptionSpec& spec) {
  switch (spec.type) {
    case OptionType::Text:
      return spec.min > 0 ? "a text that is not empty" : "a text";
    case OptionType::Integer:
      return "a whole number" + limits(spec);
    case OptionType::Size:
      return "a size such as 64MiB" + limits(spec);
    case OptionType::Duration:
      return "a duration such as 10s or 1h30m" + limits(spec);
    case OptionType::Choice:
      return "one of " + listed(spec.choices);
    case OptionType::Boolean:
      return "true or false";
    case OptionType::List:
      return "a list separated by commas";
  }
  return "";
}

std::string options_help(std::span<const OptionSpec> table) {
  std::string text;
  for (std::string_view group : groups(table)) {
    text.append(text.empty() ? "" : "\n").append(group).append(":\n");
    for (const OptionSpec& spec : table) {
      if (spec.group != group) continue;
      text.append("  --").append(spec.name).append("=");
      text.append(spec.default_text.empty() ? "..." : spec.default_text).append("\n");
      append_wrapped(text, spec.help);
    }
  }
  return text;
}

std::string options_reference(std::span<const OptionSpec> table) {
  std::string text =
      "# Reference\n\n"
      "Made from the options table by `spoor config --reference`; a test compares the two.\n\n"
      "Each option has one name in three forms: the flag `--storage.path=x`, the YAML key "
      "`storage: {path: x}` in the\nfile that `--config` names, the environment variable "
      "`SPOOR_STORAGE_PATH=x`. A flag wins over the environment, the\nenvironment over the file, "
      "the file over the default. An empty variable counts as not given, and those that Kubernetes "
      "makes for a\nservice named spoor are passed over. Sizes take B, KiB, MiB, GiB, TiB and kB, "
      "MB, GB, TB; durations\nns, us, ms, s, m, h, d, w.\n";
  for (std::string_view group : groups(table)) {
    text.append("\n## ").append(group).append("\n");
    for (const OptionSpec& spec : table) {
      if (spec.group != group) continue;
      text.append("\n### ").append(spec.name).append("\n\n");
      std::string sentence(spec.help);
      if (!sentence.empty() && sentence[0] >= 'a' && sentence[0] <= 'z') sentence[0] -= 'a' - 'A';
      text.append(sentence).append(".\n\n");
      text.append("- form: ").append(expected_form(spec)).append("\n");
      text.append("- default: ");
      if (spec.default_text.empty()) {
        text.append("none\n");
      } else {
        text.append("`").append(spec.default_text).append("`\n");
      }
      text.append("- environment: `").append(environment_name(spec.name)).append("`\n");
    }
  }
  return text;
}

std::string Options::to_yaml() const {
  std::string text;
  for (const OptionSpec& spec : table_) {
    if (spec.name == "config") continue;
    const Value& found = value(spec.name);
    std::string line = std::string(spec.name) + ": " + yaml_scalar(found.text);
    constexpr size_t kSourceColumn = 40;
    line.resize(std::max(line.size() + 2, kSourceColumn), ' ');
    text.append(line).append("# ").append(source_name(found.source));
    if (!found.source_detail.empty()) text.append(" ").append(found.source_detail);
    text.push_back('\n');
  }
  return text;
}

}  // namespace spoor::app
