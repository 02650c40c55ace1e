// The one mapping from errno to Status, shared by the twins so that they fail alike.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace spoor::os {

// "path: operation: reason", with a way out where an operator has one. A passing shortage
// (descriptors, kernel memory) is Unavailable with a delay; an I/O error is DataLoss.
// REQUIRES: error is not 0.
Status errno_status(const std::string& path, std::string_view operation, int error);

}  // namespace spoor::os
