#include "os/thread.h"

#include <pthread.h>

#include "base/assert.h"

namespace spoor::os {

Thread::Thread(const std::string& name, std::function<void()> body) {
  SPOOR_ASSERT(name.size() <= 15);
  thread_ = std::thread([name, body = std::move(body)] {
    pthread_setname_np(pthread_self(), name.c_str());
    body();
  });
}

void Thread::join() {
  if (thread_.joinable()) thread_.join();
}

}  // namespace spoor::os
