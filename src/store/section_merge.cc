#include "store/section_merge.h"

#include <algorithm>
#include <tuple>

#include "base/assert.h"
#include "model/content_hash.h"
#include "store/assemble.h"
#include "store/limits.h"

namespace spoor::store {
namespace {

constexpr uint32_t column_of(FixedColumn column) {
  return static_cast<uint32_t>(column);
}

Status damaged(const SectionReader& reader, std::string_view what) {
  return data_loss(reader.file().path() + ": section " + std::to_string(reader.section().id) +
                   ": " + std::string(what));
}

}  // namespace

SectionMerge::SectionMerge(std::span<const std::shared_ptr<SectionReader>> inputs,
                           ColumnBuilder::WriteBlock write, Continue go_on)
    : go_on_(std::move(go_on)), output_(Contexts::Learned, std::move(write)) {
  SPOOR_ASSERT(!inputs.empty());
  for (const auto& reader : inputs) {
    Input& input = inputs_.emplace_back();
    input.number = inputs_.size() - 1;
    input.reader = reader;
  }
}

Status SectionMerge::open_inputs() {
  std::vector<TemplateUnion::Input> united;
  for (Input& input : inputs_) {
    SPOOR_ASSIGN(input.metadata, input.reader->metadata());
    SPOOR_ASSIGN(input.directories, input.reader->directories());
    SPOOR_ASSIGN(TemplateRows rows, count_template_rows(*input.reader, *input.metadata));
    input.stream = std::make_unique<SectionStream>(*input.reader, *input.metadata);
    input.fragments = std::make_unique<TraceReader>(*input.reader, input.metadata);
    input_spans_ += input.reader->footer().spans;
    input_traces_ += input.reader->footer().traces;
    origins_.add(*input.metadata);
    united.push_back({input.metadata.get(), std::move(rows)});
  }
  templates_ = std::make_unique<TemplateUnion>(united, origins_);
  output_.set_origins({.services = origins_.services(),
                       .scopes = origins_.scopes(),
                       .resources = origins_.resources(),
                       .service_of_resource = origins_.services_of_resources(),
                       .used_resources = {}});
  add_columns();
  return {};
}

void SectionMerge::add_columns() {
  for (; columns_ < templates_->columns().size(); ++columns_) {
    uint32_t column = static_cast<uint32_t>(columns_);
    output_.add_column(templates_->columns()[column], templates_->dictionary(column));
  }
}

Status SectionMerge::find_split_traces() {
  split_.reserve(input_traces_);
  for (Input& input : inputs_) {
    uint32_t ordinal = 0;
    for (size_t page = 0; page < input.directories->trace_pages.size(); ++page) {
      SPOOR_ASSIGN(auto places, input.reader->read_trace_page(*input.directories, page));
      for (const TracePlace& place : places) {
        split_.push_back({place.id.hash(), static_cast<uint32_t>(input.number), ordinal++});
      }
    }
  }
  std::ranges::sort(split_, [](const Fragment& a, const Fragment& b) {
    return std::tie(a.hash, a.input, a.ordinal) < std::tie(b.hash, b.input, b.ordinal);
  });
  size_t kept = 0;
  for (size_t i = 0; i < split_.size();) {
    size_t last = i;
    while (last < split_.size() && split_[last].hash == split_[i].hash) ++last;
    if (last - i > 1) {
      for (size_t k = i; k < last; ++k) split_[kept++] = split_[k];
    }
    i = last;
  }
  split_.resize(kept);
  split_.shrink_to_fit();
  return {};
}

Status SectionMerge::load_places(Input& input) {
  input.places.clear();
  input.next_place = 0;
  if (input.next_page == input.directories->trace_pages.size()) return input.stream->finish();
  SPOOR_ASSIGN(input.places, input.reader->read_trace_page(*input.directories, input.next_page++));
  return {};
}

Status SectionMerge::step_to_next_place(Input& input) {
  ++input.next_place;
  return input.at_end() ? load_places(input) : Status();
}

template <SectionMerge::Mode mode>
Status SectionMerge::take_table_row(Input& input, Table table, uint32_t& code,
                                    uint64_t (&children)[2]) {
  auto read = static_cast<uint64_t>(input.stream->integer(column_of(template_column(table))));
  if (read >= input.metadata->templates[static_cast<size_t>(table)].size()) {
    SPOOR_TRY(input.stream->status());
    return damaged(*input.reader, "unknown template");
  }
  code = static_cast<uint32_t>(read);
  const TemplateCopy& copy = templates_->copy_of(input.number, table, code);
  if (copy.code == TemplateCopy::kUnused) {
    SPOOR_TRY(input.stream->status());
    return damaged(*input.reader, "template codes differ from one reading to the next");
  }
  children[0] = copy.children[0];
  children[1] = copy.children[1];
  if (table == Table::Span) fact_texts_ = copy.fact_texts;
  if (mode == Mode::Copy) output_.add_template(table, copy.code);
  return take_values<mode>(input, copy, children);
}

Status SectionMerge::take_entry(Input& input, const CopyStep& step) {
  SectionStream& stream = *input.stream;
  using Kind = CopyStep::Kind;
  const ValueType type = step.entry->type;
  append_sized(list_, step.entry->key);
  // Arrays and lists have their type before them already.
  bool is_encoded = type == ValueType::Array || type == ValueType::KeyValueList;
  if (!is_encoded) list_.push_back(static_cast<char>(type));
  switch (step.kind) {
    case Kind::Integer:
    case Kind::ConstantInteger: {
      int64_t value = step.kind == Kind::Integer ? stream.integer(step.source) : step.integer;
      if (type == ValueType::Bool) {
        list_.push_back(static_cast<char>(value));
      } else {
        append_varint(list_, zigzag_encode(value));
      }
      return {};
    }
    case Kind::Double:
      append_le(list_, stream.number(step.source));
      return {};
    case Kind::ConstantDouble:
      append_le(list_, step.number);
      return {};
    case Kind::Nothing:
      return {};
    default:
      break;
  }
  std::string_view text = step.text;
  if (step.kind == Kind::Text) text = stream.text(step.source);
  if (step.kind == Kind::Expand) {
    auto entry = static_cast<uint64_t>(stream.integer(step.source));
    if (entry >= step.texts.size()) return damaged(*input.reader, "unknown dictionary code");
    text = step.texts[entry];
  }
  if (is_encoded) {
    list_.append(text);
  } else {
    append_sized(list_, text);
  }
  return {};
}

template <SectionMerge::Mode mode>
Status SectionMerge::take_values(Input& input, const TemplateCopy& copy, uint64_t (&children)[2]) {
  SectionStream& stream = *input.stream;
  if (copy.list_column != TemplateCopy::kNoList) {
    list_.clear();
    append_varint(list_, copy.list_entries);
  }
  constexpr bool is_kept = mode == Mode::Copy;
  const uint32_t vector = output_.vector();
  for (const CopyStep& step : copy.steps) {
    if (step.entry != nullptr) {
      SPOOR_TRY(take_entry(input, step));
      continue;
    }
    ColumnBuilder& target = output_.field(step.target);
    switch (step.kind) {
      case CopyStep::Kind::Integer: {
        int64_t value = stream.integer(step.source);
        if (step.children != CopyStep::kNoChildren) {
          children[step.children] = static_cast<uint64_t>(value);
        }
        if (is_kept) target.add_integer(vector, value);
        break;
      }
      case CopyStep::Kind::Double: {
        double value = stream.number(step.source);
        if (is_kept) target.add_double(vector, value);
        break;
      }
      case CopyStep::Kind::Text: {
        std::string_view text = stream.text(step.source);
        if (is_kept) target.add_text(vector, text);
        if (step.fact != CopyStep::kNoFact) {
          fact_texts_[step.fact] = fact_copies_[step.fact].assign(text);
        }
        break;
      }
      case CopyStep::Kind::Code:
      case CopyStep::Kind::Expand: {
        auto entry = static_cast<uint64_t>(stream.integer(step.source));
        if (entry >= step.texts.size()) return damaged(*input.reader, "unknown dictionary code");
        if (step.fact != CopyStep::kNoFact) fact_texts_[step.fact] = step.texts[entry];
        if (!is_kept) break;
        if (step.kind == CopyStep::Kind::Code) {
          output_.add_code(step.target, step.codes[entry]);
        } else {
          target.add_text(vector, step.texts[entry]);
        }
        break;
      }
      case CopyStep::Kind::ConstantInteger:
        if (is_kept) target.add_integer(vector, step.integer);
        break;
      case CopyStep::Kind::ConstantCode:
        if (is_kept) output_.add_code(step.target, static_cast<uint32_t>(step.integer));
        break;
      case CopyStep::Kind::ConstantDouble:
        if (is_kept) target.add_double(vector, step.number);
        break;
      case CopyStep::Kind::ConstantText:
        if (is_kept) target.add_text(vector, step.text);
        break;
      case CopyStep::Kind::Nothing:
        break;
    }
  }
  if (is_kept && copy.list_column != TemplateCopy::kNoList) put_list(copy);
  return {};
}

void SectionMerge::put_list(const TemplateCopy& copy) {
  output_.field(copy.list_column).add_text(output_.vector(), list_);
  if (copy.facts.peer.list_field == Shape::kNoField) return;
  fact_texts_[kListText] = fact_copies_[kListText].assign(list_);
}

Result<uint32_t> SectionMerge::resource_of(const Input& input, uint32_t template_code,
                                           int64_t relative) const {
  const SectionMetadata& metadata = *input.metadata;
  uint32_t service = metadata.templates[0][template_code].shape.service;
  uint64_t resource = metadata.first_resource_of_service[service] + static_cast<uint64_t>(relative);
  if (resource >= metadata.resources.size()) return damaged(*input.reader, "unknown resource");
  return origins_.resource_of(input.number, resource);
}

template <SectionMerge::Mode mode>
Status SectionMerge::take_row(Input& input, const TracePlace& place) {
  SectionStream& stream = *input.stream;
  stream.next_row();
  uint64_t children[2], of_child[2];
  uint32_t code = 0, child_code = 0;
  SPOOR_TRY(take_table_row<mode>(input, Table::Span, code, children));
  const TemplateCopy& copy = templates_->copy_of(input.number, Table::Span, code);
  const Shape& shape = *copy.shape;
  int64_t relative = stream.integer(column_of(FixedColumn::Resource));
  int64_t start = stream.integer(column_of(FixedColumn::Start));
  int64_t duration = stream.integer(column_of(FixedColumn::Duration));
  int64_t depth = stream.integer(column_of(FixedColumn::Depth));
  std::string_view span_id = stream.id(column_of(FixedColumn::SpanId));
  std::string_view parent_id;
  if (depth == 0 && shape.names_parent != 0) {
    parent_id = stream.id(column_of(FixedColumn::ParentId));
  }
  if (children[0] > kChildrenMax || children[1] > kChildrenMax) {
    return damaged(*input.reader, "more events or links than allowed");
  }
  for (Table table : {Table::Event, Table::Link}) {
    for (uint64_t i = children[table == Table::Link]; i > 0; --i) {
      SPOOR_TRY(take_table_row<mode>(input, table, child_code, of_child));
    }
  }
  SPOOR_TRY(stream.status());
  if (mode == Mode::Skip) return {};
  if (depth < 0 || static_cast<uint64_t>(depth) > start_of_depth_.size()) {
    return damaged(*input.reader, "a row is deeper than its parent allows");
  }
  const auto level = static_cast<size_t>(depth);
  uint64_t base = level == 0 ? place.start : start_of_depth_[level - 1];
  uint64_t absolute = base + static_cast<uint64_t>(start);
  start_of_depth_.resize(level);
  start_of_depth_.push_back(absolute);
  SPOOR_ASSIGN(uint32_t resource, resource_of(input, code, relative));
  facts_.service = shape.service;
  facts_.depth = static_cast<uint32_t>(level);
  facts_.start = absolute;
  facts_.duration = static_cast<uint64_t>(duration);
  fact_arena_.reset();
  SPOOR_TRY(read_text_facts(copy.facts, shape, fact_texts_, fact_arena_, facts_));
  output_.add_span({.shape = shape,
                    .resource = resource,
                    .span_id = span_id,
                    .parent_span_id = parent_id,
                    .facts = facts_});
  return {};
}

template <SectionMerge::Mode mode>
Status SectionMerge::take_trace(Input& input, const TracePlace& place) {
  if (place.first_row != input.row) return damaged(*input.reader, "rows of traces have a gap");
  if (mode == Mode::Copy) SPOOR_TRY(output_.begin_trace(place.id, place.start, place.rows));
  start_of_depth_.clear();
  for (uint32_t i = 0; i < place.rows; ++i) {
    if (mode == Mode::Copy) SPOOR_TRY(output_.begin_row());
    SPOOR_TRY(take_row<mode>(input, place));
  }
  if (mode == Mode::Copy) SPOOR_TRY(output_.end_trace());
  input.row += place.rows;
  return {};
}

Result<SectionFooter> SectionMerge::run(BlockRef& footer_block) {
  SPOOR_TRY(open_inputs());
  SPOOR_TRY(find_split_traces());
  output_.reserve_traces(input_traces_);
  for (Input& input : inputs_) SPOOR_TRY(load_places(input));
  while (true) {
    Input* next = nullptr;
    for (Input& input : inputs_) {
      if (input.at_end()) continue;
      if (next == nullptr || input.place().start < next->place().start) next = &input;
    }
    if (next == nullptr) break;
    SPOOR_TRY(go_on_());
    const TracePlace& place = next->place();
    bool is_split = std::ranges::binary_search(split_, place.id.hash(), {}, &Fragment::hash);
    if (!is_split) {
      SPOOR_TRY(take_trace<Mode::Copy>(*next, place));
    } else {
      if (reunited_.insert(place.id).second) SPOOR_TRY(reunite(place));
      SPOOR_TRY(take_trace<Mode::Skip>(*next, place));
    }
    SPOOR_TRY(step_to_next_place(*next));
  }
  SPOOR_ASSERT(output_.spans() + repeated_spans_ == input_spans_);  // ST-11
  return output_.finish(templates_->encode(), footer_block);
}

}  // namespace spoor::store
