#include "store/verify_recount.h"

#include <algorithm>
#include <string>

#include "store/limits.h"

namespace spoor::store {

Status wrong(std::string_view what, uint64_t expected, uint64_t got) {
  return data_loss(std::string(what) + ": expected " + std::to_string(expected) + ", got " +
                   std::to_string(got));
}

TemplateDemands::TemplateDemands(const SectionMetadata& metadata) : metadata_(metadata) {
  for (size_t table = 0; table < kTables; ++table) {
    demands_[table].resize(metadata.templates[table].size());
  }
}

const TemplateDemands::Demand& TemplateDemands::of(Table table, size_t code) {
  std::optional<Demand>& demand = demands_[static_cast<size_t>(table)][code];
  if (!demand) demand = demand_of(metadata_.templates[static_cast<size_t>(table)][code]);
  return *demand;
}

TemplateDemands::Demand TemplateDemands::demand_of(const Template& entry) const {
  Demand demand;
  demand.names_parent = entry.shape.names_parent;
  for (size_t i = 0; i < entry.fields.size(); ++i) {
    const TemplateField& field = entry.fields[i];
    bool in_column = field.kind == TemplateField::Kind::Column;
    uint32_t of_field = kFixedColumns + field.column;
    if (in_column && is_stored(metadata_.columns[field.column].type)) {
      demand.columns.push_back(of_field);
    }
    FieldKind kind = entry.shape.fields[i].kind;
    if (kind != FieldKind::EventCount && kind != FieldKind::LinkCount) continue;
    ChildCount count;
    count.are_links = kind == FieldKind::LinkCount;
    if (in_column) {
      count.column = of_field;
    } else if (field.constant.type() == ValueType::Int) {
      count.constant = field.constant.as_int();
    }
    demand.children.push_back(count);
  }
  return demand;
}

Recount::Recount(const SectionMetadata& metadata, TemplateDemands& demands,
                 const std::vector<ColumnChunk>& chunks)
    : metadata_(metadata), demands_(demands), values_(kFixedColumns + metadata.columns.size()) {
  chunk_of_.resize(values_.size(), nullptr);
  for (const ColumnChunk& chunk : chunks) {
    if (chunk.column < chunk_of_.size()) chunk_of_[chunk.column] = &chunk;
  }
}

bool Recount::needs(uint32_t column) const {
  if (column < kFixedColumns) {
    return column <= static_cast<uint32_t>(FixedColumn::LinkTemplate) ||
           column == static_cast<uint32_t>(FixedColumn::Duration) ||
           column == static_cast<uint32_t>(FixedColumn::Depth);
  }
  FieldKind kind = metadata_.columns[column - kFixedColumns].kind;
  return kind == FieldKind::EventCount || kind == FieldKind::LinkCount;
}

void Recount::add(uint32_t column, std::span<const int64_t> page) {
  values_[column].values.insert(values_[column].values.end(), page.begin(), page.end());
}

std::span<const int64_t> Recount::templates_at(size_t first, size_t count) const {
  std::span codes(values_[static_cast<size_t>(FixedColumn::SpanTemplate)].values);
  return first > codes.size() ? codes.first(0)
                              : codes.subspan(first, std::min(count, codes.size() - first));
}

Status Recount::check(uint32_t rows) {
  uint32_t vectors = vectors_of(rows);
  for (uint32_t v = 0; v < vectors; ++v) {
    expected_.assign(values_.size(), 0);
    uint64_t in_vector = std::min<uint64_t>(kVectorRows, rows - uint64_t{v} * kVectorRows);
    for (uint64_t i = 0; i < in_vector; ++i) SPOOR_TRY(count_row());
    for (uint32_t c = 0; c < values_.size(); ++c) {
      uint64_t got = chunk_of_[c] == nullptr ? 0 : chunk_of_[c]->values_of_vector[v];
      if (got == expected_[c]) continue;
      return wrong("values of column " + std::to_string(c) + " in vector " + std::to_string(v),
                   expected_[c], got);
    }
  }
  return {};
}

uint32_t Recount::loose_rows() const {
  auto codes = values(FixedColumn::SpanTemplate), depths = values(FixedColumn::Depth);
  const auto& templates = metadata_.templates[static_cast<size_t>(Table::Span)];
  uint32_t rows = 0;
  bool is_loose = true;
  for (size_t i = 0; i < codes.size(); ++i) {
    if (depths[i] == 0) is_loose = templates[static_cast<size_t>(codes[i])].shape.names_parent;
    rows += is_loose ? 1 : 0;
  }
  return rows;
}

std::vector<GroupTemplate> Recount::templates() const {
  GroupTemplateCounter counter;
  auto codes = values(FixedColumn::SpanTemplate), durations = values(FixedColumn::Duration);
  for (size_t i = 0; i < codes.size(); ++i) {
    counter.add(static_cast<uint32_t>(codes[i]), durations[i]);
  }
  return counter.take();
}

Result<int64_t> Recount::next(uint32_t column) {
  Values& values = values_[column];
  if (values.next == values.values.size()) return wrong("values", values.next + 1, values.next);
  return values.values[values.next++];
}

Status Recount::count_row() {
  for (FixedColumn column : {FixedColumn::Resource, FixedColumn::SpanId, FixedColumn::Start,
                             FixedColumn::Duration, FixedColumn::Depth}) {
    ++expected_[static_cast<size_t>(column)];
  }
  SPOOR_ASSIGN(int64_t depth, next(static_cast<uint32_t>(FixedColumn::Depth)));
  std::array<uint64_t, 2> children{}, none{};
  uint8_t names_parent = 0;
  SPOOR_TRY(count_template(Table::Span, children, names_parent));
  if (depth == 0) expected_[static_cast<size_t>(FixedColumn::ParentId)] += names_parent;
  for (size_t kind : {0, 1}) {
    Table table = kind == 0 ? Table::Event : Table::Link;
    for (uint64_t i = 0; i < children[kind]; ++i) {
      SPOOR_TRY(count_template(table, none, names_parent));
    }
  }
  return {};
}

Status Recount::count_template(Table table, std::array<uint64_t, 2>& children,
                               uint8_t& names_parent) {
  auto column = static_cast<uint32_t>(template_column(table));
  ++expected_[column];
  SPOOR_ASSIGN(int64_t code, next(column));
  const size_t templates = metadata_.templates[static_cast<size_t>(table)].size();
  if (code < 0 || static_cast<uint64_t>(code) >= templates) {
    return wrong("template code below", templates, static_cast<uint64_t>(code));
  }
  const TemplateDemands::Demand& demand = demands_.of(table, static_cast<size_t>(code));
  names_parent = demand.names_parent;
  for (uint32_t of_field : demand.columns) ++expected_[of_field];
  for (const TemplateDemands::ChildCount& children_of : demand.children) {
    int64_t count = children_of.constant;
    if (children_of.column != 0) {
      SPOOR_ASSIGN(count, next(children_of.column));
    }
    children[children_of.are_links] = static_cast<uint64_t>(count);
  }
  return {};
}

}  // namespace spoor::store
