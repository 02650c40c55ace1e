#include "app/options.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>

#include "app/options_yaml.h"

namespace spoor::app {
namespace {

constexpr std::string_view kEnvironmentPrefix = "SPOOR_";

struct SizeUnit {
  std::string_view name;
  double bytes;
};

constexpr std::array<SizeUnit, 10> kSizeUnits = {{
    {"", 1},
    {"B", 1},
    {"KiB", 1024.0},
    {"MiB", 1024.0 * 1024},
    {"GiB", 1024.0 * 1024 * 1024},
    {"TiB", 1024.0 * 1024 * 1024 * 1024},
    {"kB", 1e3},
    {"MB", 1e6},
    {"GB", 1e9},
    {"TB", 1e12},
}};

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

Result<uint64_t> parse_integer(std::string_view text) {
  uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    return invalid_argument("not a whole number");
  }
  return number;
}

// How many single-character edits turn one text into the other.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

constexpr size_t kShownBytes = 80;  // of a text that came from outside, in a message

std::string quoted(std::string_view text) {
  return "\"" + std::string(text.substr(0, kShownBytes)) + "\"";
}

// A service named spoor in a Kubernetes namespace puts SPOOR_SERVICE_HOST, SPOOR_PORT,
// SPOOR_PORT_4317_TCP and the like into the environment of every pod.
bool is_kubernetes_service_variable(std::string_view name, std::string_view value) {
  bool is_url = value.starts_with("tcp://") || value.starts_with("udp://");
  return name.ends_with("_SERVICE_HOST") || name.find("_SERVICE_PORT") != name.npos || is_url ||
         name.find("_TCP_") != name.npos || name.find("_UDP_") != name.npos;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> process_environment() {
  std::vector<std::pair<std::string, std::string>> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    std::string_view text = *entry;
    size_t equals = text.find('=');
    if (equals == text.npos) continue;
    variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

std::string environment_name(std::string_view option) {
  std::string name(kEnvironmentPrefix);
  for (char c : option) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    name.push_back(c == '.' || c == '-' ? '_' : c);
  }
  return name;
}

Result<uint64_t> parse_size_bytes(std::string_view text) {
  size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
  std::string_view unit_name = text.substr(digits);
  for (const SizeUnit& unit : kSizeUnits) {
    if (unit_name != unit.name) continue;
    if (Result<uint64_t> whole = parse_integer(text.substr(0, digits)); whole.ok()) {
      auto factor = static_cast<uint64_t>(unit.bytes);
      if (*whole <= std::numeric_limits<uint64_t>::max() / factor) return *whole * factor;
      break;
    }
    double number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + digits, number);
    double bytes = number * unit.bytes;
    bool valid = error == std::errc() && end == text.data() + digits && bytes < 0x1p63;
    if (valid) return static_cast<uint64_t>(std::llround(bytes));
    break;
  }
  return invalid_argument("expected a size such as 64MiB, got " + quoted(text));
}

// Collects assignments from the four sources, in the order of rising precedence.
class OptionLoader {
 public:
  OptionLoader(std::span<const OptionSpec> table, os::World& world) : world_(world) {
    options_.table_ = table;
  }

  Result<Options> load(const OptionInput& input) {
    command_ = input.command;
    SPOOR_TRY(set_defaults(input));
    SPOOR_TRY(read_environment(input));
    SPOOR_TRY(read_arguments(input.arguments));
    SPOOR_TRY(read_file());
    for (const Assignment& assignment : assignments_) SPOOR_TRY(assign(assignment));
    return std::move(options_);
  }

 private:
  struct Assignment {
    const OptionSpec* spec;
    std::string text;
    OptionSource source;
    std::string detail;
  };

  const OptionSpec* find(std::string_view name) const {
    auto spec = std::ranges::find(options_.table_, name, &OptionSpec::name);
    return spec == options_.table_.end() ? nullptr : &*spec;
  }

  // "; did you mean --storage.path?", or nothing if no name is near. `spell` makes the form of
  // a name that the source uses.
  template <typename Spell>
  std::string suggestion(std::string_view unknown, Spell spell) const {
    unknown = unknown.substr(0, kShownBytes);
    std::string best;
    size_t best_distance = std::max<size_t>(3, unknown.size() / 3) + 1;
    for (const OptionSpec& spec : options_.table_) {
      std::string spelled = spell(spec.name);
      size_t distance = edit_distance(unknown, spelled);
      if (distance < best_distance) best_distance = distance, best = spelled;
    }
    return best.empty() ? "; spoor --help lists the options" : "; did you mean " + best + "?";
  }

