#include "store/section_plan.h"

#include <algorithm>
#include <unordered_map>

#include "base/assert.h"
#include "base/hash.h"
#include "store/limits.h"
#include "store/row_visit.h"

namespace spoor::store {
namespace {

// Rows lie in memory in the order in which they came, and are read in that of their traces.
constexpr size_t kRowsAhead = 8;

// The distinct values of a field within its shape, until there are too many to promote.
struct FieldStatistics {
  std::vector<std::string_view> values;
  std::string_view last;  // that was seen: runs are the rule
  uint32_t column = 0;
  bool overflowed = false;  // more than kPromotedValuesMax

  bool is_last(std::string_view value) const { return !values.empty() && same_bytes(last, value); }
};

struct Observer {
  explicit Observer(const SectionInput& section_input)
      : input(section_input),
        shapes(section_input.shapes().size()),
        rows(section_input.shapes().size()) {}

  void begin(uint32_t code, const Shape& shape) {
    ++rows[code];
    if (shapes[code].empty() && !shape.fields.empty()) {
      for (const Field& field : shape.fields) {
        shapes[code].emplace_back().column = column_of(shape.table, field);
      }
    }
    fields = shapes[code].data();
  }

  void value(uint32_t, size_t field_index, std::string_view bytes) {
    FieldStatistics& field = fields[field_index];
    if (field.overflowed) {
      if (is_text[field.column]) columns[field.column].add(text_of(bytes));
      return;
    }
    if (field.is_last(bytes)) return;
    field.last = bytes;
    bool is_known = std::ranges::any_of(
        field.values, [&](std::string_view value) { return same_bytes(value, bytes); });
    if (is_known) return;
    if (field.values.size() < kPromotedValuesMax) {
      field.values.push_back(bytes);
      return;
    }
    field.overflowed = true;
    if (is_text[field.column]) {
      ColumnStatistics& column = columns[field.column];
      for (std::string_view earlier : field.values) column.add(text_of(earlier));
      column.add(text_of(bytes));
    }
    field.values.clear();
  }

  void end(uint32_t) {}

  uint32_t column_of(Table table, const Field& field) {
    ColumnId id{table, field.kind, field.type, field.key};
    auto [slot, inserted] = column_codes.try_emplace(id, static_cast<uint32_t>(columns.size()));
    if (inserted) {
      columns.emplace_back();
      column_ids.push_back(id);
      is_text.push_back(is_stored(field.type) && page_type_of(field.type) == PageType::Text);
    }
    return slot->second;
  }

  const SectionInput& input;
  std::vector<std::vector<FieldStatistics>> shapes;
  FieldStatistics* fields = nullptr;  // of the shape in hand
  std::vector<size_t> rows;
  std::vector<ColumnStatistics> columns;
  std::vector<ColumnId> column_ids;
  std::vector<uint8_t> is_text;
  std::unordered_map<ColumnId, uint32_t, ColumnIdHash> column_codes;
};

// Fields of the fewest values first, as long as the templates they make stand for enough rows.
void choose_promoted(const std::vector<FieldStatistics>& fields, ShapePlan& plan) {
  std::vector<size_t> candidates;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].overflowed || fields[i].values.size() < 2) continue;
    candidates.push_back(i);
  }
  std::ranges::stable_sort(candidates, {}, [&](size_t i) { return fields[i].values.size(); });
  size_t templates_max = std::min(kTemplatesPerShapeMax, plan.rows / kRowsPerTemplateMin);
  size_t templates = 1;
  for (size_t i : candidates) {
    if (templates * fields[i].values.size() > templates_max) break;
    templates *= fields[i].values.size();
    plan.fields[i].kind = FieldPlan::Kind::Promoted;
    plan.fields[i].values = fields[i].values;
  }
}

}  // namespace

size_t ColumnIdHash::operator()(const ColumnId& id) const {
  uint64_t place = static_cast<uint64_t>(id.table) << 16 | static_cast<uint64_t>(id.kind) << 8 |
                   static_cast<uint64_t>(id.type);
  return hash_mix(hash64(id.key), place);
}

uint32_t ColumnDictionary::intern(std::string_view text) {
  auto [slot, inserted] = codes.try_emplace(text, static_cast<uint32_t>(values.size()));
  if (inserted) values.push_back(text);
  return slot->second;
}

void ColumnStatistics::add(std::string_view text) {
  if (overflowed || (!dictionary.values.empty() && same_bytes(text, last))) return;
  last = text;
  size_t entries = dictionary.values.size();
  dictionary.intern(text);
  if (dictionary.values.size() == entries) return;
  bytes += text.size();
  if (dictionary.values.size() > kDictionaryEntriesMax || bytes > kDictionaryBytesMax) overflow();
}

bool ColumnStatistics::is_dictionary() const {
  if (overflowed || dictionary.values.empty()) return false;
  // Where most values are new, pages of text with zstd are smaller than codes and dictionary.
  return values >= dictionary.values.size() * 3;
}

std::string_view text_of(std::string_view row_value) {
  ByteReader reader(row_value);
  return reader.sized();
}

SectionPlan::SectionPlan(const SectionInput& input, std::span<const Fragment> fragments)
    : shapes_(input.shapes().size()), used_resources_(input.resources().size()) {
  Observer observer(input);
  for (const Fragment& fragment : fragments) {
    for (uint32_t i = 0; i < fragment.rows; ++i) {
      input.prefetch(fragment.first_row + i + kRowsAhead);
      const SectionInput::Row& place = input.rows()[fragment.first_row + i];
      HeadView::Row row = input.row(place);
      visit_row(input, place, row, observer);
      used_resources_[input.resource_of(place, row.header.resource)] = 1;
    }
  }

  // Columns are numbered by first use; those of no residual field are left out.
  constexpr uint32_t kUnused = ~uint32_t{0};
  std::vector<uint32_t> number_of_column(observer.columns.size(), kUnused);
  for (uint32_t code = 0; code < shapes_.size(); ++code) {
    ShapePlan& plan = shapes_[code];
    std::vector<FieldStatistics>& fields = observer.shapes[code];
    plan.rows = observer.rows[code];
    plan.fields.resize(fields.size());
    for (const FieldStatistics& field : fields) observer.columns[field.column].values += plan.rows;
    choose_promoted(fields, plan);
    for (size_t i = 0; i < fields.size(); ++i) {
      FieldPlan& field = plan.fields[i];
      if (field.kind == FieldPlan::Kind::Promoted) continue;
      if (!fields[i].overflowed && fields[i].values.size() == 1) {
        field.kind = FieldPlan::Kind::Constant;
        field.values = fields[i].values;
        continue;
      }
      uint32_t column = fields[i].column;
      if (number_of_column[column] == kUnused) {
        number_of_column[column] = static_cast<uint32_t>(columns_.size());
        columns_.push_back(observer.column_ids[column]);
      }
      field.column = number_of_column[column];
      if (!observer.is_text[column]) continue;
      for (std::string_view value : fields[i].values) observer.columns[column].add(text_of(value));
    }
  }
  dictionaries_.resize(columns_.size());
  for (size_t i = 0; i < observer.columns.size(); ++i) {
    ColumnStatistics& column = observer.columns[i];
    if (number_of_column[i] == kUnused || !column.is_dictionary()) continue;
    dictionaries_[number_of_column[i]] =
        std::make_unique<ColumnDictionary>(std::move(column.dictionary));
  }
}

}  // namespace spoor::store
