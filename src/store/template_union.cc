#include "store/template_union.h"

#include <algorithm>
#include <unordered_set>

#include "base/assert.h"
#include "store/limits.h"
#include "store/row.h"

namespace spoor::store {

// Decides how each shape's fields are kept, from the templates of all inputs, and gives out
// columns and dictionaries.
class TemplateUnion::Planner {
 public:
  Planner(TemplateUnion& target, std::span<const Input> inputs, const OriginUnion& origins)
      : target_(target), inputs_(inputs), origins_(origins) {}

  void run() {
    for (size_t input = 0; input < inputs_.size(); ++input) gather(input);
    for (ShapeCandidates& shape : shapes_) generalise(shape);
    std::vector<uint64_t> rows;
    for (const ShapeCandidates& shape : shapes_) rows.push_back(shape.rows);
    const RareShapes rare(target_.shapes_, rows);
    for (uint32_t shape = 0; shape < rows.size(); ++shape) {
      if (auto form = rare.form_of(shape)) {
        unite_rare(shape, *form);
      } else {
        unite(shape);
      }
    }
    // Frequent templates get the small codes, which makes their column narrower.
    std::ranges::stable_sort(united_, std::greater<>(), &United::rows);
    for (United& united : united_) place(united);
    for (uint32_t column = 0; column < statistics_.size(); ++column) {
      auto& dictionary = target_.dictionaries_[column];
      if (!statistics_[column].is_dictionary()) continue;
      dictionary = std::make_unique<ColumnDictionary>(std::move(statistics_[column].dictionary));
    }
  }

  uint32_t code_of(size_t input, Table table, size_t code) const {
    return codes_[input][static_cast<size_t>(table)][code];
  }

 private:
  struct Candidate {
    size_t input = 0;
    uint32_t code = 0;  // in the input
    uint64_t rows = 0;
    std::vector<std::optional<std::string_view>> constants;  // nothing: in a column
  };
  struct ShapeCandidates {
    uint64_t rows = 0;
    std::vector<Candidate> candidates;
    std::vector<uint8_t> in_column;  // fields that are moved there
  };
  struct United {
    uint32_t shape = 0;
    uint64_t rows = 0;
    std::vector<const Candidate*> members;
    bool is_general = false;  // of members with other shapes: all fields are columns
  };

  void gather(size_t input) {
    const SectionMetadata& metadata = *inputs_[input].metadata;
    auto& codes = codes_.emplace_back();
    for (size_t table = 0; table < kTables; ++table) {
      const auto& templates = metadata.templates[table];
      codes[table].resize(templates.size(), TemplateCopy::kUnused);
      for (uint32_t code = 0; code < templates.size(); ++code) {
        uint64_t rows = inputs_[input].rows[table][code];
        if (rows > 0) add_candidate(input, code, rows, templates[code]);
      }
    }
  }

  void add_candidate(size_t input, uint32_t code, uint64_t rows, const Template& entry) {
    Shape shape = entry.shape;
    if (shape.table == Table::Span) {
      shape.service = origins_.service_of(input, shape.service);
      shape.scope = origins_.scope_of(input, shape.scope);
    }
    uint32_t number = target_.shapes_.intern(shape_key(shape));
    if (number == shapes_.size()) shapes_.emplace_back();
    Candidate candidate{input, code, rows, {}};
    for (size_t i = 0; i < entry.fields.size(); ++i) {
      const TemplateField& field = entry.fields[i];
      bool in_column = field.kind == TemplateField::Kind::Column && is_stored(shape.fields[i].type);
      if (in_column) {
        candidate.constants.emplace_back();
        continue;
      }
      scratch_.clear();
      append_row_value(scratch_, field.constant);
      candidate.constants.emplace_back(target_.arena_.copy(scratch_));
    }
    shapes_[number].rows += rows;
    shapes_[number].candidates.push_back(std::move(candidate));
  }

