#include "os/thread.h"

#include <pthread.h>
#include <sys/resource.h>

#include "base/assert.h"

namespace spoor::os {

Thread::Thread(const std::string& name, std::function<void()> body, Priority priority) {
  SPOOR_ASSERT(name.size() <= 15);
  thread_ = std::thread([name, body = std::move(body), priority] {
    pthread_setname_np(pthread_self(), name.c_str());
    // On Linux this is of the calling thread alone. Without it work goes on, less politely.
    constexpr int kNiceBehind = 10;
    if (priority == Priority::Behind) (void)setpriority(PRIO_PROCESS, 0, kNiceBehind);
    body();
  });
}

void Thread::join() {
  if (thread_.joinable()) thread_.join();
}

}  // namespace spoor::os
