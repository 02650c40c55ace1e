#include "app/command.h"
#include "app/daemon.h"
#include "app/signals.h"
#include "base/log.h"

namespace spoor::app {

int command_serve(const CommandLine& line) {
  auto daemon =
      Daemon::start(line.world, line.options, {.storage_path = line.options.text("storage.path")});
  if (!daemon.ok()) return fail(daemon.status().message());
  for (const BoundPort& port : (*daemon)->ports()) {
    log_info("listening",
             {{"what", port.what},
              {"address", line.options.text("listen.host") + ":" + std::to_string(port.port)}});
  }
  while (wait_for_stop(60'000) == Stop::NotYet) {
  }
  log_info("stopping: requests under way end, then spans go into parts");
  Status stopped = (*daemon)->stop();
  if (!stopped.ok()) return fail("the end was not clean: " + stopped.message());
  log_info("stopped");
  return 0;
}

}  // namespace spoor::app
