// A named thread that is joined when its owner goes. The body must return soon after whatever
// stop signal the owner gives it; there is no detaching.
#pragma once

#include <functional>
#include <string>
#include <thread>

namespace spoor::os {

// Behind: work that may wait while others want the processor; it still gets about a tenth of one.
enum class Priority { Normal, Behind };

class Thread {
 public:
  Thread() = default;
  // `name` is at most 15 characters (the kernel's limit).
  Thread(const std::string& name, std::function<void()> body, Priority priority = Priority::Normal);
  Thread(Thread&&) = default;
  Thread& operator=(Thread&&) = default;
  ~Thread() { join(); }

  void join();

 private:
  std::thread thread_;
};

}  // namespace spoor::os
