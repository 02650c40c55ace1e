#include "store/group_templates.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/bytes.h"

namespace spoor::store {

void GroupTemplateCounter::add(uint32_t code, int64_t duration) {
  if (code >= by_code_.size()) by_code_.resize(code + size_t{1});
  GroupTemplate& entry = by_code_[code];
  if (entry.rows++ == 0) {
    present_.push_back(code);
    entry.code = code;
    entry.duration_min = entry.duration_max = duration;
  }
  entry.duration_min = std::min(entry.duration_min, duration);
  entry.duration_max = std::max(entry.duration_max, duration);
}

std::vector<GroupTemplate> GroupTemplateCounter::take() {
  std::ranges::sort(present_);
  std::vector<GroupTemplate> result;
  for (uint32_t code : present_) result.push_back(std::exchange(by_code_[code], {}));
  present_.clear();
  return result;
}

void encode(const std::vector<GroupTemplate>& templates, std::string& target) {
  append_varint(target, templates.size());
  uint32_t last_code = 0;
  for (const GroupTemplate& entry : templates) {
    SPOOR_ASSERT(entry.rows > 0 && entry.duration_min <= entry.duration_max);
    append_varint(target, entry.code - last_code);
    last_code = entry.code;
    append_varint(target, entry.rows);
    append_varint(target, zigzag_encode(entry.duration_min));
    append_varint(target, static_cast<uint64_t>(entry.duration_max) -
                              static_cast<uint64_t>(entry.duration_min));
  }
}

Result<std::vector<GroupTemplate>> decode_group_templates(std::string_view bytes, size_t templates,
                                                          uint32_t rows) {
  ByteReader reader(bytes);
  constexpr size_t kEntryBytesMin = 4;
  std::vector<GroupTemplate> result;
  uint64_t count = reader.varint(), code = 0, total = 0;
  bool is_good = count <= reader.remaining() / kEntryBytesMin;
  for (uint64_t i = 0; i < count && is_good && !reader.failed(); ++i) {
    uint64_t step = reader.varint();
    is_good = (step > 0 || i == 0) && step < templates && code + step < templates;
    code += step;
    uint64_t of_code = reader.varint();
    is_good = is_good && of_code > 0 && of_code <= rows;
    total += of_code;
    GroupTemplate& entry = result.emplace_back();
    entry.code = static_cast<uint32_t>(code);
    entry.rows = static_cast<uint32_t>(of_code);
    entry.duration_min = zigzag_decode(reader.varint());
    entry.duration_max =
        static_cast<int64_t>(static_cast<uint64_t>(entry.duration_min) + reader.varint());
    is_good = is_good && entry.duration_min <= entry.duration_max;
  }
  if (!is_good || reader.failed() || !reader.at_end() || total != rows) {
    return data_loss("row group: bad list of templates");
  }
  return result;
}

}  // namespace spoor::store
