#include "store/head.h"

namespace spoor::store {
namespace {

// Threads are numbered as they come, so that each has a shard of its own as long as there are
// enough.
uint32_t thread_number() {
  static std::atomic<uint32_t> next{0};
  thread_local uint32_t number = next.fetch_add(1);
  return number;
}

}  // namespace

std::shared_ptr<HeadShard> Head::shard_for(const TenantId& tenant) {
  uint32_t index = thread_number() % shards_per_tenant_;
  {
    SharedLock lock(mutex_);
    auto found = shards_.find(tenant);
    if (found != shards_.end() && found->second[index]) return found->second[index];
  }
  ExclusiveLock lock(mutex_);
  Shards& shards = shards_[tenant];
  shards.resize(shards_per_tenant_);
  if (!shards[index]) shards[index] = std::make_shared<HeadShard>();
  return shards[index];
}

void Head::append(const TenantId& tenant, const SpanBatch& batch, std::span<const uint32_t> refused,
                  LogPosition position) {
  size_t grown = shard_for(tenant)->append(batch, refused, position);
  size_bytes_.fetch_add(grown, std::memory_order_relaxed);
  spans_.fetch_add(batch.spans.size() - refused.size(), std::memory_order_relaxed);
}

void Head::add_shards(const TenantId& tenant, std::vector<std::shared_ptr<HeadShard>>& shards) {
  SharedLock lock(mutex_);
  auto found = shards_.find(tenant);
  if (found == shards_.end()) return;
  for (const auto& shard : found->second) {
    if (shard) shards.push_back(shard);
  }
}

void Head::seal() {
  SharedLock lock(mutex_);
  for (const auto& [tenant, shards] : shards_) {
    for (const auto& shard : shards) {
      if (shard) shard->seal();
    }
  }
}

void Head::unseal() {
  SharedLock lock(mutex_);
  for (const auto& [tenant, shards] : shards_) {
    for (const auto& shard : shards) {
      if (shard) shard->unseal();
    }
  }
}

std::map<TenantId, Head::Shards> Head::tenants() const {
  SharedLock lock(mutex_);
  return shards_;
}

}  // namespace spoor::store
