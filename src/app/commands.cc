#include <cstdio>

#include "app/command.h"
#include "app/daemon.h"

namespace spoor::app {
namespace {

constexpr Command kCommands[] = {
    {"serve", "", "run the server", command_serve},
    {"demo", "", "run the server and a synthetic shop that sends it spans", command_demo},
    {"load", "", "send spans as fast as they are taken, or at a rate; print what became of them",
     command_load},
    {"trace", "ID", "print a trace as a tree, asked from a running server", command_trace},
    {"search", "[KEY=VALUE...|QUERY]",
     "list the newest traces that match tags or TraceQL, asked from a running server",
     command_search},
    {"metrics", "QUERY", "print numbers over time that a TraceQL metrics query counts",
     command_metrics},
    {"verify", "[PATH]", "check every byte of a data directory; changes nothing", command_verify},
    {"dump", "[PATH]", "print what a data directory consists of", command_dump},
    {"config", "", "print the options in effect (`config reference`: the reference page)",
     command_config},
    {"version", "", "print the version", command_version},
};

}  // namespace

std::span<const Command> commands() {
  return kCommands;
}

int fail(std::string_view what, int exit_code) {
  std::fprintf(stderr, "spoor: %.*s\n", static_cast<int>(what.size()), what.data());
  return exit_code;
}

int command_config(const CommandLine& line) {
  bool reference =
      !line.options.positional().empty() && line.options.positional()[0] == "reference";
  std::string text = reference ? options_reference() : line.options.to_yaml();
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

int command_version(const CommandLine&) {
  std::printf("spoor %s\n", std::string(version()).c_str());
  return 0;
}

}  // namespace spoor::app
