// The end of both roads that write a section: what the flush takes from the head's rows and what
// a merge takes from other sections comes together here, row by row, and leaves as row groups,
// trace table, index, metadata and footer. No more than one row group is in memory.
//
//   SectionOutput output(write);
//   output.set_origins(...); output.add_column(...)...
//   for each trace, in order of start:
//     begin_trace(); for each span, depth first: begin_row(); templates and values; add_span();
//     end_trace();
//   finish();
//
// One thread uses it. Layout: docs/format/part.md, "Section".
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "store/column_builder.h"
#include "store/group_templates.h"
#include "store/integer_pages.h"
#include "store/part_format.h"
#include "store/rollup_builder.h"
#include "store/section_plan.h"
#include "store/shape.h"
#include "store/span_facts.h"
#include "store/trace_index.h"

namespace spoor::store {

// What every span has, whichever road it comes by.
struct SpanRow {
  const Shape& shape;     // with the section's codes of service and scope
  uint32_t resource = 0;  // code in the dictionary given to set_origins()
  std::string_view span_id;
  std::string_view parent_span_id;  // of a row of depth 0 whose shape names a parent
  const SpanFacts& facts;           // with the section's code of the service
};

class SectionOutput {
 public:
  // `write` appends a block to the section and its checksum behind it.
  SectionOutput(Contexts contexts, ColumnBuilder::WriteBlock write);

  // What the codes in shapes and rows mean. Before the first row; all must live until finish().
  struct Origins {
    const Dictionary& services;
    const Dictionary& scopes;
    const Dictionary& resources;
    std::span<const uint32_t> service_of_resource;
    // Which resources the rows have; empty if all. The others are left out, because the catalogue
    // must not list them.
    std::span<const uint8_t> used_resources;
  };
  void set_origins(const Origins& origins);

  // How many traces there will be at most.
  void reserve_traces(uint64_t traces) { traces_.reserve(traces); }

  // A further field column: its number. A text column with a dictionary holds codes of it.
  uint32_t add_column(const ColumnId& id, const ColumnDictionary* dictionary);

  // `start` is the earliest of its rows.
  Status begin_trace(const TraceId& id, uint64_t start, uint32_t rows);
  // Makes room for a row: what is added from here to add_span() belongs to it.
  Status begin_row();
  void add_template(Table table, uint32_t code) {
    ColumnBuilder& column = fixed(template_column(table));
    if (table != Table::Span) return column.add_integer(vector_, code);
    template_ = code;
    column.add_integer_of_row(code);
  }
  // A value in the form of head rows (row.h), of any type.
  void add_value(uint32_t column, std::string_view row_value);
  // A value of a column with a dictionary, by its code there.
  void add_code(uint32_t column, uint32_t code);
  // Values by type, for those who have them decoded.
  ColumnBuilder& field(uint32_t column) { return columns_[kFixedColumns + column]; }
  uint32_t vector() const { return vector_; }
  // Ends the row. Every span that gets into a part passes here, in order of the section.
  void add_span(const SpanRow& row);
  Status end_trace();

  // Writes what is left. `templates` is the templates block; dictionaries are those given to
  // add_column(). The result's blocks are in the section; its footer is written too, and
  // `footer_block` says where.
  Result<SectionFooter> finish(std::string_view templates, BlockRef& footer_block);

  uint64_t spans() const { return footer_.spans + trace_.rows; }

 private:
  ColumnBuilder& fixed(FixedColumn column) { return columns_[static_cast<size_t>(column)]; }
  // Encoded, each empty if it is left out.
  struct OfTemplates {
    std::string templates;
    uint32_t listed_rows_max = 0;
    std::string listed_rows;
    std::string edges;
  };
  OfTemplates encode_templates();
  Status finish_row_group();
  Status write_dictionaries(std::string_view templates);
  Status write_origins();

  // Codes are numbered anew in the order of the rows: what comes in turn makes even steps, and
  // entries that no row has are left out.
  struct FieldColumn {
    ValueType type;
    const ColumnDictionary* dictionary;
    std::vector<uint32_t> numbers;  // by code, kNoCode at first
    std::vector<uint32_t> codes;    // by number
    uint32_t last;                  // that add_value() found
  };

  ColumnBuilder::WriteBlock write_;
  std::vector<ColumnBuilder> columns_;  // fixed ones, then fields_
  std::vector<FieldColumn> fields_;
  TraceTableBuilder traces_;
  std::optional<RollupBuilder> rollups_;  // from set_origins() on
  SectionFooter footer_;

  const Dictionary* services_ = nullptr;
  const Dictionary* scopes_ = nullptr;
  const Dictionary* resources_ = nullptr;
  // Resources grouped by service: the new number of each, and the first of each service.
  std::vector<uint32_t> resource_numbers_;
  std::vector<uint32_t> resource_order_;
  std::vector<uint32_t> first_resource_of_service_;

  RowGroupRef group_;
  std::vector<uint64_t> start_spreads_;  // by vector of the row group
  GroupTemplateCounter group_templates_;
  const bool learns_contexts_;
  ContextBuilder contexts_;
  uint32_t vector_ = 0;  // of the row in hand
  uint32_t template_ = 0;
  bool is_loose_ = false;  // the row in hand is in no tree that has its root in the row group
  TraceEntry trace_;       // in hand; `rows` counts those that came
  uint32_t trace_rows_ = 0;
  std::vector<uint64_t> start_of_depth_;  // from the root to the row before
};

}  // namespace spoor::store
