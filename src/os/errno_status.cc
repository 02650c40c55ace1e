#include "os/errno_status.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace spoor::os {
namespace {

// Descriptors and kernel memory come back within seconds or an operator has to raise a limit.
constexpr uint32_t kShortageRetryDelayMs = 1000;

}  // namespace

Status errno_status(const std::string& path, std::string_view operation, int error) {
  SPOOR_ASSERT(error != 0);
  std::string message = path;
  message.append(": ").append(operation).append(": ");
  message.append(std::generic_category().message(error));
  switch (error) {
    case ENOENT:
      return not_found(std::move(message));
    case EEXIST:
      return already_exists(std::move(message));
    case EACCES:
    case EPERM:
    case EROFS:
      message.append("; make ").append(path).append(" writable for user ");
      message.append(std::to_string(::geteuid())).append(" or choose another --storage.path");
      return permission_denied(std::move(message));
    case ENOSPC:
    case EDQUOT:
      message.append("; free space or choose another --storage.path");
      return resource_exhausted(std::move(message));
    case EIO:
      return data_loss(std::move(message));
    case EMFILE:
    case ENFILE:
      message.append("; raise the limit of open files (ulimit -n)");
      return unavailable(std::move(message), kShortageRetryDelayMs);
    case ENOMEM:
    case EAGAIN:
      return unavailable(std::move(message), kShortageRetryDelayMs);
    case EISDIR:
    case ENOTDIR:
    case ENOTEMPTY:
    case EBADF:
    case EXDEV:
    case EBUSY:
      return failed_precondition(std::move(message));
    case EINVAL:
    case ENAMETOOLONG:
    case EFBIG:
      return invalid_argument(std::move(message));
    default:
      return internal(std::move(message));
  }
}

}  // namespace spoor::os
