// The log, reading side: brings back every record from a position on, in order, and tells a place
// that a power cut left unfinished from damage to what was acknowledged.
//
// Each record carries the durable position of its time, each segment where the log before it
// ended. A place that cannot be read is damage if anything says that the log was durable beyond
// it; else it is a torn place, which was never acknowledged. Either way the scan goes on behind
// it: records of one sync reach the disk in any order, and one that is whole is kept.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "os/world.h"
#include "store/log_format.h"

namespace spoor::store {

struct LogDamage {
  std::string path;
  uint64_t offset = 0;
  uint64_t bytes = 0;
  std::string reason;
};

struct LogScan {
  uint64_t records = 0;
  uint64_t bytes = 0;
  uint64_t last_segment = 0;  // 0 if there is none
  LogPosition end;            // behind the last record that counts
  LogPosition durable;        // as far as the records and headers that were read say
  std::vector<LogDamage> damages;
  std::vector<LogDamage> torn_tails;  // never acknowledged; after a clean stop there are none
  bool torn_before_end = false;       // a record was read behind a torn place
  struct Segment {
    uint64_t number = 0;
    uint64_t size_bytes = 0;
    uint64_t end = 0;        // behind its last record that counts
    bool damaged = false;    // or torn
    bool zero_rest = false;  // it was read that all bytes behind `end` are zero
  };
  std::vector<Segment> segments;
};

// `record` is called with the position behind each record. Its error ends the scan, unless it is
// DataLoss, which counts as damage of that record.
using RecordHandler = std::function<Status(const LogRecord& record, LogPosition end)>;

// With SyncFirst::Yes each file is synced before it is believed: what the page cache shows may
// never have reached the disk.
enum class SyncFirst { No, Yes };

struct ReadLogOptions {
  LogPosition floor;  // the first record
  SyncFirst sync_first = SyncFirst::No;
  LogPosition known_durable;  // beside what the log says of itself
};

// Reads the segments of the store at `root` from the floor on.
Result<LogScan> read_log(os::World& world, const std::string& root, const ReadLogOptions& options,
                         const RecordHandler& record);

// Writes what was read beyond the scan's durable position once more and syncs it. After a sync
// that failed the page cache may show bytes that the disk does not have and that no later sync
// will write (Rebello et al., ATC 2020); what was replayed must not rest on them.
Status rewrite_undurable(os::World& world, const std::string& root, const LogScan& scan);

// Where behind the segment's end something stands that is neither zeros nor a whole record that
// a fence made void; the size of the file if there is no such place.
Result<uint64_t> find_stray_bytes(os::World& world, const std::string& root,
                                  const LogScan::Segment& segment);

// Numbers of the segments that are there, ascending.
Result<std::vector<uint64_t>> list_segments(os::World& world, const std::string& root);

}  // namespace spoor::store
