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
// Resources of a shard that are known by the message they came in, and the largest of them.
constexpr size_t kKnownResourcesMax = 4096;
constexpr size_t kKnownResourceBytesMax = 4 << 10;
// Beyond this many shapes in a shard, names and then whole attribute lists become values, so
// that names with ids in them or random keys cost row bytes and not dictionary memory.
constexpr size_t kShapesMax = 16'384;
constexpr size_t kShapesWithOwnNameMax = 8'192;
// Attributes that a shape lists one by one; a longer list is one value.
constexpr size_t kShapeFieldsMax = 256;

// Parts -----------------------------------------------------------------------------------------

constexpr size_t kVectorRows = 1024;
// How many vectors so many rows take.
constexpr uint32_t vectors_of(uint32_t rows) {
  return static_cast<uint32_t>((rows + kVectorRows - 1) / kVectorRows);
}
constexpr size_t kRowGroupRows = 64 * kVectorRows;
// A field with at most this many values in its shape may become part of the template.
constexpr size_t kPromotedValuesMax = 8;
// A template must stand for this many rows on average, or its dictionary entry costs more than
// the codes it saves.
constexpr size_t kRowsPerTemplateMin = 64;
constexpr size_t kTemplatesPerShapeMax = 64;
// A shape of fewer rows costs more than it saves. As many of them as below are kept all the same.
constexpr uint64_t kRowsPerShapeMin = 16;
constexpr size_t kRareShapesMax = 512;
// A string column is kept as codes into a dictionary up to these; beyond, as pages of text.
constexpr size_t kDictionaryEntriesMax = 4096;
constexpr size_t kDictionaryBytesMax = 256 << 10;
// A text column with as many distinct values in a row group has a filter, unless that would take
// more than this share of its pages.
constexpr size_t kFilterTextsMin = 256;
constexpr size_t kFilterPagesPerByteMin = 4;
// Blocks that were read last. Of a row group of the shop what it says before its rows takes 120 KB
// decoded, the pages that a search of a few traces reads take less than that.
constexpr uint64_t kRecentBlocksBytesMax = 32 << 20;
// What a section knows of the traces that it shares with others: few, unless many traces are cut
// by the same flush.
constexpr uint64_t kSharedTracesBytesMax = 4 << 20;
// Nobody asks for a text that is equal to a prompt: longer ones on average have none.
constexpr size_t kFilterTextBytesMax = 512;
// Places of filters of a section that are kept in memory once read, 16 bytes each.
constexpr size_t kFilterPlacesMax = 65'536;
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
// Of counts in memory before they are written. A shop's half hour takes 3 MiB.
constexpr size_t kRollupBytesMax = 24 << 20;
constexpr size_t kRollupPageCells = 1024;
// A page of edges with two full histograms in each cell is 1.3 MB.
constexpr size_t kRollupPageRawBytesMax = 4 << 20;
// Edges of a section whose calls are kept in memory once read, 24 bytes each.
constexpr size_t kCachedEdgeCallsMax = 65'536;

// Merges ----------------------------------------------------------------------------------------

// Eight parts of a size become one of the next: a span is rewritten about once for each eightfold
// growth, and at most seven parts of a size wait.
constexpr size_t kMergeInputsMin = 8;
// Each input has a page of each column in memory.
constexpr size_t kMergeInputsMax = 16;
constexpr uint64_t kMergeSimilarFactor = 4;
constexpr uint64_t kMergeSizeMin = 1 << 20;
// A closed day is rewritten for late spans once they are this much of its largest part.
constexpr uint64_t kMergeLatePercent = 10;
constexpr uint64_t kMergeSpansMax = 64 << 20;
// A merge holds 16 bytes for each trace of its inputs.
constexpr uint64_t kMergeBytesPerTrace = 16;
constexpr uint64_t kMergeTracesMax = 8 << 20;
// A day gets what comes late for this long before it counts as closed.
constexpr uint64_t kDayClosedAfterHours = 2;
// So that senders and readers have the disk too; a flush at full speed writes about as much.
constexpr uint64_t kMergeBytesPerSecond = 40 << 20;
// After a merge failed for another reason than damage: doubled up to the last.
constexpr uint64_t kMergeRetryMsMin = 10'000;
constexpr uint64_t kMergeRetryMsMax = 3'600'000;

// Retention -------------------------------------------------------------------------------------

// Days that hold data and stay whatever the limits say.
constexpr size_t kDaysKept = 2;
// Of a small disk the reserve is a share.
constexpr uint64_t kFreeReserveBytes = 1 << 30;
constexpr uint64_t kFreeReservePercent = 5;
constexpr uint64_t kRetentionEveryMs = 1'000;

}  // namespace spoor::store
