// What a section scan knows of whole traces: which templates their roots may have, which traces
// have fragments elsewhere, and what a row group says of its traces before it is opened.
#include <algorithm>
#include <limits>

#include "query/row_starts.h"
#include "query/section_scan.h"

namespace spoor::query {

using store::Table;
using store::Template;
using store::TemplateField;

std::vector<RootTexts> RootTexts::of(const store::SectionMetadata& metadata) {
  std::vector<RootTexts> texts;
  for (const Template& entry : metadata.templates[static_cast<size_t>(Table::Span)]) {
    RootTexts& of = texts.emplace_back();
    of.service = metadata.services[entry.shape.service];
    of.name = entry.shape.name;
    for (size_t i = 0; i < entry.fields.size(); ++i) {
      if (entry.shape.fields[i].kind != store::FieldKind::Name) continue;
      const TemplateField& kept = entry.fields[i];
      bool is_constant =
          kept.kind != TemplateField::Kind::Column && kept.constant.type() == ValueType::String;
      of.name.reset();
      if (is_constant) of.name = kept.constant.as_string();
    }
  }
  return texts;
}

void SectionScan::plan_roots(LeafLook& look) const {
  const auto& templates = metadata_->templates[static_cast<size_t>(Table::Span)];
  look.verdicts.assign(templates.size(), Verdict::Look);
  const Leaf& leaf = *look.leaf;
  if (leaf.target == Target::TraceDuration) return;
  bool may_match = leaf.predicate.text({});  // of traces without a root
  for (const RootTexts& texts : root_texts_) {
    bool is_of_service = leaf.target == Target::RootService;
    // What is not known here is undecided there.
    bool matches = is_of_service ? leaf.predicate.text(texts.service)
                                 : !texts.name || leaf.predicate.text(*texts.name);
    look.of_root.push_back(matches);
    may_match |= matches;
  }
  bool are_whole = traces_.divided != nullptr && traces_.divided->empty();
  if (are_whole && !may_match) look.verdicts.assign(templates.size(), Verdict::No);
}

bool SectionScan::is_divided(uint64_t first_row) const {
  return traces_.divided == nullptr || std::ranges::binary_search(*traces_.divided, first_row);
}

bool SectionScan::has_divided(size_t group) const {
  const GroupRows rows = GroupRows::of(section_, group);
  return traces_.divided == nullptr || has_row_within(*traces_.divided, rows.first, rows.end);
}

Status SectionScan::ask_traces(GroupOutline& outline, GroupLook& look) const {
  if (!prepared_.trace_needs().any() || has_divided(outline.group())) return {};
  TraceWalk walk(section_);
  SPOOR_ASSIGN(bool has_cut, has_cut_trace(GroupRows::of(section_, outline.group()), walk));
  if (has_cut) return {};
  for (size_t i = 0; i < leaves_.size(); ++i) {
    if (!looks_at_trace(*leaves_[i].leaf)) continue;
    SPOOR_ASSIGN(bool may, may_match_trace(leaves_[i], outline));
    look.is_impossible[i] = may ? 0 : 1;
  }
  return {};
}

// Of traces that are whole in the row group.
Result<bool> SectionScan::may_match_trace(const LeafLook& leaf, GroupOutline& outline) const {
  const Predicate& predicate = leaf.leaf->predicate;
  SPOOR_ASSIGN(auto templates, outline.templates(*metadata_));
  if (leaf.leaf->target != Target::TraceDuration) {
    if (predicate.text({})) return true;
    const auto& known = metadata_->templates[static_cast<size_t>(Table::Span)];
    return std::ranges::any_of(templates, [&](const store::GroupTemplate& entry) {
      bool may_be_root = known[entry.code].shape.names_parent == 0 || outline.may_have_loose_rows();
      return may_be_root && leaf.of_root[entry.code] != 0;
    });
  }
  auto range = predicate.integer_range();
  SPOOR_ASSIGN(auto layout, section_.row_group_layout(*metadata_, outline.group()));
  if (!range || layout->start_spreads().empty()) return true;
  // No row ends later after the start of its trace than this.
  int64_t longest = 0;
  for (const store::GroupTemplate& entry : templates) {
    longest = std::max(longest, entry.duration_max);
  }
  uint64_t spread = *std::ranges::max_element(layout->start_spreads());
  uint64_t bound = spread + static_cast<uint64_t>(longest);
  bool is_bounded = bound >= spread && bound <= uint64_t{std::numeric_limits<int64_t>::max()};
  return !is_bounded || range->min <= static_cast<int64_t>(bound);
}

}  // namespace spoor::query
