// What the decoders of spans share: the batch under construction with its limits. Lists grow on
// scratch stacks and move to the arena when their message ends; every byte that the decoded form
// takes is charged before it is taken.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "wire/decoded_request.h"

namespace spoor::wire {

class BatchBuilder {
 public:
  // Forgets the old content of `request`.
  BatchBuilder(const DecodeLimits& limits, DecodedRequest& request)
      : limits_(limits), request_(request), batch_(request.batch) {
    request.clear();
  }

  const DecodeLimits& limits() const { return limits_; }
  SpanBatch& batch() { return batch_; }

  // False when the request passes its memory limit.
  bool charge(size_t bytes) {
    memory_ += bytes;
    return memory_ <= limits_.memory_bytes;
  }

  // Room in the arena, not initialised; false when the request passes its memory limit.
  template <typename T>
  bool allocate(size_t count, T*& target) {
    if (!charge(count * sizeof(T))) return false;
    target = batch_.arena.template allocate<T>(count);
    return true;
  }

  // Null when the request passes a limit. The reference holds until the next of its kind.
  Resource* add_resource() { return add(batch_.resources); }
  Scope* add_scope() { return add(batch_.scopes); }
  Span* add_span() {
    too_many_spans_ = batch_.spans.size() >= limits_.spans;
    return too_many_spans_ ? nullptr : add(batch_.spans);
  }

  // A stack for the entries of lists that are being read; the inner list ends before the outer.
  template <typename T>
  class Scratch {
   public:
    size_t mark() const { return items_.size(); }
    T& push() { return items_.emplace_back(); }

   private:
    friend class BatchBuilder;
    std::vector<T> items_;
  };

  // Moves what was pushed since `mark` to the arena, behind the entries that `before` has.
  template <typename T>
  std::span<const T> take(Scratch<T>& scratch, size_t mark, std::span<const T> before = {}) {
    std::span<const T> fresh(scratch.items_.data() + mark, scratch.items_.size() - mark);
    if (fresh.empty()) return before;
    charge(before.size_bytes());
    T* target = batch_.arena.template allocate<T>(before.size() + fresh.size());
    if (!before.empty()) std::copy(before.begin(), before.end(), target);
    std::copy(fresh.begin(), fresh.end(), target + before.size());
    size_t size = before.size() + fresh.size();
    scratch.items_.resize(mark);
    return {target, size};
  }

  Scratch<KeyValue>& attributes() { return attributes_; }
  Scratch<Event>& events() { return events_; }
  Scratch<Link>& links() { return links_; }
  Scratch<EntityRef>& entity_refs() { return entity_refs_; }

  // The first limit that was passed since the last take_defect.
  void note_defect(DefectReason reason) {
    if (!defect_) defect_ = reason;
  }
  std::optional<DefectReason> take_defect() { return std::exchange(defect_, std::nullopt); }

  // Marks the spans from `first` on.
  void mark_spans(size_t first, std::optional<DefectReason> reason);

  // OK with the defects in order, or the limit that was passed.
  Status finish();

  // The limit that made an add or a charge fail. Like every failure it empties the request.
  Status limit_passed();
  Status fail(Status status);

 private:
  template <typename T>
  T* add(std::vector<T>& items) {
    return charge(sizeof(T)) ? &items.emplace_back() : nullptr;
  }

  const DecodeLimits& limits_;
  DecodedRequest& request_;
  SpanBatch& batch_;
  Scratch<KeyValue> attributes_;
  Scratch<Event> events_;
  Scratch<Link> links_;
  Scratch<EntityRef> entity_refs_;
  std::optional<DefectReason> defect_;
  uint64_t memory_ = 0;
  bool too_many_spans_ = false;
};

}  // namespace spoor::wire