  Status set_defaults(const OptionInput& input) {
    for (const OptionSpec& spec : options_.table_) {
      bool is_host = spec.name == "listen.host";
      bool all_addresses = is_host && in_container(input);
      SPOOR_TRY(assign({&spec, std::string(all_addresses ? "0.0.0.0" : spec.default_text),
                        OptionSource::Default, all_addresses ? "in a container" : ""}));
    }
    return {};
  }

  bool in_container(const OptionInput& input) const {
    if (in_kubernetes(input)) return true;
    for (const char* marker : {"/.dockerenv", "/run/.containerenv"}) {
      Result<bool> found = world_.exists(marker);
      if (found.ok() && *found) return true;
    }
    return false;
  }

  static bool in_kubernetes(const OptionInput& input) {
    return std::ranges::any_of(input.environment, [](const auto& entry) {
      return entry.first == "KUBERNETES_SERVICE_HOST";
    });
  }

  Status read_environment(const OptionInput& input) {
    for (const auto& [name, text] : input.environment) {
      // An empty variable is one that a container file passes on without having it.
      if (!name.starts_with(kEnvironmentPrefix) || text.empty()) continue;
      const std::string& variable = name;
      auto spec = std::ranges::find_if(options_.table_, [&](const OptionSpec& candidate) {
        return environment_name(candidate.name) == variable;
      });
      if (spec == options_.table_.end()) {
        if (in_kubernetes(input) && is_kubernetes_service_variable(name, text)) continue;
        return invalid_argument("unknown environment variable " + name.substr(0, kShownBytes) +
                                suggestion(name, environment_name));
      }
      assignments_.push_back({&*spec, text, OptionSource::Environment, name});
    }
    return {};
  }

  Status read_arguments(const std::vector<std::string>& arguments) {
    for (size_t i = 0; i < arguments.size(); ++i) {
      std::string_view argument = arguments[i];
      if (argument == "--") {
        options_.positional_.insert(options_.positional_.end(), arguments.begin() + i + 1,
                                    arguments.end());
        break;
      }
      if (argument == "--help" || argument == "-h") {
        options_.help_requested_ = true;
      } else if (!argument.starts_with("-") || argument == "-") {
        options_.positional_.emplace_back(argument);
      } else {
        SPOOR_TRY(read_flag(arguments, i));
      }
    }
    return {};
  }

  // `at` moves on when the value is the next argument.
  Status read_flag(const std::vector<std::string>& arguments, size_t& at) {
    std::string_view argument = arguments[at];
    size_t equals = argument.find('=');
    std::string flag(argument.substr(0, equals));
    const OptionSpec* spec = flag.starts_with("--") ? find(flag.substr(2)) : nullptr;
    if (spec == nullptr && flag.starts_with("--")) spec = find(command_ + "." + flag.substr(2));
    if (spec == nullptr) {
      return invalid_argument(
          "unknown option " + flag.substr(0, kShownBytes) +
          suggestion(flag, [](std::string_view name) { return "--" + std::string(name); }));
    }
    std::string text = "true";
    if (equals != argument.npos) {
      text = argument.substr(equals + 1);
    } else if (spec->type != OptionType::Boolean) {
      if (at + 1 == arguments.size()) {
        return invalid_argument(flag + ": expected " + expected_form(*spec) + ", got nothing");
      }
      text = arguments[++at];
    }
    assignments_.push_back({spec, text, OptionSource::Flag, flag});
    return {};
  }

  Status read_file() {
    std::string path = config_path();
    if (path.empty()) return {};
    SPOOR_ASSIGN(std::string text, os::read_file(world_, path, kYamlBytesMax));
    Result<std::vector<YamlEntry>> entries = flatten_yaml(text);
    if (!entries.ok()) return invalid_argument(path + ":" + entries.status().message());
    std::vector<Assignment> from_file;
    for (const YamlEntry& entry : *entries) {
      std::string place = path + ":" + std::to_string(entry.line);
      const OptionSpec* spec = entry.name == "config" ? nullptr : find(entry.name);
      if (spec == nullptr) {
        return invalid_argument(
            place + ": unknown option " + entry.name.substr(0, kShownBytes) +
            suggestion(entry.name, [](std::string_view name) { return std::string(name); }));
      }
      bool twice = std::ranges::find(from_file, spec, &Assignment::spec) != from_file.end();
      if (twice) return invalid_argument(place + ": " + entry.name + " is given twice");
      from_file.push_back({spec, entry.text, OptionSource::File, place});
    }
    assignments_.insert(assignments_.begin(), from_file.begin(), from_file.end());
    return {};
  }

