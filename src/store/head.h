// The head: what was accepted and is not in a part yet, of all tenants, between two cuts.
//
// A store has one head that takes spans and at most one that is being written to parts. Each
// tenant has one shard per ingest thread, made when first needed. Thread-safe.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "store/head_shard.h"

namespace spoor::store {

class Head {
 public:
  explicit Head(uint32_t shards_per_tenant) : shards_per_tenant_(shards_per_tenant) {}

  void append(const TenantId& tenant, const SpanBatch& batch, std::span<const uint32_t> refused,
              LogPosition position) SPOOR_EXCLUDES(mutex_);
  // Appends the tenant's shards.
  void add_shards(const TenantId& tenant, std::vector<std::shared_ptr<HeadShard>>& shards)
      SPOOR_EXCLUDES(mutex_);

  void seal() SPOOR_EXCLUDES(mutex_);
  // Takes appends again, where writing it failed and nobody else has seen it.
  void unseal() SPOOR_EXCLUDES(mutex_);

  using Shards = std::vector<std::shared_ptr<HeadShard>>;
  std::map<TenantId, Shards> tenants() const SPOOR_EXCLUDES(mutex_);
  size_t size_bytes() const { return size_bytes_.load(std::memory_order_relaxed); }
  size_t spans() const { return spans_.load(std::memory_order_relaxed); }

 private:
  std::shared_ptr<HeadShard> shard_for(const TenantId& tenant) SPOOR_EXCLUDES(mutex_);

  const uint32_t shards_per_tenant_;
  mutable SharedMutex mutex_;
  std::map<TenantId, Shards> shards_ SPOOR_GUARDED_BY(mutex_);
  std::atomic<size_t> size_bytes_{0};
  std::atomic<size_t> spans_{0};
};

}  // namespace spoor::store
