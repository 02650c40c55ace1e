#include "query/metrics_columns.h"

#include <algorithm>

#include "query/leaf_fields.h"
#include "store/value_codec.h"

namespace spoor::query {

using store::FixedColumn;
using store::Table;
using store::Template;
using store::TemplateField;

namespace {

bool is_value(const Template& entry, size_t field) {
  return entry.fields[field].kind == TemplateField::Kind::Column &&
         store::is_stored(entry.shape.fields[field].type);
}

bool is_readable(ValueType type) {
  return type == ValueType::String || type == ValueType::Bool || type == ValueType::Int ||
         type == ValueType::Double;
}

}  // namespace

std::optional<MetricsColumns> MetricsColumns::make(
    std::shared_ptr<const store::SectionMetadata> metadata, const MetricsPlan& plan,
    const PlainKeys& keys) {
  MetricsColumns columns(std::move(metadata), keys);
  if (!columns.are_plain_templates()) return std::nullopt;
  for (const Resource& resource : columns.metadata_->resources) {
    if (!are_plain(resource.attributes, keys)) return std::nullopt;
  }
  for (const Scope& scope : columns.metadata_->scopes) {
    if (!are_plain(scope.attributes, keys)) return std::nullopt;
  }
  for (const Template& entry : columns.templates()) columns.add_list(entry);
  for (const traceql::Field& field : plan.key_fields()) columns.add_field(field);
  if (const auto& field = plan.aggregate().field) columns.add_field(*field);
  return columns;
}

bool MetricsColumns::are_plain_templates() const {
  for (const std::vector<Template>& table : metadata_->templates) {
    for (const Template& entry : table) {
      if (!has_plain_attributes(entry.shape, keys_)) return false;
      std::optional<size_t> field = list_field(entry.shape);
      if (!field || keys_.empty()) continue;
      // Of events and links nobody looks into the lists, and a list that all have is none.
      bool is_of_span = entry.shape.table == Table::Span;
      if (!is_of_span || !is_value(entry, *field)) return false;
    }
  }
  return true;
}

void MetricsColumns::add_list(const Template& entry) {
  std::optional<size_t>& column = list_columns_.emplace_back();
  std::optional<size_t> field = list_field(entry.shape);
  if (!field || keys_.empty()) return;
  column = column_of(entry.fields[*field].column, entry.shape.fields[*field]);
}

void MetricsColumns::add_field(const traceql::Field& field) {
  fields_.push_back(field);
  std::vector<Place>& places = places_.emplace_back();
  for (const Template& entry : templates()) places.push_back(place_in(field, entry));
}

MetricsColumns::Place MetricsColumns::place_in(const traceql::Field& field, const Template& entry) {
  FieldPlace found = place_of(field, entry.shape, metadata_->scopes[entry.shape.scope]);
  Place place{found.kind, found.constant, 0, found.others_may_have};
  if (found.kind == FieldPlace::Kind::Resource) {
    std::optional<TypedValue> same = value_of_service(field, entry.shape.service);
    if (same && !same->is_nil()) {
      place.kind = FieldPlace::Kind::Constant;
      place.constant = *same;
    } else if (same && !found.others_may_have) {
      place.kind = FieldPlace::Kind::Constant;
    }
  }
  if (found.kind == FieldPlace::Kind::List) {
    place.column = column_of(entry.fields[found.field].column, entry.shape.fields[found.field]);
  }
  if (found.kind != FieldPlace::Kind::Value) return place;
  const store::Field& of_shape = entry.shape.fields[found.field];
  const TemplateField& kept = entry.fields[found.field];
  if (!is_value(entry, found.field)) {
    place.kind = FieldPlace::Kind::Constant;
    place.constant = field_value(field, TypedValue::of(kept.constant));
  } else if (is_readable(of_shape.type)) {
    place.column = column_of(kept.column, of_shape);
  } else {
    place.kind = FieldPlace::Kind::Unknown;
  }
  return place;
}

std::optional<TypedValue> MetricsColumns::value_of_service(const traceql::Field& field,
                                                           uint32_t service) const {
  // Resources are ordered by service.
  const auto& firsts = metadata_->first_resource_of_service;
  size_t first = firsts[service], end = metadata_->resources.size();
  for (uint32_t of : firsts) {
    if (of > first && of < end) end = of;
  }
  std::optional<TypedValue> same;
  for (size_t i = first; i < end; ++i) {
    TypedValue value = resource_value(field, metadata_->resources[i]);
    if (same && !(*same == value)) return std::nullopt;
    same = value;
  }
  return same;
}

size_t MetricsColumns::column_of(uint32_t field_column, const store::Field& field) {
  uint32_t number = store::kFixedColumns + field_column;
  auto known = std::ranges::find(columns_, number, &Column::column);
  if (known != columns_.end()) return static_cast<size_t>(known - columns_.begin());
  Column column;
  column.column = number;
  column.type = field.type;
  column.has_dictionary = metadata_->has_dictionary[field_column] != 0;
  // A row's place follows from all rows before it, whatever their templates.
  for (const Template& entry : templates()) {
    uint32_t count = 0;
    for (size_t i = 0; i < entry.fields.size(); ++i) {
      count += is_value(entry, i) && entry.fields[i].column == field_column;
    }
    column.values.push_back(count);
  }
  columns_.push_back(std::move(column));
  return columns_.size() - 1;
}

Status MetricsRows::damaged(std::string_view what) const {
  return data_loss("row group: " + std::string(what));
}

Status MetricsRows::begin(uint32_t vector, std::span<const RowTrace> traces) {
  vector_ = vector;
  traces_ = traces;
  trace_ = 0;
  SPOOR_ASSIGN(codes_, group_.templates(Table::Span, vector));
  reads_.resize(columns_.columns().size());
  for (Read& read : reads_) read.is_read = false;
  resources_ = durations_ = {};
  arena_.reset();
  return {};
}

const RowTrace& MetricsRows::trace(size_t row) {
  const size_t row_of_group = vector_ * store::kVectorRows + row;
  if (traces_[trace_].begin > row_of_group) trace_ = 0;
  while (traces_[trace_].end <= row_of_group) ++trace_;
  return traces_[trace_];
}

TypedValue MetricsRows::root_text(const traceql::Field& field, size_t row) {
  const uint32_t code = trace(row).root;
  if (code == RowTrace::kNoRoot) return TypedValue::text("");
  const RootTexts& texts = roots_[code];
  if (field.intrinsic == traceql::Intrinsic::RootServiceName) {
    return TypedValue::text(texts.service);
  }
  return TypedValue::text(texts.name.value_or(""));  // of decided traces it is there
}

Result<std::span<const int64_t>> MetricsRows::durations() {
  if (durations_.empty()) {
    SPOOR_ASSIGN(durations_, group_.fixed(FixedColumn::Duration, vector_));
  }
  return durations_;
}

Result<std::span<const int64_t>> MetricsRows::resources() {
  if (resources_.empty()) {
    SPOOR_ASSIGN(resources_, group_.fixed(FixedColumn::Resource, vector_));
  }
  return resources_;
}

Result<const MetricsRows::Read*> MetricsRows::read(size_t column) {
  Read& read = reads_[column];
  if (read.is_read) return static_cast<const Read*>(&read);
  const MetricsColumns::Column& of = columns_.columns()[column];
  store::PageType type = columns_.metadata().page_type(of.column);
  size_t count = 0;
  if (type == store::PageType::Double) {
    SPOOR_ASSIGN(read.doubles, group_.doubles(of.column, vector_));
    count = read.doubles.size();
  } else if (type == store::PageType::Text) {
    SPOOR_ASSIGN(read.texts, group_.texts(of.column, vector_));
    count = read.texts.size();
  } else {
    SPOOR_ASSIGN(read.integers, group_.integers(of.column, vector_));
    count = read.integers.size();
  }
  read.places.resize(codes_.size());
  size_t place = 0;
  for (size_t row = 0; row < codes_.size(); ++row) {
    read.places[row] = static_cast<uint32_t>(place);
    place += of.values[static_cast<size_t>(codes_[row])];
  }
  if (place > count) return damaged("a column has too few values");
  read.is_read = true;
  return static_cast<const Read*>(&read);
}

Result<std::string_view> MetricsRows::column_text(size_t column, size_t row) {
  const MetricsColumns::Column& of = columns_.columns()[column];
  SPOOR_ASSIGN(const Read* values, read(column));
  size_t place = values->places[row];
  if (!of.has_dictionary) return values->texts[place];
  const auto& dictionary = columns_.metadata().dictionaries[of.column - store::kFixedColumns];
  auto code = static_cast<uint64_t>(values->integers[place]);
  if (code >= dictionary.size()) return damaged("unknown dictionary code");
  return dictionary[code];
}

Result<TypedValue> MetricsRows::column_value(size_t column, size_t row) {
  const MetricsColumns::Column& of = columns_.columns()[column];
  if (of.type == ValueType::String) {
    SPOOR_ASSIGN(std::string_view text, column_text(column, row));
    return TypedValue::text(text);
  }
  SPOOR_ASSIGN(const Read* values, read(column));
  size_t place = values->places[row];
  switch (of.type) {
    case ValueType::Double:
      return TypedValue::floating(values->doubles[place]);
    case ValueType::Bool:
      return TypedValue::boolean(values->integers[place] != 0);
    default:
      return TypedValue::integer(values->integers[place]);
  }
}

Result<Attributes> MetricsRows::list(size_t column, size_t row) {
  SPOOR_ASSIGN(std::string_view bytes, column_text(column, row));
  ByteReader reader(bytes);
  return store::decode_attributes(reader, arena_);
}

Result<bool> MetricsRows::is_plain_list(size_t column, size_t row) {
  SPOOR_ASSIGN(Attributes attributes, list(column, row));
  return are_plain(attributes, columns_.keys());
}

Result<std::optional<TypedValue>> MetricsRows::value_of_resource(size_t field, size_t row) {
  SPOOR_TRY(resources().status());
  const store::SectionMetadata& metadata = columns_.metadata();
  auto code = static_cast<size_t>(codes_[row]);
  uint64_t number = metadata.first_resource_of_service[columns_.templates()[code].shape.service] +
                    static_cast<uint64_t>(resources_[row]);
  if (number >= metadata.resources.size()) return damaged("unknown resource");
  TypedValue value = resource_value(columns_.field(field), metadata.resources[number]);
  const MetricsColumns::Place& place = columns_.place(field, code);
  if (!value.is_nil()) return std::optional(value);
  if (place.others_may_have) return std::optional<TypedValue>();
  return std::optional(place.constant);
}

Result<std::optional<TypedValue>> MetricsRows::value(size_t field, size_t row) {
  const MetricsColumns::Place& place = columns_.place(field, static_cast<size_t>(codes_[row]));
  switch (place.kind) {
    case FieldPlace::Kind::Constant:
      return std::optional(place.constant);
    case FieldPlace::Kind::Duration: {
      SPOOR_TRY(durations().status());
      int64_t nanos = duration_of(static_cast<uint64_t>(durations_[row]));
      return std::optional(TypedValue::whole(traceql::Type::Duration, nanos));
    }
    case FieldPlace::Kind::Resource:
      return value_of_resource(field, row);
    case FieldPlace::Kind::List: {
      SPOOR_ASSIGN(Attributes attributes, list(place.column, row));
      const traceql::Field& of = columns_.field(field);
      const Value* found = find_attribute(attributes, of.name);
      if (found != nullptr) return std::optional(TypedValue::of(*found));
      if (of.scope == traceql::AttributeScope::None) return value_of_resource(field, row);
      return std::optional(TypedValue::nil());
    }
    case FieldPlace::Kind::Value: {
      SPOOR_ASSIGN(TypedValue value, column_value(place.column, row));
      return std::optional(field_value(columns_.field(field), value));
    }
    case FieldPlace::Kind::Root:
      return std::optional(root_text(columns_.field(field), row));
    case FieldPlace::Kind::TraceDuration:
      return std::optional(
          TypedValue::whole(traceql::Type::Duration, static_cast<int64_t>(trace(row).duration)));
    case FieldPlace::Kind::Unknown:
      break;
  }
  return std::optional<TypedValue>();
}

}  // namespace spoor::query
