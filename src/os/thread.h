// A named thread that is joined when its owner goes. The body must return soon after whatever
// stop signal the owner gives it; there is no detaching.
#pragma once

#include <functional>
#include <string>
#include <thread>

namespace spoor::os {

class Thread {
 public:
  Thread() = default;
  // `name` is at most 15 characters (the kernel's limit).
  Thread(const std::string& name, std::function<void()> body);
  Thread(Thread&&) = default;
  Thread& operator=(Thread&&) = default;
  ~Thread() { join(); }

  void join();

 private:
  std::thread thread_;
};

}  // namespace spoor::os
