// A value as text, the form in which APIs without types compare and show it: strings as they
// are, numbers in their shortest decimal form, true and false, bytes in base64, lists in JSON,
// absent and empty values as nothing.
#pragma once

#include <string>

#include "model/value.h"

namespace spoor {

void append_value_text(std::string& target, const Value& value);

// The value as JSON; int64 as numbers, bytes in base64.
void append_value_json(std::string& target, const Value& value);

}  // namespace spoor
