// The facade of base: what everything stands on and what knows nothing of spans. There is no
// umbrella include; take the header of the thing you need.
//
//   assert.h       SPOOR_ASSERT, on in release builds
//   status.h       Status, Result, SPOOR_TRY, SPOOR_ASSIGN: the only way to report failure
//   bytes.h        little-endian, varints, hex, base64, ByteReader for untrusted bytes
//   arena.h        memory that one request owns
//   time.h         UnixNanos, Day, RFC 3339, durations
//   checksum.h     CRC32C, bound to its place
//   hash.h         XXH3
//   utf8.h         validation
//   mutex.h        annotated locks
//   json_writer.h  the one JSON writer
//   log.h          log lines
//   metric.h       counters, gauges, histograms
#pragma once
