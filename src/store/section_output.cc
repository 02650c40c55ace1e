#include "store/section_output.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/bytes.h"
#include "codec/block.h"
#include "store/limits.h"
#include "store/listed_rows.h"
#include "store/template_edges.h"

namespace spoor::store {
namespace {

// More edges are left out: where nearly every row has one of its own they rule nothing out.
constexpr size_t kTemplateEdgesMin = 1024;
constexpr size_t kRowsPerTemplateEdge = 16;

}  // namespace

SectionOutput::SectionOutput(Contexts contexts, ColumnBuilder::WriteBlock write)
    : write_(std::move(write)), traces_(write_), learns_contexts_(contexts == Contexts::Learned) {
  footer_.features = kFeatureStartSpreads | kFeatureListedRows;
  for (uint32_t i = 0; i < kFixedColumns; ++i) {
    auto column = static_cast<FixedColumn>(i);
    bool is_id = column == FixedColumn::SpanId || column == FixedColumn::ParentId;
    columns_.emplace_back(i, is_id ? PageType::Id : PageType::Integer);
  }
}

void SectionOutput::set_origins(const Origins& origins) {
  const size_t count = origins.resources.size();
  SPOOR_ASSERT(footer_.spans == 0 && origins.service_of_resource.size() == count);
  SPOOR_ASSERT(origins.used_resources.empty() || origins.used_resources.size() == count);
  services_ = &origins.services;
  scopes_ = &origins.scopes;
  resources_ = &origins.resources;
  for (uint32_t i = 0; i < count; ++i) {
    bool is_used = origins.used_resources.empty() || origins.used_resources[i] != 0;
    if (is_used) resource_order_.push_back(i);
  }
  std::ranges::stable_sort(resource_order_, {},
                           [&](uint32_t i) { return origins.service_of_resource[i]; });
  resource_numbers_.resize(count);
  first_resource_of_service_.resize(origins.services.size());
  for (uint32_t i = static_cast<uint32_t>(resource_order_.size()); i-- > 0;) {
    resource_numbers_[resource_order_[i]] = i;
    first_resource_of_service_[origins.service_of_resource[resource_order_[i]]] = i;
  }
  std::vector<std::string_view> names;
  for (uint32_t i = 0; i < origins.services.size(); ++i) names.push_back(origins.services[i]);
  rollups_.emplace(std::move(names), write_);
}

uint32_t SectionOutput::add_column(const ColumnId& id, const ColumnDictionary* dictionary) {
  uint32_t number = static_cast<uint32_t>(fields_.size());
  bool as_codes = dictionary != nullptr || !is_stored(id.type);
  bool is_list = id.kind == FieldKind::AttributeList;
  columns_.emplace_back(kFixedColumns + number, as_codes  ? PageType::Integer
                                                : is_list ? PageType::List
                                                          : page_type_of(id.type));
  fields_.push_back({id.type, dictionary, {}, {}, kNoCode});
  return number;
}

Status SectionOutput::begin_trace(const TraceId& id, uint64_t start, uint32_t rows) {
  SPOOR_ASSERT(rows > 0 && trace_rows_ == 0 && rollups_);
  // A row group ends where a trace ends, unless the trace alone is larger than one.
  if (group_.rows > 0 && group_.rows + uint64_t{rows} > kRowGroupRows) {
    SPOOR_TRY(finish_row_group());
  }
  trace_ = TraceEntry{.id = id, .start = start, .rows = 0, .flags = 0};
  trace_rows_ = rows;
  start_of_depth_.clear();
  rollups_->begin_trace();
  return {};
}

Status SectionOutput::begin_row() {
  SPOOR_ASSERT(trace_.rows < trace_rows_);
  if (group_.rows == kRowGroupRows) {
    SPOOR_TRY(finish_row_group());
    is_loose_ = true;
  }
  vector_ = group_.rows / kVectorRows;
  return {};
}

void SectionOutput::add_value(uint32_t column, std::string_view row_value) {
  FieldColumn& kept = fields_[column];
  if (!is_stored(kept.type)) return;
  ColumnBuilder& builder = field(column);
  ByteReader reader(row_value);
  switch (page_type_of(kept.type)) {
    case PageType::Integer:
      return builder.add_integer(vector_, kept.type == ValueType::Bool
                                              ? reader.fixed<uint8_t>()
                                              : zigzag_decode(reader.varint()));
    case PageType::Double:
      return builder.add_double(vector_, reader.fixed<double>());
    default:
      break;
  }
  if (kept.dictionary == nullptr) return builder.add_text(vector_, reader.sized());
  std::string_view text = reader.sized();
  // Values that travel through a trace come in runs.
  if (kept.last == kNoCode || !same_bytes(kept.dictionary->values[kept.last], text)) {
    auto code = kept.dictionary->codes.find(text);
    SPOOR_ASSERT(code != kept.dictionary->codes.end());
    kept.last = code->second;
  }
  add_code(column, kept.last);
}

void SectionOutput::add_code(uint32_t column, uint32_t code) {
  FieldColumn& kept = fields_[column];
  // The dictionary may grow while a merge goes on.
  if (code >= kept.numbers.size()) {
    kept.numbers.resize(kept.dictionary->values.size(), kNoCode);
  }
  uint32_t& number = kept.numbers[code];
  if (number == kNoCode) {
    number = static_cast<uint32_t>(kept.codes.size());
    kept.codes.push_back(code);
  }
  field(column).add_integer(vector_, number);
}

void SectionOutput::add_span(const SpanRow& row) {
  const SpanFacts& facts = row.facts;
  const uint32_t depth = facts.depth;
  SPOOR_ASSERT(depth <= start_of_depth_.size());
  bool names_parent = row.shape.names_parent != 0;
  uint32_t first_resource = first_resource_of_service_[row.shape.service];
  fixed(FixedColumn::Resource)
      .add_integer_of_row(int64_t{resource_numbers_[row.resource]} - first_resource);
  fixed(FixedColumn::SpanId).add_id_of_row(row.span_id);
  uint64_t base = depth == 0 ? trace_.start : start_of_depth_[depth - 1];
  fixed(FixedColumn::Start).add_integer_of_row(static_cast<int64_t>(facts.start - base));
  fixed(FixedColumn::Duration).add_integer_of_row(static_cast<int64_t>(facts.duration));
  fixed(FixedColumn::Depth).add_integer_of_row(depth);
  group_templates_.add(template_, static_cast<int64_t>(facts.duration));
  if (depth == 0) {
    is_loose_ = names_parent;
    if (names_parent) fixed(FixedColumn::ParentId).add_id(vector_, row.parent_span_id);
    trace_.flags |= names_parent ? kTraceHasOrphans : kTraceHasRoot;
  }
  group_.loose_rows += is_loose_ ? 1 : 0;
  start_of_depth_.resize(depth);
  start_of_depth_.push_back(facts.start);

  // The very bytes of the shape's name, which a template has one of; a name in a value lies
  // elsewhere.
  const bool has_shape_name =
      facts.name.data() == row.shape.name.data() && facts.name.size() == row.shape.name.size();
  rollups_->add(facts, has_shape_name ? template_ : RollupCounter::kNoTemplate);

  if (vector_ == start_spreads_.size()) start_spreads_.push_back(0);
  start_spreads_[vector_] = std::max(start_spreads_[vector_], facts.start - trace_.start);

  if (group_.rows == 0) group_.start_min = facts.start;
  group_.start_min = std::min(group_.start_min, facts.start);
  group_.end_max = std::max({group_.end_max, facts.start, facts.start + facts.duration});
  ++group_.rows;
  ++trace_.rows;
}

Status SectionOutput::end_trace() {
  SPOOR_ASSERT(trace_.rows == trace_rows_);
  SPOOR_TRY(traces_.add(trace_));
  if (footer_.spans == 0) footer_.start_min = trace_.start;
  footer_.start_min = std::min(footer_.start_min, trace_.start);
  footer_.spans += trace_rows_;
  trace_rows_ = trace_.rows = 0;
  return rollups_->end_trace();
}

// What a search is told of the row group before it opens it, of the rows in hand.
SectionOutput::OfTemplates SectionOutput::encode_templates() {
  const std::span<const int64_t> codes = fixed(FixedColumn::SpanTemplate).integers();
  const std::vector<GroupTemplate> templates = group_templates_.take();
  OfTemplates encoded;
  encode(templates, encoded.templates);
  encoded.listed_rows_max = listed_rows_max(templates);
  auto listed =
      list_rows(templates, encoded.listed_rows_max, codes, fixed(FixedColumn::Duration).integers());
  if (!listed.empty()) encode(listed, templates, encoded.listed_rows_max, encoded.listed_rows);
  auto edges = edges_between(templates, codes, fixed(FixedColumn::Depth).integers());
  if (edges.size() <= std::max<size_t>(kTemplateEdgesMin, codes.size() / kRowsPerTemplateEdge)) {
    encode(edges, templates.size(), encoded.edges);
  }
  return encoded;
}

Status SectionOutput::finish_row_group() {
  uint32_t vectors = vectors_of(group_.rows);
  RowGroupDirectory group;
  const OfTemplates of_templates = encode_templates();
  if (learns_contexts_) {
    contexts_.learn({.templates = fixed(FixedColumn::SpanTemplate).integers(),
                     .starts = fixed(FixedColumn::Start).integers(),
                     .durations = fixed(FixedColumn::Duration).integers(),
                     .depths = fixed(FixedColumn::Depth).integers()});
  }
  for (ColumnBuilder& column : columns_) {
    if (column.empty()) continue;
    SPOOR_TRY(column.finish(vectors, contexts_, write_, group.chunks.emplace_back()));
  }
  group.start_spreads = std::exchange(start_spreads_, {});
  std::string directory;
  encode(group, vectors, directory);
  SPOOR_ASSIGN(group_.directory, write_(directory));
  group_.listed_rows_max = of_templates.listed_rows_max;
  for (const auto& [bytes, place] : {std::pair(&of_templates.templates, &group_.templates),
                                     std::pair(&of_templates.listed_rows, &group_.listed_rows),
                                     std::pair(&of_templates.edges, &group_.template_edges)}) {
    if (bytes->empty()) continue;
    SPOOR_ASSIGN(*place, write_(*bytes));
  }
  footer_.end_max = std::max(footer_.end_max, group_.end_max);
  footer_.row_groups.push_back(group_);
  group_ = {};
  return {};
}

Status SectionOutput::write_dictionaries(std::string_view templates) {
  std::string raw, block;
  for (uint32_t i = 0; i < fields_.size(); ++i) {
    const ColumnDictionary* dictionary = fields_[i].dictionary;
    if (dictionary == nullptr) continue;
    raw.clear(), block.clear();
    const std::vector<uint32_t>& codes = fields_[i].codes;
    for (uint32_t code : codes) append_sized(raw, dictionary->values[code]);
    codec::encode_block(raw, block);
    SPOOR_ASSIGN(BlockRef ref, write_(block));
    footer_.dictionaries.push_back({i, static_cast<uint32_t>(codes.size()), ref});
  }
  block.clear();
  codec::encode_block(templates, block);
  SPOOR_ASSIGN(footer_.templates, write_(block));
  return {};
}

Status SectionOutput::write_origins() {
  auto write_list = [&](const Dictionary& list, std::span<const uint32_t> order,
                        BlockRef& place) -> Status {
    std::string raw, block;
    size_t count = order.empty() ? list.size() : order.size();
    append_varint(raw, count);
    for (uint32_t i = 0; i < count; ++i) {
      append_sized(raw, list[order.empty() ? i : order[i]]);
    }
    codec::encode_block(raw, block);
    SPOOR_ASSIGN(place, write_(block));
    return {};
  };
  SPOOR_TRY(write_list(*scopes_, {}, footer_.scopes));
  SPOOR_TRY(write_list(*resources_, resource_order_, footer_.resources));
  std::string raw, block;
  append_varint(raw, services_->size());
  for (uint32_t i = 0; i < services_->size(); ++i) {
    append_sized(raw, (*services_)[i]);
    append_varint(raw, first_resource_of_service_[i]);
  }
  codec::encode_block(raw, block);
  SPOOR_ASSIGN(footer_.services, write_(block));
  return {};
}

Result<SectionFooter> SectionOutput::finish(std::string_view templates, BlockRef& footer_block) {
  SPOOR_ASSERT(footer_.spans > 0 && group_.rows > 0 && trace_rows_ == 0);
  SPOOR_TRY(finish_row_group());
  SPOOR_TRY(write_dictionaries(templates));
  SPOOR_TRY(write_origins());
  footer_.traces = traces_.size();
  SPOOR_ASSIGN(footer_.trace_pages, traces_.finish_table());
  SPOOR_ASSIGN(footer_.index_pages, traces_.write_index());
  SPOOR_TRY(rollups_->finish(footer_.rollup_names, footer_.rollup_pages));
  std::string bytes;
  encode(footer_, bytes);
  SPOOR_ASSIGN(footer_block, write_(bytes));
  return footer_;
}

}  // namespace spoor::store