  // What two candidates that become one template have in common.
  static std::string key_of(const Candidate& candidate, const std::vector<uint8_t>& in_column) {
    std::string key;
    for (size_t i = 0; i < candidate.constants.size(); ++i) {
      bool is_constant = candidate.constants[i] && !in_column[i];
      key.push_back(is_constant ? 1 : 0);
      if (is_constant) append_sized(key, *candidate.constants[i]);
    }
    return key;
  }

  // Moves fields into columns, those of the most values first, until the templates stand for
  // enough rows each.
  static void generalise(ShapeCandidates& shape) {
    size_t fields = shape.candidates.front().constants.size();
    shape.in_column.assign(fields, 0);
    auto count_templates = [&] {
      std::unordered_set<std::string> keys;
      for (const Candidate& candidate : shape.candidates) {
        keys.insert(key_of(candidate, shape.in_column));
      }
      return keys.size();
    };
    size_t templates_max =
        std::clamp<size_t>(shape.rows / kRowsPerTemplateMin, 1, kTemplatesPerShapeMax);
    std::vector<std::pair<size_t, size_t>> by_values;  // how many ways it is kept, field
    for (size_t i = 0; i < fields; ++i) {
      std::unordered_set<std::string_view> values;
      bool is_column_somewhere = false;
      for (const Candidate& candidate : shape.candidates) {
        if (candidate.constants[i]) values.insert(*candidate.constants[i]);
        is_column_somewhere = is_column_somewhere || !candidate.constants[i];
      }
      by_values.emplace_back(values.size() + (is_column_somewhere ? 1 : 0), i);
    }
    std::ranges::stable_sort(by_values, std::greater<>(), &std::pair<size_t, size_t>::first);
    for (const auto& [ways, field] : by_values) {
      if (ways < 2 || count_templates() <= templates_max) return;
      shape.in_column[field] = 1;
    }
  }

  void unite(uint32_t number) {
    const ShapeCandidates& shape = shapes_[number];
    std::unordered_map<std::string, size_t> by_key;
    for (const Candidate& candidate : shape.candidates) {
      auto [slot, inserted] =
          by_key.try_emplace(key_of(candidate, shape.in_column), united_.size());
      if (inserted) united_.push_back({number, 0, {}, false});
      united_[slot->second].rows += candidate.rows;
      united_[slot->second].members.push_back(&candidate);
    }
  }

  // Members of all shapes that have the same general one share a template.
  void unite_rare(uint32_t number, RowForm form) {
    uint32_t general = target_.shapes_.intern(general_key(form, target_.shapes_[number]));
    auto [slot, inserted] = united_of_general_.try_emplace(general, united_.size());
    if (inserted) united_.push_back({general, 0, {}, true});
    United& united = united_[slot->second];
    for (const Candidate& candidate : shapes_[number].candidates) {
      united.rows += candidate.rows;
      united.members.push_back(&candidate);
    }
  }

  void place_general(const United& united) {
    const Shape& shape = target_.shapes_[united.shape];
    UnitedTemplate entry{united.shape, {}};
    for (const Field& field : shape.fields) {
      KeptField& kept = entry.fields.emplace_back();
      if (!is_stored(field.type)) continue;
      kept.in_column = true;
      kept.column = target_.column_of({shape.table, field.kind, field.type, field.key});
      // What never repeats needs no dictionary.
      statistics_.resize(target_.columns_.size());
      seen_.resize(target_.columns_.size());
      statistics_[kept.column].overflow();
    }
    give_code(united, target_.add_template(shape.table, std::move(entry)));
  }

  void give_code(const United& united, uint32_t code) {
    auto table = static_cast<size_t>(target_.shapes_[united.shape].table);
    for (const Candidate* member : united.members)
      codes_[member->input][table][member->code] = code;
  }

