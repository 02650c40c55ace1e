// Pages of text columns. Most are codec's (strings.h). Attributes that are kept as one value are
// taken apart: the page has columns of its own, one for each key and type that occurs in it, so
// that lists whose keys never repeat cost a number a key and what their values cost elsewhere.
// Layout: docs/format/part.md, "Text page" and "List page".
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/status.h"
#include "codec/strings.h"

namespace spoor::store {

// A page of attribute lists (value_codec.h). REQUIRES: 1 to kVectorRows values.
void encode_list_page(std::span<const std::string_view> lists, std::string& target);

// Of either kind. `raw_bytes_max` bounds what a damaged page may make us allocate.
Result<codec::StringPage> decode_text_page(std::string_view page, size_t count,
                                           size_t raw_bytes_max);

// False if none of the page's texts is what is sought (StringPage::may_contain); decodes no more
// of it than that takes.
Result<bool> text_page_may_contain(std::string_view page, size_t count, size_t raw_bytes_max,
                                   const codec::SoughtText& sought);

}  // namespace spoor::store
