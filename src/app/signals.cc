#include "app/signals.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

namespace spoor::app {
namespace {

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

void block_stop_signals() {
  sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);  // a reader that went away is an error of the write
}

Stop wait_for_stop(uint64_t timeout_ms) {
  sigset_t signals = stop_signals();
  timespec timeout{static_cast<time_t>(timeout_ms / 1000),
                   static_cast<long>(timeout_ms % 1000 * 1'000'000)};
  if (sigtimedwait(&signals, nullptr, &timeout) < 0) return Stop::NotYet;
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  return Stop::Asked;
}

}  // namespace spoor::app