  // The last assignment stands: flags come after the environment.
  std::string config_path() const {
    std::string path;
    for (const Assignment& assignment : assignments_) {
      if (assignment.spec->name == "config") path = assignment.text;
    }
    return path;
  }

  Status assign(const Assignment& assignment) {
    const OptionSpec& spec = *assignment.spec;
    Options::Value value{&spec, assignment.text, assignment.source, assignment.detail, 0, {}};
    if (!parse(spec, value)) {
      // A default that does not parse is a mistake in the table.
      SPOOR_ASSERT(assignment.source != OptionSource::Default);
      std::string place = assignment.detail;
      if (assignment.source == OptionSource::File) place.append(": ").append(spec.name);
      return invalid_argument(place + ": expected " + expected_form(spec) + ", got " +
                              quoted(assignment.text));
    }
    options_.values_[std::string(spec.name)] = std::move(value);
    return {};
  }

  static bool parse(const OptionSpec& spec, Options::Value& value) {
    auto in_range = [&](uint64_t number) { return number >= spec.min && number <= spec.max; };
    auto take = [&](const Result<uint64_t>& number) {
      if (!number.ok() || !in_range(*number)) return false;
      value.number = *number;
      return true;
    };
    switch (spec.type) {
      case OptionType::Text:
        return in_range(value.text.size());
      case OptionType::Integer:
        return take(parse_integer(value.text));
      case OptionType::Size:
        return take(parse_size_bytes(value.text));
      case OptionType::Duration:
        return take(parse_duration_nanos(value.text));
      case OptionType::Choice:
        return parse_choice(spec, value);
      case OptionType::Boolean:
        value.number = value.text == "true" ? 1 : 0;
        return value.text == "true" || value.text == "false";
      case OptionType::List:
        value.list = split(value.text, ',');
        return std::ranges::none_of(value.list, &std::string::empty);
    }
    return false;
  }

  static bool parse_choice(const OptionSpec& spec, Options::Value& value) {
    for (const std::string& choice : split(spec.choices, '|')) {
      size_t colon = choice.find(':');
      if (colon == choice.npos) {
        if (value.text == choice) return true;
        continue;
      }
      if (!value.text.starts_with(choice.substr(0, colon + 1))) continue;
      Result<uint64_t> nanos = parse_duration_nanos(value.text.substr(colon + 1));
      if (!nanos.ok() || *nanos == 0) return false;
      value.number = *nanos;
      return true;
    }
    return false;
  }

  os::World& world_;
  std::string command_;
  Options options_;
  std::vector<Assignment> assignments_;
};

Result<Options> Options::load(const OptionInput& input, os::World& world,
                              std::span<const OptionSpec> table) {
  return OptionLoader(table, world).load(input);
}

const Options::Value& Options::value(std::string_view name) const {
  auto found = values_.find(name);
  SPOOR_ASSERT(found != values_.end());
  return found->second;
}

const std::string& Options::text(std::string_view name) const {
  return value(name).text;
}

uint64_t Options::number(std::string_view name) const {
  const Value& found = value(name);
  SPOOR_ASSERT(found.spec->type == OptionType::Integer || found.spec->type == OptionType::Size ||
               found.spec->type == OptionType::Duration);
  return found.number;
}

bool Options::boolean(std::string_view name) const {
  const Value& found = value(name);
  SPOOR_ASSERT(found.spec->type == OptionType::Boolean);
  return found.number != 0;
}

const std::vector<std::string>& Options::list(std::string_view name) const {
  const Value& found = value(name);
  SPOOR_ASSERT(found.spec->type == OptionType::List);
  return found.list;
}

std::optional<uint64_t> Options::choice_nanos(std::string_view name) const {
  const Value& found = value(name);
  SPOOR_ASSERT(found.spec->type == OptionType::Choice);
  return found.number == 0 ? std::nullopt : std::optional(found.number);
}

OptionSource Options::source(std::string_view name) const {
  return value(name).source;
}

}  // namespace spoor::app
