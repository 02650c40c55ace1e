#include "store/section_writer.h"

#include <algorithm>

#include "base/assert.h"
#include "base/bytes.h"
#include "codec/block.h"
#include "store/limits.h"
#include "store/row_visit.h"
#include "store/value_codec.h"

namespace spoor::store {

// Sends the values of one row to template or column.
struct RowRouter {
  void begin(uint32_t, const Shape&) { writer.templates_.begin(); }

  void value(uint32_t code, size_t field_index, std::string_view bytes) {
    const FieldPlan& field = writer.plan_.shape(code).fields[field_index];
    if (field.kind == FieldPlan::Kind::Promoted) writer.templates_.add_promoted(field, bytes);
    if (field.kind == FieldPlan::Kind::Residual) residual(field.column, bytes);
  }

  void end(uint32_t code) {
    Table table = writer.input_.shapes()[code].table;
    writer.fixed(template_column(table)).add_integer(vector, writer.templates_.code(code));
  }

  void residual(uint32_t column, std::string_view bytes) {
    ColumnBuilder& builder = writer.columns_[kFixedColumns + column];
    ValueType type = writer.plan_.columns()[column].type;
    if (!is_stored(type)) return;
    ByteReader reader(bytes);
    switch (page_type_of(type)) {
      case PageType::Integer:
        return builder.add_integer(vector, type == ValueType::Bool
                                               ? reader.fixed<uint8_t>()
                                               : zigzag_decode(reader.varint()));
      case PageType::Double:
        return builder.add_double(vector, reader.fixed<double>());
      default:
        break;
    }
    const ColumnDictionary* dictionary = writer.plan_.dictionary(column);
    if (dictionary == nullptr) return builder.add_text(vector, reader.sized());
    auto code = dictionary->codes.find(reader.sized());
    SPOOR_ASSERT(code != dictionary->codes.end());
    builder.add_integer(vector, code->second);
  }

