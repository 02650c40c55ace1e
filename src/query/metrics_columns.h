// The fields of a metrics query in one section: for each of its templates a constant, the
// resource's attribute, or a column; and their reading, vector by vector.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "query/metrics_fields.h"
#include "query/metrics_plan.h"
#include "query/row_traces.h"
#include "store/row_group_reader.h"
#include "store/section_reader.h"

namespace spoor::query {

// Immutable once made, and thread-safe.
class MetricsColumns {
 public:
  struct Place {
    FieldPlace::Kind kind = FieldPlace::Kind::Unknown;
    TypedValue constant;
    size_t column = 0;  // of Value: among columns()
    bool others_may_have = false;
  };
  struct Column {
    uint32_t column = 0;  // as RowGroupReader numbers them
    ValueType type = ValueType::Absent;
    bool has_dictionary = false;
    std::vector<uint32_t> values;  // by template: how many a row has in the column
  };

  // The fields of keys, then the function's own. Nothing where attributes with one of the keys
  // are not plain.
  static std::optional<MetricsColumns> make(std::shared_ptr<const store::SectionMetadata> metadata,
                                            const MetricsPlan& plan, const PlainKeys& keys);

  size_t fields() const { return fields_.size(); }
  const traceql::Field& field(size_t i) const { return fields_[i]; }
  const Place& place(size_t field, size_t template_code) const {
    return places_[field][template_code];
  }
  // The column of the lists that are the attributes of the template's rows, where the query asks
  // for attributes. Whether these are plain shows in each row.
  std::optional<size_t> list_column(size_t template_code) const {
    return list_columns_[template_code];
  }
  const PlainKeys& keys() const { return keys_; }
  const std::vector<Column>& columns() const { return columns_; }
  const store::SectionMetadata& metadata() const { return *metadata_; }
  const std::vector<store::Template>& templates() const {
    return metadata_->templates[static_cast<size_t>(store::Table::Span)];
  }

 private:
  MetricsColumns(std::shared_ptr<const store::SectionMetadata> metadata, PlainKeys keys)
      : metadata_(std::move(metadata)), keys_(std::move(keys)) {}
  bool are_plain_templates() const;
  void add_list(const store::Template& entry);
  void add_field(const traceql::Field& field);
  Place place_in(const traceql::Field& field, const store::Template& entry);
  // The attribute, if all resources of the service have the same.
  std::optional<TypedValue> value_of_service(const traceql::Field& field, uint32_t service) const;
  size_t column_of(uint32_t field_column, const store::Field& field);

  std::shared_ptr<const store::SectionMetadata> metadata_;
  std::vector<traceql::Field> fields_;
  PlainKeys keys_;
  std::vector<std::vector<Place>> places_;           // by field and template
  std::vector<std::optional<size_t>> list_columns_;  // by template
  std::vector<Column> columns_;
};

// The rows of one vector: what a field is in each of them. Lives on one thread.
class MetricsRows {
 public:
  // `roots` are the texts of SectionScan, where the query asks for roots.
  MetricsRows(const MetricsColumns& columns, store::RowGroupReader& group,
              std::span<const RootTexts> roots)
      : columns_(columns), group_(group), roots_(roots) {}

  // Goes to the vector. What was read of another is gone. `traces` are those with rows in it, if
  // the query asks for roots.
  Status begin(uint32_t vector, std::span<const RowTrace> traces = {});
  // The row's trace; quick where rows ascend from call to call.
  const RowTrace& trace(size_t row);
  std::span<const int64_t> codes() const { return codes_; }
  // What the column of durations holds; duration_of() says what that means.
  Result<std::span<const int64_t>> durations();
  // By row, the number of its resource among those of its service.
  Result<std::span<const int64_t>> resources();
  // What lies in a column, and by row the place of its first value there.
  struct Read {
    bool is_read = false;
    std::span<const int64_t> integers;  // codes, where the column has a dictionary
    std::span<const double> doubles;
    std::span<const std::string_view> texts;
    std::vector<uint32_t> places;
  };
  Result<const Read*> read(size_t column);
  // Whether the attributes of the row, which are in that column, are plain.
  Result<bool> is_plain_list(size_t column, size_t row);
  // Nothing where only the trace tells.
  Result<std::optional<TypedValue>> value(size_t field, size_t row);

 private:
  TypedValue root_text(const traceql::Field& field, size_t row);
  Result<TypedValue> column_value(size_t column, size_t row);
  Result<std::string_view> column_text(size_t column, size_t row);
  Result<Attributes> list(size_t column, size_t row);
  Result<std::optional<TypedValue>> value_of_resource(size_t field, size_t row);
  Status damaged(std::string_view what) const;

  const MetricsColumns& columns_;
  store::RowGroupReader& group_;
  uint32_t vector_ = 0;
  std::span<const int64_t> codes_;
  std::vector<Read> reads_;  // by column
  std::span<const int64_t> resources_, durations_;
  std::span<const RootTexts> roots_;
  std::span<const RowTrace> traces_;
  size_t trace_ = 0;  // that was asked for last
  Arena arena_;       // of lists, for the vector
};

}  // namespace spoor::query
