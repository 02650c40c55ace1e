#include "store/shared_traces.h"

#include <algorithm>

#include <boost/sort/spreadsort/integer_sort.hpp>

namespace spoor::store {
namespace {

// Looked for together: 30 MB for them and their ids.
constexpr size_t kTracesAtOnce = size_t{1} << 19;

struct Entry {
  uint64_t hash = 0;
  TraceId id;
  uint64_t first_row = 0;
};

// Calls take(entry, place) for each of the entries that the section has.
template <typename Take>
Status look_up(std::vector<Entry>& entries, SectionReader& section, const Take& take) {
  boost::sort::spreadsort::integer_sort(
      entries.begin(), entries.end(),
      [](const Entry& entry, unsigned bits) { return entry.hash >> bits; },
      [](const Entry& a, const Entry& b) { return a.hash < b.hash; });
  std::vector<TraceId> ids;
  ids.reserve(entries.size());
  for (const Entry& entry : entries) ids.push_back(entry.id);
  return section.locate_all(ids,
                            [&](size_t i, const TracePlace& place) { take(entries[i], place); });
}

}  // namespace

Result<SharedTraces> find_shared_traces(SectionReader& first, SectionReader& second) {
  const bool is_first_smaller = first.footer().traces <= second.footer().traces;
  SectionReader& walked = is_first_smaller ? first : second;
  SectionReader& asked = is_first_smaller ? second : first;
  SharedTraces shared;
  std::vector<uint64_t>& of_walked = is_first_smaller ? shared.of_first : shared.of_second;
  std::vector<uint64_t>& of_asked = is_first_smaller ? shared.of_second : shared.of_first;
  auto take = [&](const Entry& entry, const TracePlace& place) {
    of_walked.push_back(entry.first_row);
    of_asked.push_back(place.first_row);
  };
  SPOOR_ASSIGN(auto directories, walked.directories());
  std::vector<Entry> entries;
  for (size_t page = 0; page < directories->trace_pages.size(); ++page) {
    SPOOR_ASSIGN(auto places, walked.read_trace_page(*directories, page));
    for (const TracePlace& place : places) {
      entries.push_back({place.id.hash(), place.id, place.first_row});
    }
    if (entries.size() < kTracesAtOnce) continue;
    SPOOR_TRY(look_up(entries, asked, take));
    entries.clear();
  }
  SPOOR_TRY(look_up(entries, asked, take));
  std::ranges::sort(of_walked);
  std::ranges::sort(of_asked);
  return shared;
}

}  // namespace spoor::store
