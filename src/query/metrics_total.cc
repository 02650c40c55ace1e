#include "query/metrics_total.h"

#include <utility>

namespace spoor::query {
namespace {

// Pieces between two looks at the memory of a table that does not get more groups.
constexpr size_t kPiecesPerCharge = 64;

}  // namespace

Result<bool> MetricsTotal::add_known(const Place& place) {
  if (!is_kept(place)) return false;
  auto known = context_.counted()->find(key_of(place));
  if (known == nullptr) return false;
  SPOOR_TRY(add(*known));
  return true;
}

Status MetricsTotal::add(const Place& place, CountedPiece piece) {
  if (!is_kept(place)) return add(piece);
  auto counted = std::make_shared<const CountedPiece>(std::move(piece));
  context_.counted()->keep(key_of(place), counted);
  return add(*counted);
}

Status MetricsTotal::add(const CountedPiece& piece) {
  MutexLock lock(mutex_);
  piece.add_to(table_, intervals_);
  spans_ += piece.spans;
  SPOOR_TRY(table_.check_groups());
  // What a table takes is looked at when it has grown, or its cells may have.
  bool has_grown = table_.groups() > groups_charged_ + groups_charged_ / 8;
  if (!has_grown && ++since_charge_ < kPiecesPerCharge) return {};
  groups_charged_ = table_.groups();
  since_charge_ = 0;
  return context_.charge(table_.size_bytes());
}

void MetricsTotal::note_missing(std::string why) {
  MutexLock lock(mutex_);
  missing_.push_back(std::move(why));
}

Status MetricsTotal::finish(MetricsWork& work) {
  MutexLock lock(mutex_);
  work.spans += spans_;
  work.missing.insert(work.missing.end(), missing_.begin(), missing_.end());
  return context_.charge(table_.size_bytes());
}

}  // namespace spoor::query
