// Where the next page of a search begins, as clients get it in the header x-spoor-cursor and give
// it back as the parameter `cursor`.
#pragma once

#include <string>
#include <string_view>

#include "query/search.h"

namespace spoor::api {

std::string cursor_text(const query::TraceHit& hit);
Result<query::TraceHit> parse_cursor(std::string_view text);

}  // namespace spoor::api
