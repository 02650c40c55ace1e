// What a regular expression asks of a text before it is run: a piece that every text it matches
// contains, so that pages of texts can be searched for the piece, and most never meet the regex.
#pragma once

#include <string>
#include <string_view>

namespace spoor::query {

// The longest that is found; empty where none is, as with alternatives or flags. The regex is one
// that RE2 takes with its default syntax.
std::string required_literal(std::string_view regex);

}  // namespace spoor::query
