// spoor: the program. Finds the subcommand, loads the options, runs it.
#include <cstdio>
#include <string>

#include "app/command.h"
#include "app/options.h"
#include "app/signals.h"
#include "base/log.h"
#include "os/real_world.h"

namespace spoor::app {
namespace {

std::string usage() {
  std::string text = "spoor keeps traces. usage: spoor COMMAND [--OPTION=VALUE...]\n\n";
  for (const Command& command : commands()) {
    std::string form = std::string(command.name) + " " + std::string(command.arguments);
    form.resize(std::max<size_t>(form.size(), 16), ' ');
    text.append("  ").append(form).append(command.help).append("\n");
  }
  return text + "\n" + options_help();
}

const Command* find_command(std::string_view name) {
  for (const Command& command : commands()) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

int run(int argc, char** argv) {
  std::string name = argc > 1 ? argv[1] : "help";
  if (name == "help" || name == "--help" || name == "-h") {
    std::fputs(usage().c_str(), stdout);
    return argc > 1 ? 0 : 2;
  }
  if (name == "--version") name = "version";
  const Command* command = find_command(name);
  if (command == nullptr) {
    return fail("unknown command \"" + name + "\"; `spoor help` lists them", 2);
  }
  os::RealWorld world;
  OptionInput input{std::vector<std::string>(argv + 2, argv + argc), process_environment(), name};
  Result<Options> options = Options::load(input, world);
  if (!options.ok()) return fail(options.status().message(), 2);
  if (options->help_requested()) {
    std::fputs(usage().c_str(), stdout);
    return 0;
  }
  configure_log(*parse_log_format(options->text("log.format")),
                *parse_log_level(options->text("log.level")));
  return command->run({world, *options});
}

}  // namespace
}  // namespace spoor::app

int main(int argc, char** argv) {
  spoor::app::block_stop_signals();
  return spoor::app::run(argc, argv);
}
