// The options of the program: one table from which flags, the YAML file, the environment, the
// help text, `spoor config` and docs/reference.md all follow.
//
// An option has one name in three forms: flag `--storage.path=x` (or `--storage.path x`), YAML
// `storage: {path: x}`, environment `SPOOR_STORAGE_PATH=x`. A flag wins over the environment,
// the environment over the file, the file over the default. An unknown name is refused with the
// nearest known one, a bad value with the expected form; nothing is ignored silently.
//
// Loaded once at start; an Options is immutable and may be read by all threads.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "os/world.h"

namespace spoor::app {

enum class OptionType {
  Text,
  Integer,
  Size,      // "64MiB", "1.5GB", "4096"; number() is bytes
  Duration,  // "10s", "1h30m"; number() is nanoseconds
  Choice,    // one of a few words
  Boolean,   // "true" or "false"; a flag alone means true
  List,      // separated by commas; in YAML also a sequence
};

struct OptionSpec {
  std::string_view name;
  OptionType type;
  std::string_view default_text;
  std::string_view group;  // the heading that it stands under
  std::string_view help;
  // Of a Choice: the words, as "always|interval:DURATION".
  std::string_view choices = {};
  // Of a number its limits, of a Text its length.
  uint64_t min = 0;
  uint64_t max = std::numeric_limits<uint64_t>::max();
};

std::span<const OptionSpec> option_table();

enum class OptionSource { Default, File, Environment, Flag };

struct OptionInput {
  std::vector<std::string> arguments;  // those after the subcommand
  std::vector<std::pair<std::string, std::string>> environment;
  // Flags of the options `<command>.x` may be given as `--x`.
  std::string command = {};
};

// The environment of this process.
std::vector<std::pair<std::string, std::string>> process_environment();

class Options {
 public:
  // Reads the file that the option `config` names, if it does, through the world. In a
  // container listen.host is 0.0.0.0 by default, because nothing else could be reached.
  static Result<Options> load(const OptionInput& input, os::World& world,
                              std::span<const OptionSpec> table = option_table());

  // REQUIRES, of all: the table has the name, with a type that fits.
  const std::string& text(std::string_view name) const;
  uint64_t number(std::string_view name) const;
  bool boolean(std::string_view name) const;
  const std::vector<std::string>& list(std::string_view name) const;
  // The duration behind a chosen word ("interval:1s"); nothing when the word has none.
  std::optional<uint64_t> choice_nanos(std::string_view name) const;

  OptionSource source(std::string_view name) const;
  // The arguments that are no flags, in order.
  const std::vector<std::string>& positional() const { return positional_; }
  // `--help` or `-h` is among the arguments.
  bool help_requested() const { return help_requested_; }

  // What `spoor config` prints: a YAML file of all options, each with its source as a comment.
  std::string to_yaml() const;

 private:
  friend class OptionLoader;
  struct Value {
    const OptionSpec* spec = nullptr;
    std::string text;
    OptionSource source = OptionSource::Default;
    std::string source_detail;  // "spoor.yaml:3", "SPOOR_STORAGE_PATH", ...
    uint64_t number = 0;        // of a Boolean 0 or 1, of a Choice the nanoseconds behind it
    std::vector<std::string> list;
  };
  const Value& value(std::string_view name) const;

  std::span<const OptionSpec> table_;
  std::map<std::string, Value, std::less<>> values_;
  std::vector<std::string> positional_;
  bool help_requested_ = false;
};

// "storage.head-bytes" -> "SPOOR_STORAGE_HEAD_BYTES"
std::string environment_name(std::string_view option);

// "64MiB" -> bytes. Units: B; KiB to TiB of 1024; kB to TB of 1000.
Result<uint64_t> parse_size_bytes(std::string_view text);

// What a value of the option looks like: "a duration such as 10s", "one of text, json".
std::string expected_form(const OptionSpec& spec);

// The part of `spoor --help` about options, and the whole of docs/reference.md.
std::string options_help(std::span<const OptionSpec> table = option_table());
std::string options_reference(std::span<const OptionSpec> table = option_table());

}  // namespace spoor::app
