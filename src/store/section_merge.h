// Merges one tenant's sections of one day into one. Columnar: what a row holds goes from column
// to column; only traces with fragments in several inputs are put together as spans and ordered
// anew, equal spans among them once.
//
//   1. what the inputs say of themselves is united (origin_union.h, template_union.h)
//   2. trace ids that lie in more than one place are found: 16 bytes a trace, for a while
//   3. traces are written in order of their start, each input read strictly forward
//
// Everything read is checked against its checksum; damage ends the merge. One thread uses it.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "store/origin_union.h"
#include "store/row_encoder.h"
#include "store/section_output.h"
#include "store/section_reader.h"
#include "store/section_stream.h"
#include "store/template_union.h"
#include "store/trace_order.h"
#include "store/trace_reader.h"

namespace spoor::store {

class SectionMerge {
 public:
  // Asked before each trace; an error ends the merge with it.
  using Continue = std::function<Status()>;

  // `write` appends a block to the output and its checksum behind it. REQUIRES: at least one
  // input, all of one tenant and day.
  SectionMerge(std::span<const std::shared_ptr<SectionReader>> inputs,
               ColumnBuilder::WriteBlock write, Continue go_on);

  // As SectionWriter::run().
  Result<SectionFooter> run(BlockRef& footer_block);

  // Spans that equal another in every field and were left out.
  uint64_t repeated_spans() const { return repeated_spans_; }

 private:
  struct Input {
    std::shared_ptr<SectionReader> reader;
    std::shared_ptr<const SectionMetadata> metadata;
    std::shared_ptr<const SectionReader::Directories> directories;
    std::unique_ptr<SectionStream> stream;
    std::unique_ptr<TraceReader> fragments;  // of split traces
    std::vector<TracePlace> places;          // the page of the trace table in hand
    size_t next_place = 0;
    size_t next_page = 0;
    uint64_t row = 0;  // that the stream is at
    size_t number = 0;

    bool at_end() const { return next_place == places.size(); }
    const TracePlace& place() const { return places[next_place]; }
  };
  // A fragment of a trace that may lie in several places.
  struct Fragment {
    uint64_t hash;
    uint32_t input;
    uint32_t ordinal;
  };
  // Whether what is read is written, or was before.
  enum class Mode { Copy, Skip };

  Status open_inputs();
  Status find_split_traces();
  Status load_places(Input& input);
  Status step_to_next_place(Input& input);
  void add_columns();

  template <Mode mode>
  Status take_trace(Input& input, const TracePlace& place);
  template <Mode mode>
  Status take_row(Input& input, const TracePlace& place);
  // The template code and values of the next row of the table.
  template <Mode mode>
  Status take_table_row(Input& input, Table table, uint32_t& code, uint64_t (&children)[2]);
  // The value of the step becomes the next entry of list_.
  Status take_entry(Input& input, const CopyStep& step);
  void put_list(const TemplateCopy& copy);
  template <Mode mode>
  Status take_values(Input& input, const TemplateCopy& copy, uint64_t (&children)[2]);
  // The united code of a row's resource.
  Result<uint32_t> resource_of(const Input& input, uint32_t template_code, int64_t relative) const;

  Status reunite(const TracePlace& place);
  Status read_fragments(const TracePlace& place, SpanBatch& batch);
  Status write_spans(const TraceId& id, const SpanBatch& batch);
  void write_row(const Span& span, uint32_t depth);
  bool has_new_shape(uint32_t shape_code);
  void write_table_row(uint32_t shape_code, ByteReader& reader);

  std::vector<Input> inputs_;
  Continue go_on_;
  OriginUnion origins_;
  std::unique_ptr<TemplateUnion> templates_;
  SectionOutput output_;
  size_t columns_ = 0;  // of the output so far
  std::vector<uint64_t> start_of_depth_;
  // Of the row in hand: the texts that its facts come from. Text of a page is copied, because a
  // later value of the row may bring the next page.
  std::array<std::string_view, kFactTexts> fact_texts_;
  std::array<std::string, kFactTexts> fact_copies_;
  SpanFacts facts_;   // of the row in hand
  Arena fact_arena_;  // of facts from a list
  std::string list_;  // of the row in hand, where its attributes become one value
  uint64_t input_spans_ = 0, input_traces_ = 0;
  uint64_t repeated_spans_ = 0;

  std::vector<Fragment> split_;  // by hash; fragments whose hash is there more than once
  std::unordered_set<TraceId> reunited_;
  // Of the trace that is being reunited.
  ShapeTable shapes_;  // those of RowEncoder, which has codes of its own
  RowEncoder encoder_{shapes_};
  std::vector<uint32_t> resources_, scopes_;  // united codes of the batch's
  std::vector<TraceNode> nodes_;
  TraceOrder order_;
  std::vector<std::string_view> values_;
};

}  // namespace spoor::store
