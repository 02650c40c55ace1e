// The subcommands of the program. Each is one file of the same shape: a function that takes the
// command line and gives the exit code, 0 for success, 1 for a failure that was printed, 2 for
// a command line that makes no sense.
#pragma once

#include <span>
#include <string_view>

#include "app/options.h"
#include "os/world.h"

namespace spoor::app {

struct CommandLine {
  os::World& world;
  const Options& options;  // positional() are the command's arguments
};

struct Command {
  std::string_view name;
  std::string_view arguments;  // "ID"
  std::string_view help;
  int (*run)(const CommandLine&);
};

int command_serve(const CommandLine& line);
int command_demo(const CommandLine& line);
int command_load(const CommandLine& line);
int command_trace(const CommandLine& line);
int command_search(const CommandLine& line);
int command_metrics(const CommandLine& line);
int command_verify(const CommandLine& line);
int command_dump(const CommandLine& line);
int command_config(const CommandLine& line);
int command_version(const CommandLine& line);

std::span<const Command> commands();

// Prints "spoor: <what>" to standard error. The result is `exit_code`.
int fail(std::string_view what, int exit_code = 1);

}  // namespace spoor::app