  SectionWriter& writer;
  uint32_t vector;
};

namespace {

std::vector<std::string_view> list(const Dictionary& dictionary) {
  std::vector<std::string_view> entries;
  for (uint32_t i = 0; i < dictionary.size(); ++i) entries.push_back(dictionary[i]);
  return entries;
}

}  // namespace

SectionWriter::SectionWriter(const SectionInput& input, std::span<const Fragment> fragments,
                             ColumnBuilder::WriteBlock write)
    : input_(input),
      fragments_(fragments),
      write_(std::move(write)),
      plan_(input, fragments),
      templates_(input, plan_),
      rollups_(list(input.services()), write_) {
  for (uint32_t i = 0; i < input.shapes().size(); ++i) {
    const Shape& shape = input.shapes()[i];
    shape_facts_.push_back(shape.table == Table::Span ? shape_facts(shape) : ShapeFacts());
  }
  for (uint32_t i = 0; i < kFixedColumns; ++i) {
    auto column = static_cast<FixedColumn>(i);
    bool is_id = column == FixedColumn::SpanId || column == FixedColumn::ParentId;
    columns_.emplace_back(i, is_id ? PageType::Id : PageType::Integer);
  }
  for (uint32_t i = 0; i < plan_.columns().size(); ++i) {
    ValueType type = plan_.columns()[i].type;
    bool as_codes = plan_.dictionary(i) != nullptr || !is_stored(type);
    columns_.emplace_back(kFixedColumns + i, as_codes ? PageType::Integer : page_type_of(type));
  }
  order_resources();
}

SectionWriter::~SectionWriter() = default;

void SectionWriter::order_resources() {
  // Only those of the section's rows: others came with refused or repeated spans, or belong to
  // another section of the flush, and the catalogue must not list them.
  std::vector<uint8_t> is_used(input_.resources().size());
  for (const Fragment& fragment : fragments_) {
    for (const auto& place : input_.rows().subspan(fragment.first_row, fragment.rows)) {
      is_used[input_.resource_of(place, input_.row(place).header.resource)] = 1;
    }
  }
  for (uint32_t i = 0; i < is_used.size(); ++i) {
    if (is_used[i] != 0) resource_order_.push_back(i);
  }
  std::ranges::stable_sort(resource_order_, {},
                           [&](uint32_t i) { return input_.service_of_resource(i); });
  resource_numbers_.resize(is_used.size());
  first_resource_of_service_.resize(input_.services().size());
  for (uint32_t i = static_cast<uint32_t>(resource_order_.size()); i-- > 0;) {
    resource_numbers_[resource_order_[i]] = i;
    first_resource_of_service_[input_.service_of_resource(resource_order_[i])] = i;
  }
}

void SectionWriter::write_row(const SectionInput::Row& place, const HeadShard::Row& row,
                              uint32_t depth, uint64_t start_base) {
  uint32_t vector = group_.rows / kVectorRows;
  const RowHeader& header = row.header;
  RowRouter router{*this, vector};
  visit_row(input_, place, row, router);

  uint32_t shape_code = input_.shape_of(place, header.shape);
  const Shape& shape = input_.shapes()[shape_code];
  uint32_t resource = resource_numbers_[input_.resource_of(place, header.resource)];
  fixed(FixedColumn::Resource)
      .add_integer(vector, int64_t{resource} - first_resource_of_service_[shape.service]);
  fixed(FixedColumn::SpanId).add_id(vector, header.span_id.view());
  fixed(FixedColumn::Start).add_integer(vector, static_cast<int64_t>(header.start - start_base));
  fixed(FixedColumn::Duration).add_integer(vector, static_cast<int64_t>(header.duration));
  fixed(FixedColumn::Depth).add_integer(vector, depth);
  if (depth == 0 && shape.names_parent != 0) {
    fixed(FixedColumn::ParentId).add_id(vector, header.parent_span_id.view());
  }
  SpanFacts facts{
      .service = shape.service, .depth = depth, .start = header.start, .duration = header.duration};
  read_row_facts(shape_facts_[shape_code], shape, row.values, facts);
  rollups_.add(facts);
  uint64_t end = header.start + header.duration;
  if (group_.rows == 0) group_.start_min = header.start;
  group_.start_min = std::min(group_.start_min, header.start);
  group_.end_max = std::max({group_.end_max, header.start, end});
  ++group_.rows;
}

Status SectionWriter::write_fragment(const Fragment& fragment) {
  auto places = input_.rows().subspan(fragment.first_row, fragment.rows);
  nodes_.clear();
  for (const auto& place : places) {
    RowHeader header = input_.row(place).header;
    const Shape& shape = input_.shapes()[input_.shape_of(place, header.shape)];
    nodes_.push_back({header.span_id, header.parent_span_id, shape.names_parent != 0});
  }
  order_trace(nodes_, ordered_);

  // A row group ends where a trace ends, unless the trace alone is larger than one.
  if (group_.rows > 0 && group_.rows + fragment.rows > kRowGroupRows) {
    SPOOR_TRY(finish_row_group());
  }
  TraceEntry entry;
  entry.id = input_.row(places[0]).header.trace_id;
  entry.rows = fragment.rows;
  entry.start = fragment.start_min;
  rollups_.begin_trace();
  for (const OrderedNode& node : ordered_) {
    if (group_.rows == kRowGroupRows) SPOOR_TRY(finish_row_group());
    HeadShard::Row row = input_.row(places[node.node]);
    uint64_t base = node.depth == 0 ? fragment.start_min : start_of_depth_[node.depth - 1];
    start_of_depth_.resize(node.depth);
    start_of_depth_.push_back(row.header.start);
    if (node.depth == 0) {
      entry.flags |= nodes_[node.node].names_parent ? kTraceHasOrphans : kTraceHasRoot;
    }
    write_row(places[node.node], row, node.depth, base);
  }
  SPOOR_TRY(rollups_.end_trace());
  traces_.add(entry);
  if (footer_.spans == 0) footer_.start_min = fragment.start_min;
  footer_.start_min = std::min(footer_.start_min, fragment.start_min);
  footer_.end_max = std::max(footer_.end_max, fragment.end_max);
  footer_.spans += fragment.rows;
  return {};
}

Status SectionWriter::finish_row_group() {
  uint32_t vectors = static_cast<uint32_t>((group_.rows + kVectorRows - 1) / kVectorRows);
  std::vector<ColumnChunk> chunks;
  for (ColumnBuilder& column : columns_) {
    if (column.empty()) continue;
    SPOOR_TRY(column.finish(vectors, write_, chunks.emplace_back()));
  }
  std::string directory;
  encode(chunks, vectors, directory);
  SPOOR_ASSIGN(group_.directory, write_(directory));
  footer_.row_groups.push_back(group_);
  group_ = {};
  return {};
}

Status SectionWriter::write_dictionaries() {
  std::string raw, block;
  for (uint32_t i = 0; i < plan_.columns().size(); ++i) {
    const ColumnDictionary* dictionary = plan_.dictionary(i);
    if (dictionary == nullptr) continue;
    raw.clear(), block.clear();
    for (std::string_view value : dictionary->values) append_sized(raw, value);
    codec::encode_block(raw, block);
    SPOOR_ASSIGN(BlockRef ref, write_(block));
    footer_.dictionaries.push_back({i, static_cast<uint32_t>(dictionary->values.size()), ref});
  }
  block.clear();
  codec::encode_block(templates_.encode(), block);
  SPOOR_ASSIGN(footer_.templates, write_(block));
  return {};
}

Status SectionWriter::write_resources() {
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
  SPOOR_TRY(write_list(input_.scopes(), {}, footer_.scopes));
  SPOOR_TRY(write_list(input_.resources(), resource_order_, footer_.resources));
  std::string raw, block;
  append_varint(raw, input_.services().size());
  for (uint32_t i = 0; i < input_.services().size(); ++i) {
    append_sized(raw, input_.services()[i]);
    append_varint(raw, first_resource_of_service_[i]);
  }
  codec::encode_block(raw, block);
  SPOOR_ASSIGN(footer_.services, write_(block));
  return {};
}

Result<SectionFooter> SectionWriter::run(BlockRef& footer_block) {
  SPOOR_ASSERT(!fragments_.empty());
  for (const Fragment& fragment : fragments_) SPOOR_TRY(write_fragment(fragment));
  SPOOR_TRY(finish_row_group());
  SPOOR_TRY(write_dictionaries());
  SPOOR_TRY(write_resources());
  footer_.traces = traces_.size();
  SPOOR_ASSIGN(footer_.trace_pages, traces_.write_table(write_));
  SPOOR_ASSIGN(footer_.index_pages, traces_.write_index(write_));
  SPOOR_TRY(rollups_.finish(footer_.rollup_names, footer_.rollup_pages));
  std::string bytes;
  encode(footer_, bytes);
  SPOOR_ASSIGN(footer_block, write_(bytes));
  return footer_;
}

}  // namespace spoor::store
