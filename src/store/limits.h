// All limits of the store with their reasons.
#pragma once

#include <cstddef>
#include <cstdint>

namespace spoor::store {

// Log -------------------------------------------------------------------------------------------

// Two or three seconds of plain OTLP at full speed: few files, quick to allocate, and what a
// flush leaves behind is small.
constexpr uint64_t kSegmentBytes = 64 << 20;
// A body is at most 64 MiB after decompression, and a record adds its header and verdict.
constexpr uint64_t kRecordBytesMax = 96 << 20;

// Repeats ---------------------------------------------------------------------------------------

// Senders give up within five minutes (the SDKs' and the Collector's default); ten leave room
// for a queue in front of them.
constexpr uint64_t kRepeatWindowMinutes = 10;
// 12 MiB of hashes. Beyond it the oldest are forgotten first.
constexpr size_t kRepeatEntriesMax = 1 << 18;

// Head ------------------------------------------------------------------------------------------

constexpr size_t kChunkBytesMin = 4 << 10;
constexpr size_t kChunkBytesMax = 256 << 10;
// Beyond this many shapes in a shard, names and then whole attribute lists become values, so
// that names with ids in them or random keys cost row bytes and not dictionary memory.
constexpr size_t kShapesMax = 16'384;
constexpr size_t kShapesWithOwnNameMax = 8'192;
// Attributes that a shape lists one by one; a longer list is one value.
constexpr size_t kShapeFieldsMax = 256;

// Parts -----------------------------------------------------------------------------------------

constexpr size_t kVectorRows = 1024;
constexpr size_t kRowGroupRows = 64 * kVectorRows;
// A field with at most this many values in its shape may become part of the template.
constexpr size_t kPromotedValuesMax = 8;
// A template must stand for this many rows on average, or its dictionary entry costs more than
// the codes it saves.
constexpr size_t kRowsPerTemplateMin = 64;
constexpr size_t kTemplatesPerShapeMax = 64;
// A string column is kept as codes into a dictionary up to these; beyond, as pages of text.
constexpr size_t kDictionaryEntriesMax = 4096;
constexpr size_t kDictionaryBytesMax = 256 << 10;
// What one block may expand to: a vector of values of the largest admitted size would be more,
// so pages are cut by bytes as well.
constexpr size_t kPageRawBytesCut = 1 << 20;
constexpr size_t kPageRawBytesMax = 96 << 20;
constexpr size_t kMetadataBytesMax = 1 << 30;
constexpr size_t kTracesPerPage = 256;

// Rollups ---------------------------------------------------------------------------------------

// Names with ids in them must not make the rollups larger than the rows: beyond these many, what
// is new is counted together.
constexpr size_t kRollupOperationsMax = 65'536;
constexpr size_t kRollupEdgesMax = 65'536;
// And of those that collect the rest, one per service, kind and status.
constexpr size_t kRollupOtherOperationsMax = 1 << 20;
// Names of operations and of virtual nodes together.
constexpr size_t kRollupNamesMax = kRollupOperationsMax + kRollupEdgesMax;
// Counters in memory before they are written: about 20 MiB. A busy half hour needs some 50,000.
constexpr size_t kRollupCountersMax = 1 << 19;
constexpr size_t kRollupPageCells = 1024;
// A page of edges with two full histograms in each cell is 1.3 MB.
constexpr size_t kRollupPageRawBytesMax = 4 << 20;
// Edges of a section whose calls are kept in memory once read, 24 bytes each.
constexpr size_t kCachedEdgeCallsMax = 65'536;

}  // namespace spoor::store