  // Gives the template its code and its fields their columns.
  void place(const United& united) {
    if (united.is_general) return place_general(united);
    const Shape& shape = target_.shapes_[united.shape];
    const std::vector<uint8_t>& in_column = shapes_[united.shape].in_column;
    const Candidate& first = *united.members.front();
    UnitedTemplate entry{united.shape, {}};
    for (size_t i = 0; i < shape.fields.size(); ++i) {
      const Field& field = shape.fields[i];
      KeptField& kept = entry.fields.emplace_back();
      kept.in_column = in_column[i] != 0 || !first.constants[i];
      if (!kept.in_column) {
        kept.constant = *first.constants[i];
        continue;
      }
      kept.column = target_.column_of({shape.table, field.kind, field.type, field.key});
      observe(united, i, kept.column, field.type);
    }
    give_code(united, target_.add_template(shape.table, std::move(entry)));
  }

  // Tells the column's statistics of the values that the members will bring.
  void observe(const United& united, size_t field, uint32_t column, ValueType type) {
    statistics_.resize(target_.columns_.size());
    seen_.resize(target_.columns_.size());
    ColumnStatistics& statistics = statistics_[column];
    statistics.values += united.rows;
    if (page_type_of(type) != PageType::Text) return;
    for (const Candidate* member : united.members) {
      if (member->constants[field]) {
        statistics.add(text_of(*member->constants[field]));
        continue;
      }
      const SectionMetadata& metadata = *inputs_[member->input].metadata;
      const auto& of_input =
          metadata.templates[static_cast<size_t>(target_.shapes_[united.shape].table)];
      uint32_t source = of_input[member->code].fields[field].column;
      if (!seen_[column].insert(member->input).second) continue;
      if (!metadata.has_dictionary[source]) {
        statistics.overflow();
        continue;
      }
      for (std::string_view value : metadata.dictionaries[source]) statistics.add(value);
    }
  }

