#include "query/section_scan.h"

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "codec/text_filter.h"
#include "query/leaf_fields.h"
#include "query/vector_scan.h"

namespace spoor::query {

using store::FieldKind;
using store::SectionMetadata;
using store::Table;
using store::Template;
using store::TemplateField;

namespace {

// Adds a column that the field of a template lies in.
void add_column(TableLook& look, const SectionMetadata& metadata, const Leaf& leaf,
                const store::Field& field, uint32_t field_column, size_t template_code) {
  uint32_t column = store::kFixedColumns + field_column;
  auto found = std::ranges::find(look.columns, column, &TableLook::Column::column);
  if (found == look.columns.end()) {
    TableLook::Column& added = look.columns.emplace_back();
    added.column = column;
    added.type = field.type;
    added.is_list = field.kind == FieldKind::AttributeList;
    added.values.resize(look.verdicts.size());
    if (metadata.has_dictionary[field_column] && !added.is_list &&
        field.type == ValueType::String) {
      for (std::string_view entry : metadata.dictionaries[field_column]) {
        added.of_code.push_back(leaf.predicate.text(entry));
      }
    }
    found = look.columns.end() - 1;
  }
  ++found->values[template_code];
}

// The verdict that all have.
std::optional<Verdict> of_every(const std::vector<Verdict>& verdicts) {
  bool same = !verdicts.empty() && std::ranges::all_of(verdicts, [&](Verdict verdict) {
    return verdict == verdicts.front();
  });
  return same ? std::optional(verdicts.front()) : std::nullopt;
}

// Whether the column can say yes at all.
bool may_match(const TableLook::Column& column) {
  return column.of_code.empty() || std::ranges::find(column.of_code, 1) != column.of_code.end();
}

// The columns of the leaf; none if anything else than texts in pages may decide it.
std::vector<uint32_t> text_columns(const LeafLook& look, const SectionMetadata& metadata) {
  // A child may meet it by what its template says.
  if (std::ranges::find(look.children.verdicts, Verdict::Yes) != look.children.verdicts.end()) {
    return {};
  }
  std::vector<uint32_t> columns;
  for (const auto* of_table : {&look.own.columns, &look.children.columns}) {
    for (const TableLook::Column& column : *of_table) {
      bool is_text = column.type == ValueType::String &&
                     metadata.page_type(column.column) == store::PageType::Text;
      if (!is_text) return {};
      columns.push_back(column.column);
    }
  }
  return columns;
}

Result<bool> constant_matches(const Leaf& leaf, const store::Field& field, const Value& constant) {
  if (field.kind != FieldKind::AttributeList) return leaf.predicate.value(constant);
  if (constant.type() != ValueType::Bytes) return data_loss("attribute list of another type");
  return matches_encoded_list(leaf, constant.as_string());
}

}  // namespace

Result<std::unique_ptr<SectionScan>> SectionScan::create(store::SectionReader& section,
                                                         const Prepared& prepared,
                                                         SectionTraces traces) {
  traces.needs |= prepared.trace_needs();
  std::unique_ptr<SectionScan> scan(new SectionScan(section, prepared, std::move(traces)));
  SPOOR_TRY(scan->plan());
  return scan;
}

Status SectionScan::plan() {
  SPOOR_ASSIGN(metadata_, section_.metadata());
  inverts_traces_ = prepared_.inverts_traces();
  if (traces_.needs.root_name || traces_.needs.root_service) {
    root_texts_ = RootTexts::of(*metadata_);
  }
  for (const Leaf& leaf : prepared_.leaves) {
    Status status;
    leaves_.push_back(plan_leaf(leaf, status));
    SPOOR_TRY(status);
    LeafLook& look = leaves_.back();
    look.of_every = of_every(look.verdicts);
    look.text_columns = text_columns(look, *metadata_);
    if (look.text_columns.empty()) continue;
    look.sought = leaf.predicate.required_text();
    auto text = leaf.predicate.equal_text();
    if (text) look.text_hash = codec::text_filter_hash(*text);
    has_filtered_leaves_ |= text.has_value();
  }
  has_only_text_leaves_ =
      std::ranges::all_of(leaves_, [](const LeafLook& look) { return look.sought.has_value(); });
  size_t templates = metadata_->templates[static_cast<size_t>(Table::Span)].size();
  matches_nothing_ = true;
  for (size_t code = 0; code < templates; ++code) {
    possible_.push_back(
        evaluate(prepared_.root, [&](size_t leaf) { return leaves_[leaf].verdicts[code]; }));
    if (possible_.back() == Verdict::No) continue;
    matches_nothing_ = false;
    std::vector<Verdict> verdicts;
    for (const LeafLook& look : leaves_) verdicts.push_back(look.verdicts[code]);
    open_verdicts_.push_back(std::move(verdicts));
  }
  std::ranges::sort(open_verdicts_);
  open_verdicts_.erase(std::ranges::unique(open_verdicts_).begin(), open_verdicts_.end());
  return {};
}

std::vector<uint8_t> SectionScan::candidates() const {
  std::vector<uint8_t> may_match;
  for (Verdict verdict : possible_) may_match.push_back(verdict != Verdict::No);
  return may_match;
}

LeafLook SectionScan::plan_leaf(const Leaf& leaf, Status& status) const {
  LeafLook look;
  look.leaf = &leaf;
  std::optional<Table> table = table_of(leaf.target);
  if (!table) {
    if (leaf.target == Target::ResourceAttribute) {
      plan_resources(look);
    } else {
      plan_scopes(look);
    }
    return look;
  }
  if (looks_at_trace(leaf)) {
    plan_roots(look);
    return look;
  }
  if (*table == Table::Span) {
    look.own = plan_table(leaf, *table, status);
    look.verdicts = look.own.verdicts;
    return look;
  }
  look.children = plan_table(leaf, *table, status);
  bool any = std::ranges::any_of(look.children.verdicts,
                                 [](Verdict verdict) { return verdict != Verdict::No; });
  for (const Template& entry : metadata_->templates[static_cast<size_t>(Table::Span)]) {
    const store::Shape& shape = entry.shape;
    size_t field = *table == Table::Event ? shape.event_count_field : shape.link_count_field;
    look.verdicts.push_back(any && field != store::Shape::kNoField ? Verdict::Look : Verdict::No);
  }
  return look;
}

void SectionScan::plan_resources(LeafLook& look) const {
  for (const Resource& resource : metadata_->resources) {
    look.of_resource.push_back(matches(*look.leaf, resource));
  }
  // Resources are ordered by service, so a service's are a range.
  const uint32_t count = static_cast<uint32_t>(metadata_->resources.size());
  std::vector<uint32_t> borders = metadata_->first_resource_of_service;
  borders.push_back(count);
  std::ranges::sort(borders);
  std::vector<Verdict> of_service;
  for (uint32_t first : metadata_->first_resource_of_service) {
    auto next = std::ranges::upper_bound(borders, first);
    auto begin = look.of_resource.begin() + std::min(first, count);
    auto end = look.of_resource.begin() + (next == borders.end() ? count : std::min(*next, count));
    bool any = std::find(begin, end, 1) != end, all = std::find(begin, end, 0) == end;
    of_service.push_back(!any ? Verdict::No : all ? Verdict::Yes : Verdict::Look);
  }
  for (const Template& entry : metadata_->templates[static_cast<size_t>(Table::Span)]) {
    look.verdicts.push_back(of_service[entry.shape.service]);
  }
}

void SectionScan::plan_scopes(LeafLook& look) const {
  std::vector<Verdict> of_scope;
  for (const Scope& scope : metadata_->scopes) {
    of_scope.push_back(matches(*look.leaf, scope) ? Verdict::Yes : Verdict::No);
  }
  for (const Template& entry : metadata_->templates[static_cast<size_t>(Table::Span)]) {
    look.verdicts.push_back(of_scope[entry.shape.scope]);
  }
}

TableLook SectionScan::plan_table(const Leaf& leaf, Table table, Status& status) const {
  const auto& templates = metadata_->templates[static_cast<size_t>(table)];
  TableLook look;
  look.verdicts.resize(templates.size());
  const bool has_fields = looks_at_fields(leaf.target);
  for (size_t code = 0; code < templates.size(); ++code) {
    const Template& entry = templates[code];
    std::string_view service =
        table == Table::Span ? metadata_->services[entry.shape.service] : std::string_view();
    Verdict verdict = shape_verdict(leaf, entry.shape, service);
    for (size_t i = 0; has_fields && i < entry.fields.size() && verdict != Verdict::Yes; ++i) {
      const store::Field& field = entry.shape.fields[i];
      if (!looks_at(leaf, field)) continue;
      const TemplateField& kept = entry.fields[i];
      bool is_value = kept.kind == TemplateField::Kind::Column && store::is_stored(field.type);
      if (!is_value) {
        Value constant = kept.constant;
        Result<bool> yes = constant_matches(leaf, field, constant);
        if (!yes.ok()) status = yes.status();
        if (yes.ok() && *yes) verdict = Verdict::Yes;
      } else if (leaf.predicate.is_exists() && field.kind == FieldKind::Attribute) {
        verdict = Verdict::Yes;
      } else {
        verdict = Verdict::Look;
      }
    }
    look.verdicts[code] = verdict;
  }
  if (!has_fields) return look;
  // Columns are counted for all templates that have values in them, whatever their verdict:
  // a row's place in a column follows from the rows before it.
  for (size_t code = 0; code < templates.size(); ++code) {
    for (size_t i = 0; i < templates[code].fields.size(); ++i) {
      const store::Field& field = templates[code].shape.fields[i];
      const TemplateField& kept = templates[code].fields[i];
      if (kept.kind != TemplateField::Kind::Column || !store::is_stored(field.type)) continue;
      if (looks_at(leaf, field)) add_column(look, *metadata_, leaf, field, kept.column, code);
    }
  }
  std::erase_if(look.columns, [](const TableLook::Column& c) { return !may_match(c); });
  for (size_t code = 0; code < templates.size(); ++code) {
    bool any =
        std::ranges::any_of(look.columns, [code](const auto& c) { return c.values[code] > 0; });
    if (look.verdicts[code] == Verdict::Look && !any) look.verdicts[code] = Verdict::No;
  }
  return look;
}

Result<std::unique_ptr<store::RowGroupReader>> SectionScan::open_group(size_t group) const {
  return store::RowGroupReader::open(section_, *metadata_, group);
}

// What templates leave open may be decided by the bounds of durations, and where every row that
// names a parent lies below it.
Verdict SectionScan::leaf_verdict(size_t leaf, const store::GroupTemplate& entry,
                                  const GroupLook& of_group) const {
  const LeafLook& look = leaves_[leaf];
  Verdict verdict = look.verdicts[entry.code];
  if (verdict != Verdict::Look) return verdict;
  if (of_group.is_impossible[leaf] != 0) return Verdict::No;
  if (look.leaf->target == Target::NamesParent && !of_group.may_have_loose_rows) {
    return look.leaf->predicate.integer(1) ? Verdict::Yes : Verdict::No;
  }
  if (look.leaf->target != Target::Duration) return verdict;
  auto range = look.leaf->predicate.integer_range();
  if (!range) return verdict;
  int64_t shortest = duration_of(static_cast<uint64_t>(entry.duration_min));
  int64_t longest = duration_of(static_cast<uint64_t>(entry.duration_max));
  if (longest < range->min || shortest > range->max) return Verdict::No;
  return shortest >= range->min && longest <= range->max ? Verdict::Yes : Verdict::Look;
}

std::span<const uint32_t> GroupLook::rows_within(size_t first, size_t count) const {
  auto begin = std::ranges::lower_bound(*rows, first);
  return {begin, std::lower_bound(begin, rows->end(), first + count)};
}

void GroupLook::sum_up(std::span<const store::GroupTemplate> templates) {
  is_open = false;
  std::vector<Verdict> present;
  for (const store::GroupTemplate& entry : templates) {
    present.push_back(possible[entry.code]);
    is_candidate[entry.code] = present.back() != Verdict::No;
    is_open |= present.back() == Verdict::Look;
  }
  of_every = query::of_every(present);
}

Result<GroupLook> SectionScan::look_at_group(GroupOutline& outline) const {
  SPOOR_ASSIGN(GroupLook look, look_at_templates(outline));
  SPOOR_TRY(look_at_listed_rows(outline, look));
  return look;
}

Result<GroupLook> SectionScan::look_at_templates(GroupOutline& outline) const {
  GroupLook look;
  look.possible.assign(possible_.size(), Verdict::No);
  look.is_candidate.assign(possible_.size(), 0);
  look.may_have_loose_rows = outline.may_have_loose_rows();
  SPOOR_ASSIGN(look.is_impossible, ask_filters(outline.group()));
  if (rule_out(look.is_impossible)) {
    look.of_every = Verdict::No;
    return look;
  }
  SPOOR_TRY(ask_traces(outline, look));
  SPOOR_ASSIGN(auto templates, outline.templates(*metadata_));
  for (const store::GroupTemplate& entry : templates) {
    look.possible[entry.code] = verdict(entry, look);
  }
  look.sum_up(templates);
  return look;
}

Verdict SectionScan::verdict(const store::GroupTemplate& entry, const GroupLook& look) const {
  if (possible_[entry.code] != Verdict::Look) return possible_[entry.code];
  return evaluate(prepared_.root, [&](size_t leaf) { return leaf_verdict(leaf, entry, look); });
}

// Leaves out rows that by their duration cannot match.
Status SectionScan::look_at_listed_rows(GroupOutline& outline, GroupLook& look) const {
  if (look.of_every == Verdict::No || look.of_every == Verdict::Yes) return {};
  SPOOR_ASSIGN(auto templates, outline.templates(*metadata_));
  bool are_listed = std::ranges::all_of(templates, [&](const store::GroupTemplate& entry) {
    return look.possible[entry.code] == Verdict::No || outline.lists_rows_of(entry);
  });
  if (!are_listed) return {};
  SPOOR_ASSIGN(auto listed, outline.listed_rows());
  look.rows.emplace();
  // What is said of a template's rows by the class of their duration is asked once.
  enum class Known : uint8_t { Nothing, No, Maybe };
  std::vector<std::array<Known, store::kDurationClasses>> known;
  std::vector<uint32_t> number_of(look.possible.size());
  for (const store::GroupTemplate& entry : templates) {
    number_of[entry.code] = static_cast<uint32_t>(known.size());
    if (look.possible[entry.code] == Verdict::Look) known.emplace_back();
  }
  for (const store::ListedRow& entry : listed) {
    Verdict of_template = look.possible[entry.template_code];
    if (of_template == Verdict::No) continue;
    if (of_template == Verdict::Look) {
      Known& said = known[number_of[entry.template_code]][entry.duration_class];
      if (said == Known::Nothing) {
        bool is_no = verdict(store::narrowed(entry), look) == Verdict::No;
        said = is_no ? Known::No : Known::Maybe;
      }
      if (said == Known::No) continue;
    }
    look.rows->push_back(entry.row);
  }
  if (look.rows->empty()) look.of_every = Verdict::No;
  return {};
}

Result<SectionScan::Impossible> SectionScan::ask_filters(size_t group) const {
  Impossible is_impossible(leaves_.size());
  if (!has_filtered_leaves_) return is_impossible;
  for (size_t i = 0; i < leaves_.size(); ++i) {
    if (!leaves_[i].text_hash) continue;
    bool may = false;
    for (uint32_t column : leaves_[i].text_columns) {
      SPOOR_ASSIGN(
          may, section_.filters().may_contain(*metadata_, group, column, *leaves_[i].text_hash));
      if (may) break;
    }
    is_impossible[i] = may ? 0 : 1;
  }
  return is_impossible;
}

Result<SectionScan::Impossible> SectionScan::search_pages(store::RowGroupReader& group,
                                                          uint32_t vector) const {
  Impossible is_impossible(leaves_.size());
  for (size_t i = 0; i < leaves_.size(); ++i) {
    bool may = false;
    for (uint32_t column : leaves_[i].text_columns) {
      SPOOR_ASSIGN(may, group.may_contain(column, vector, *leaves_[i].sought));
      if (may) break;
    }
    is_impossible[i] = may ? 0 : 1;
  }
  return is_impossible;
}

bool SectionScan::rule_out(const Impossible& is_impossible) const {
  return std::ranges::all_of(open_verdicts_, [&](const std::vector<Verdict>& verdicts) {
    Verdict verdict = evaluate(prepared_.root, [&](size_t leaf) {
      bool is_no = verdicts[leaf] == Verdict::Look && is_impossible[leaf] != 0;
      return is_no ? Verdict::No : verdicts[leaf];
    });
    return verdict == Verdict::No;
  });
}

Result<RowMask> SectionScan::match(store::RowGroupReader& group, const GroupLook& look,
                                   uint32_t vector, RowStarts& starts) const {
  if (look.of_every == Verdict::Yes) return RowMask::all(group.rows_of(vector));
  if (look.rows) return match_listed(group, look, vector, starts);
  if (has_only_text_leaves_ && look.is_open) {
    SPOOR_ASSIGN(Impossible is_impossible, search_pages(group, vector));
    if (rule_out(is_impossible)) return RowMask(group.rows_of(vector));
  }
  VectorScan scan(*this, group, vector, starts);
  if (look.of_every == Verdict::Look) {
    return scan.evaluate(prepared_.root, RowMask::all(group.rows_of(vector)));
  }
  SPOOR_ASSIGN(auto codes, scan.codes());
  RowMask candidates = RowMask::of_codes(codes, look.is_candidate);
  if (!look.is_open || candidates.empty()) return candidates;
  return scan.evaluate(prepared_.root, candidates);
}

// Where no template has to be read to know the candidates.
Result<RowMask> SectionScan::match_listed(store::RowGroupReader& group, const GroupLook& look,
                                          uint32_t vector, RowStarts& starts) const {
  const size_t first = vector * store::kVectorRows;
  RowMask candidates(group.rows_of(vector));
  for (uint32_t row : look.rows_within(first, group.rows_of(vector))) candidates.set(row - first);
  if (!look.is_open || candidates.empty()) return candidates;
  return VectorScan(*this, group, vector, starts).evaluate(prepared_.root, candidates);
}

}  // namespace spoor::query
