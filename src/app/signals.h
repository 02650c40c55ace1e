// SIGTERM and SIGINT as something to wait for. Blocked in all threads that start after
// block_stop_signals(), so it is called first in main.
#pragma once

#include <cstdint>

namespace spoor::app {

void block_stop_signals();

// True if a stop signal came within the time; after the first, the next kills the process.
enum class Stop { Asked, NotYet };
Stop wait_for_stop(uint64_t timeout_ms);

}  // namespace spoor::app