  TemplateUnion& target_;
  std::span<const Input> inputs_;
  const OriginUnion& origins_;
  std::vector<ShapeCandidates> shapes_;  // by shape
  std::vector<United> united_;
  std::unordered_map<uint32_t, size_t> united_of_general_;
  std::vector<ColumnStatistics> statistics_;                       // by column
  std::vector<std::unordered_set<size_t>> seen_;                   // by column: inputs taken in
  std::vector<std::array<std::vector<uint32_t>, kTables>> codes_;  // by input, table, code
  std::string scratch_;
};

TemplateUnion::TemplateUnion(std::span<const Input> inputs, const OriginUnion& origins) {
  for (const Input& input : inputs) inputs_.push_back(input.metadata);
  Planner planner(*this, inputs, origins);
  planner.run();
  for (size_t input = 0; input < inputs.size(); ++input) {
    auto& copies = copies_.emplace_back();
    for (size_t table = 0; table < kTables; ++table) {
      const auto& templates = inputs[input].metadata->templates[table];
      for (size_t code = 0; code < templates.size(); ++code) {
        uint32_t united = planner.code_of(input, static_cast<Table>(table), code);
        copies[table].push_back(
            united == TemplateCopy::kUnused
                ? TemplateCopy{}
                : plan_copy(input, templates[code], static_cast<Table>(table), united));
      }
    }
  }
}

uint32_t TemplateUnion::add_template(Table table, UnitedTemplate entry) {
  auto& templates = templates_[static_cast<size_t>(table)];
  uint32_t code = static_cast<uint32_t>(templates.size());
  templates_of_shape_.resize(std::max<size_t>(templates_of_shape_.size(), shapes_.size()));
  templates_of_shape_[entry.shape].push_back(code);
  templates.push_back(std::move(entry));
  return code;
}

uint32_t TemplateUnion::column_of(const ColumnId& id) {
  auto [slot, inserted] = column_codes_.try_emplace(id, static_cast<uint32_t>(columns_.size()));
  if (inserted) {
    columns_.push_back(id);
    dictionaries_.emplace_back();
  }
  return slot->second;
}

std::span<const uint32_t> TemplateUnion::code_map(size_t input, uint32_t source, uint32_t target) {
  auto [slot, inserted] = code_maps_.try_emplace(uint64_t{input} << 32 | source);
  if (inserted) {
    const ColumnDictionary& united = *dictionaries_[target];
    for (std::string_view value : inputs_[input]->dictionaries[source]) {
      slot->second.push_back(united.codes.at(value));
    }
  }
  return slot->second;
}

CopyStep TemplateUnion::plan_step(size_t input, const KeptField* field, const Template& of_input,
                                  size_t index) {
  using Kind = CopyStep::Kind;
  const TemplateField& from = of_input.fields[index];
  ValueType type = of_input.shape.fields[index].type;
  PageType page = page_type_of(type);
  CopyStep step;
  if (field != nullptr) step.target = field->column;
  const ColumnDictionary* dictionary =
      field == nullptr ? nullptr : dictionaries_[field->column].get();
  if (from.kind == TemplateField::Kind::Column) {
    step.source = kFixedColumns + from.column;
    step.kind = page == PageType::Integer  ? Kind::Integer
                : page == PageType::Double ? Kind::Double
                                           : Kind::Text;
    if (page != PageType::Text || !inputs_[input]->has_dictionary[from.column]) {
      SPOOR_ASSERT(page != PageType::Text || dictionary == nullptr);
      return step;
    }
    step.kind = dictionary != nullptr ? Kind::Code : Kind::Expand;
    if (dictionary != nullptr) step.codes = code_map(input, from.column, field->column);
    step.texts = inputs_[input]->dictionaries[from.column];
    return step;
  }
  if (page == PageType::Integer) {
    step.kind = Kind::ConstantInteger;
    step.integer = type == ValueType::Bool ? from.constant.as_bool() : from.constant.as_int();
  } else if (page == PageType::Double) {
    step.kind = Kind::ConstantDouble;
    step.number = from.constant.as_double();
  } else {
    std::string bytes;
    append_row_value(bytes, from.constant);
    step.text = arena_.copy(text_of(bytes));
    step.kind = dictionary != nullptr ? Kind::ConstantCode : Kind::ConstantText;
    if (dictionary != nullptr) step.integer = dictionary->codes.at(step.text);
  }
  return step;
}

CopyStep TemplateUnion::plan_entry(size_t input, const Template& of_input, size_t index) {
  // Without a dictionary in the target, so that every text comes as text.
  const Field& field = of_input.shape.fields[index];
  CopyStep step;
  step.kind = CopyStep::Kind::Nothing;
  if (is_stored(field.type)) {
    step = plan_step(input, nullptr, of_input, index);
  }
  step.entry = &field;
  return step;
}

TemplateCopy TemplateUnion::plan_copy(size_t input, const Template& of_input, Table table,
                                      uint32_t code) {
  const UnitedTemplate& united = templates_[static_cast<size_t>(table)][code];
  const Shape& shape = shapes_[united.shape];
  TemplateCopy copy;
  copy.code = code;
  copy.shape = &shape;
  if (table == Table::Span) copy.facts = shape_facts(shape);
  size_t next = 0;  // of the united fields
  if (shape.fields.size() > 0 && shape.fields[0].kind == FieldKind::Name &&
      (of_input.shape.fields.empty() || of_input.shape.fields[0].kind != FieldKind::Name)) {
    plan_name(of_input, united.fields[next++].column, copy);
  }
  for (size_t i = 0; i < of_input.fields.size(); ++i) {
    bool is_entry = of_input.shape.fields[i].kind == FieldKind::Attribute &&
                    (copy.list_column != TemplateCopy::kNoList ||
                     shape.fields[next].kind == FieldKind::AttributeList);
    if (is_entry) {
      if (copy.list_column == TemplateCopy::kNoList) {
        copy.list_column = united.fields[next++].column;
      }
      ++copy.list_entries;
      copy.steps.push_back(plan_entry(input, of_input, i));
    } else {
      plan_field(input, of_input, i, next++, copy);
    }
  }
  SPOOR_ASSERT(next == united.fields.size());
  return copy;
}

// A name that the shape says becomes a value.
void TemplateUnion::plan_name(const Template& of_input, uint32_t column, TemplateCopy& copy) {
  CopyStep step;
  step.kind = CopyStep::Kind::ConstantText;
  step.target = column;
  step.text = arena_.copy(of_input.shape.name);
  if (copy.shape->table == Table::Span) copy.fact_texts[kNameText] = step.text;
  copy.steps.push_back(step);
}

void TemplateUnion::plan_field(size_t input, const Template& of_input, size_t index, size_t place,
                               TemplateCopy& copy) {
  const Shape& shape = *copy.shape;
  const KeptField& kept = templates_[static_cast<size_t>(shape.table)][copy.code].fields[place];
  bool counts = shape.table == Table::Span &&
                (place == shape.event_count_field || place == shape.link_count_field);
  uint8_t children = !counts ? CopyStep::kNoChildren : place == shape.link_count_field ? 1 : 0;
  const TemplateField& from = of_input.fields[index];
  auto fact = shape.table == Table::Span ? fact_text_of(copy.facts, place) : std::nullopt;
  bool is_text_constant =
      from.constant.type() == ValueType::String || from.constant.type() == ValueType::Bytes;
  if (fact && from.kind == TemplateField::Kind::Constant && is_text_constant) {
    copy.fact_texts[*fact] = from.constant.as_string();
  }
  if (counts && from.kind == TemplateField::Kind::Constant &&
      from.constant.type() == ValueType::Int) {
    copy.children[children] = static_cast<uint64_t>(from.constant.as_int());
  }
  if (!kept.in_column) return;
  CopyStep step = plan_step(input, &kept, of_input, index);
  bool is_read = from.kind == TemplateField::Kind::Column;
  if (fact && is_read) step.fact = *fact;
  step.children =
      is_read && shape.fields[place].type == ValueType::Int ? children : CopyStep::kNoChildren;
  copy.steps.push_back(step);
}

bool TemplateUnion::is_new(std::string_view shape_key) {
  uint32_t number = shapes_.intern(shape_key);
  return number >= templates_of_shape_.size() || templates_of_shape_[number].empty();
}

uint32_t TemplateUnion::find_or_add(std::string_view shape_key,
                                    std::span<const std::string_view> values) {
  uint32_t number = shapes_.intern(shape_key);
  const Shape& shape = shapes_[number];
  SPOOR_ASSERT(values.size() == shape.fields.size());
  const auto& templates = templates_[static_cast<size_t>(shape.table)];
  templates_of_shape_.resize(std::max<size_t>(templates_of_shape_.size(), shapes_.size()));
  for (uint32_t code : templates_of_shape_[number]) {
    const auto& fields = templates[code].fields;
    bool fits = true;
    for (size_t i = 0; i < fields.size() && fits; ++i) {
      fits = fields[i].in_column || fields[i].constant == values[i];
    }
    if (fits) return code;
  }
  if (templates_of_shape_[number].empty()) ++added_shapes_;
  UnitedTemplate entry{number, {}};
  for (const Field& field : shape.fields) {
    KeptField& kept = entry.fields.emplace_back();
    if (!is_stored(field.type)) continue;
    kept.in_column = true;
    kept.column = column_of({shape.table, field.kind, field.type, field.key});
  }
  return add_template(shape.table, std::move(entry));
}

void TemplateUnion::prepare_value(uint32_t column, std::string_view row_value) {
  ColumnDictionary* dictionary = dictionaries_[column].get();
  if (dictionary == nullptr) return;
  std::string_view text = text_of(row_value);
  if (!dictionary->codes.contains(text)) dictionary->intern(arena_.copy(text));
}

std::string TemplateUnion::encode() const {
  EncodedTemplates encoded;
  for (size_t table = 0; table < kTables; ++table) {
    for (const UnitedTemplate& entry : templates_[table]) {
      std::string& bytes = encoded[table].emplace_back();
      append_sized(bytes, shape_key(shapes_[entry.shape]));
      for (const KeptField& field : entry.fields) {
        if (field.in_column) {
          append_template_column(bytes, field.column);
        } else {
          append_template_constant(bytes, field.constant);
        }
      }
    }
  }
  return encode_templates(columns_, encoded);
}

}  // namespace spoor::store
