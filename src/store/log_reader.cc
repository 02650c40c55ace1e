#include "store/log_reader.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/bytes.h"
#include "store/file_names.h"
#include "store/limits.h"

namespace spoor::store {
namespace {

constexpr size_t kScanBytes = 1 << 20;
// What a disk with a bad sector loses at once.
constexpr size_t kUnreadableBytes = 4 << 10;
constexpr char kUnreadable = '\xff';  // not zero: an unreadable rest is no clean end

bool all_zero(std::string_view bytes) {
  return bytes.empty() ||
         (bytes[0] == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

// One segment open for reading.
class SegmentReader {
 public:
  SegmentReader(std::string path, uint64_t number) : path_(std::move(path)), number_(number) {}

  Status open(os::World& world, SyncFirst sync_first) {
    bool sync = sync_first == SyncFirst::Yes;
    SPOOR_ASSIGN(file_, world.open(path_, sync ? os::OpenMode::Write : os::OpenMode::Read));
    if (sync) SPOOR_TRY(file_->sync());
    SPOOR_ASSIGN(size_, file_->size());
    if (size_ < kSegmentHeaderBytes) {
      header_status_ = data_loss("segment shorter than its header");
      return {};
    }
    std::string bytes(kSegmentHeaderBytes, '\0');
    SPOOR_TRY(read(0, bytes));
    Result<SegmentHeader> header = decode_segment_header(bytes, number_);
    if (header.ok()) {
      header_ = *header;
    } else {
      header_status_ = header.status();
    }
    return {};
  }

  void expect_reading() { file_->expect_reading(); }

  // The header at the offset; nothing if there is none or it is damaged.
  Result<std::optional<RecordHeader>> header_at(uint64_t offset) {
    if (offset + kRecordHeaderBytes > size_) return std::optional<RecordHeader>();
    std::string bytes(kRecordHeaderBytes, '\0');
    SPOOR_TRY(read(offset, bytes));
    std::optional<RecordHeader> header = decode_record_header(bytes, at(offset));
    if (header && header->record_bytes() > size_ - offset) return std::optional<RecordHeader>();
    return header;
  }

  // The first offset from `offset` on, on a record border, where a whole header stands.
  Result<std::optional<uint64_t>> find_header(uint64_t offset) {
    std::string window;
    for (uint64_t begin = offset; begin + kRecordHeaderBytes <= size_;) {
      window.resize(std::min<uint64_t>(kScanBytes + kRecordHeaderBytes, size_ - begin));
      SPOOR_TRY(read(begin, window));
      for (size_t i = 0; i + kRecordHeaderBytes <= window.size(); i += kRecordAlignment) {
        if (load_le<uint32_t>(window.data() + i) != kRecordMagic) continue;
        auto bytes = std::string_view(window).substr(i, kRecordHeaderBytes);
        if (decode_record_header(bytes, at(begin + i))) return std::optional(begin + i);
      }
      begin += kScanBytes;
    }
    return std::optional<uint64_t>();
  }

  // Whether all bytes from the offset to the end of the file are zero.
  Result<bool> zero_from(uint64_t offset) {
    std::string window;
    for (uint64_t begin = offset; begin < size_; begin += window.size()) {
      window.resize(std::min<uint64_t>(kScanBytes, size_ - begin));
      SPOOR_TRY(read(begin, window));
      if (!all_zero(window)) return false;
    }
    return true;
  }

  Status read_content(uint64_t offset, const RecordHeader& header, std::string& content) {
    uint64_t bytes = header.record_bytes() - kRecordHeaderBytes;
    content.resize(bytes);
    SPOOR_TRY(read(offset + kRecordHeaderBytes, content));
    std::string_view lead(content.data(), header.tenant_bytes + size_t{header.verdict_bytes});
    std::string_view body = std::string_view(content).substr(lead.size(), header.body_bytes);
    if (content_checksum(lead, body, at(offset)) != header.content_checksum) {
      return data_loss("record content does not match its checksum");
    }
    if (!all_zero(std::string_view(content).substr(header.content_bytes()))) {
      return data_loss("record padding is not zero");
    }
    return {};
  }

  LogPosition at(uint64_t offset) const { return LogPosition::at(number_, offset); }
  const std::string& path() const { return path_; }
  uint64_t number() const { return number_; }
  uint64_t size() const { return size_; }
  const std::optional<SegmentHeader>& header() const { return header_; }
  const Status& header_status() const { return header_status_; }

 private:
  // Reads; bytes that the disk cannot give are replaced, and then no checksum matches there.
  Status read(uint64_t offset, std::span<char> target) {
    Status whole = file_->read_at(offset, target);
    if (whole.ok() || whole.code() != Code::DataLoss) return whole;
    for (size_t done = 0; done < target.size();) {
      size_t size = std::min(kUnreadableBytes, target.size() - done);
      Status status = file_->read_at(offset + done, target.subspan(done, size));
      if (!status.ok() && status.code() != Code::DataLoss) return status;
      if (!status.ok()) std::ranges::fill(target.subspan(done, size), kUnreadable);
      done += size;
    }
    return {};
  }

  std::string path_;
  uint64_t number_;
  uint64_t size_ = 0;
  std::unique_ptr<os::File> file_;
  std::optional<SegmentHeader> header_;
  Status header_status_;
};

class LogScanner {
 public:
  LogScanner(std::vector<SegmentReader>& segments, const std::string& root,
             const ReadLogOptions& options, const RecordHandler& handler)
      : segments_(segments), root_(root), options_(options), handler_(handler) {}

  Result<LogScan> run() {
    scan_.end = options_.floor;
    find_missing_segments();
    for (current_ = 0; current_ < segments_.size(); ++current_) {
      SegmentReader& segment = segments_[current_];
      scan_.last_segment = segment.number();
      if (segment.header()) scan_.durable = std::max(scan_.durable, segment.header()->durable);
      scan_.segments.push_back({segment.number(), segment.size(), kSegmentHeaderBytes, false});
      SPOOR_TRY(check_segment_header(segment));
      SPOOR_TRY(scan_segment(segment));
    }
    return std::move(scan_);
  }

 private:
  // A position from the floor on at which a record ended, in a segment that is not there.
  void find_missing_segments() {
    std::vector<LogPosition> ends = {options_.floor};
    for (const SegmentReader& segment : segments_) {
      if (segment.header()) ends.push_back(segment.header()->previous_end);
    }
    for (LogPosition end : ends) {
      bool is_there = std::ranges::any_of(
          segments_, [&](const SegmentReader& s) { return s.number() == end.segment(); });
      bool held_records = end >= options_.floor && end.offset() > kSegmentHeaderBytes;
      if (is_there || !held_records) continue;
      scan_.damages.push_back(
          {segment_path(root_, end.segment()), 0, end.offset(), "the segment is missing"});
    }
  }

  Status check_segment_header(const SegmentReader& segment) {
    if (segment.header()) return {};
    // A segment that was being made when the power went has no records.
    std::optional<LogPosition> end = declared_end();
    bool is_empty = end && *end <= segment.at(kSegmentHeaderBytes);
    if (is_empty) return {};
    LogPosition durable;
    SPOOR_ASSIGN(durable, durable_by_proof());
    bool is_torn = durable <= segment.at(kSegmentHeaderBytes);
    note({segment.path(), 0, kSegmentHeaderBytes, segment.header_status().message()}, is_torn);
    return {};
  }

  // Where the segment ends by what later ones say; nothing if none follows.
  std::optional<LogPosition> declared_end() const {
    std::optional<LogPosition> end;
    for (size_t k = current_ + 1; k < segments_.size(); ++k) {
      if (!segments_[k].header()) continue;
      LogPosition previous_end = segments_[k].header()->previous_end;
      bool is_next = segments_[k].number() == segments_[current_].number() + 1;
      bool before_us = previous_end.segment() <= segments_[current_].number();
      if (is_next || before_us) end = std::min(end.value_or(previous_end), previous_end);
    }
    return end;
  }

  Status scan_segment(SegmentReader& segment) {
    segment.expect_reading();
    std::optional<LogPosition> end = declared_end();
    LogPosition floor = options_.floor;
    uint64_t offset = kSegmentHeaderBytes;
    if (floor.segment() == segment.number()) offset = std::max(offset, floor.offset());
    scan_.segments.back().end = std::min(offset, segment.size());
    while (!end || segment.at(offset) < *end) {
      SPOOR_ASSIGN(auto header, segment.header_at(offset));
      std::string reason = "no record where one should begin";
      uint64_t resume = segment.size();
      if (header) {
        resume = offset + header->record_bytes();
        Status read = deliver(segment, offset, *header, segment.at(resume));
        if (!read.ok() && read.code() != Code::DataLoss) return read;
        reason = read.message();
        if (read.ok()) {
          offset = resume;
          scan_.segments.back().end = resume;
          continue;
        }
      } else {
        SPOOR_ASSIGN(bool is_rest, segment.zero_from(offset));
        bool known_longer = options_.known_durable.segment() == segment.number() &&
                            options_.known_durable > segment.at(offset);
        if (is_rest && !end && !known_longer) {
          scan_.segments.back().zero_rest = true;
          return {};
        }
        SPOOR_ASSIGN(auto next, segment.find_header(offset + kRecordAlignment));
        uint64_t limit = end && end->segment() == segment.number() ? end->offset() : segment.size();
        resume = next.value_or(std::max(offset, limit));
      }
      SPOOR_ASSIGN(LogPosition durable, durable_by_proof());
      note({segment.path(), offset, resume - offset, reason}, durable <= segment.at(offset));
      if (resume >= segment.size()) return {};
      offset = resume;
    }
    return {};
  }

  // Damage, or torn and never acknowledged?
  void note(LogDamage place, bool is_torn) {
    scan_.segments.back().damaged = true;
    (is_torn ? scan_.torn_tails : scan_.damages).push_back(std::move(place));
  }

  static Status raise_by_records(SegmentReader& segment, LogPosition& durable) {
    std::optional<uint64_t> next = kSegmentHeaderBytes;
    while (next) {
      SPOOR_ASSIGN(auto header, segment.header_at(*next));
      if (header) {
        durable = std::max(durable, header->durable);
        *next += header->record_bytes();
        continue;
      }
      SPOOR_ASSIGN(bool is_rest, segment.zero_from(*next));
      if (is_rest) break;
      SPOOR_ASSIGN(next, segment.find_header(*next + kRecordAlignment));
    }
    return {};
  }

  // How far anything that can be read says that the log was durable. Only records and segments
  // behind a place can prove it durable, so one answer serves for all places.
  Result<LogPosition> durable_by_proof() {
    if (proof_) return *proof_;
    LogPosition durable = options_.known_durable;
    for (SegmentReader& segment : segments_) {
      if (segment.header()) durable = std::max(durable, segment.header()->durable);
      SPOOR_TRY(raise_by_records(segment, durable));
    }
    proof_ = durable;
    return durable;
  }

  Status deliver(SegmentReader& segment, uint64_t offset, const RecordHeader& header,
                 LogPosition end) {
    SPOOR_TRY(segment.read_content(offset, header, content_));
    std::string_view content(content_);
    SPOOR_ASSIGN(auto refused,
                 decode_verdict(content.substr(header.tenant_bytes, header.verdict_bytes)));
    LogRecord record;
    record.tenant = content.substr(0, header.tenant_bytes);
    record.format = header.format;
    record.encoding = header.encoding;
    record.decoder_version = header.decoder_version;
    record.received = header.received;
    record.body_hash = header.body_hash;
    record.refused = refused;
    record.body =
        content.substr(header.tenant_bytes + size_t{header.verdict_bytes}, header.body_bytes);
    SPOOR_TRY(handler_(record, end));
    if (!scan_.torn_tails.empty()) scan_.torn_before_end = true;
    scan_.durable = std::max(scan_.durable, header.durable);
    ++scan_.records;
    scan_.bytes += header.record_bytes();
    scan_.end = end;
    return {};
  }

  std::vector<SegmentReader>& segments_;
  const std::string& root_;
  const ReadLogOptions& options_;
  const RecordHandler& handler_;
  size_t current_ = 0;
  std::optional<LogPosition> proof_;
  LogScan scan_;
  std::string content_;
};

}  // namespace

Status rewrite_undurable(os::World& world, const std::string& root, const LogScan& scan) {
  for (const LogScan::Segment& segment : scan.segments) {
    uint64_t offset = kSegmentHeaderBytes;
    if (scan.durable.segment() == segment.number) offset = std::max(offset, scan.durable.offset());
    if (scan.durable.segment() > segment.number || offset >= segment.end) continue;
    SPOOR_ASSIGN(auto file, world.open(segment_path(root, segment.number), os::OpenMode::Write));
    std::string window;
    for (; offset < segment.end; offset += window.size()) {
      window.resize(std::min<uint64_t>(kScanBytes, segment.end - offset));
      Status read = file->read_at(offset, window);
      if (!read.ok() && segment.damaged) break;  // told already
      SPOOR_TRY(read);
      SPOOR_TRY(file->write_at(offset, window));
    }
    SPOOR_TRY(file->sync());
  }
  return {};
}

Result<uint64_t> find_stray_bytes(os::World& world, const std::string& root,
                                  const LogScan::Segment& segment) {
  SegmentReader reader(segment_path(root, segment.number), segment.number);
  SPOOR_TRY(reader.open(world, SyncFirst::No));
  if (!reader.header() && !segment.damaged) return uint64_t{0};
  std::string content;
  uint64_t offset = segment.damaged ? reader.size() : segment.end;
  while (offset < reader.size()) {
    SPOOR_ASSIGN(bool is_rest, reader.zero_from(offset));
    if (is_rest) break;
    SPOOR_ASSIGN(auto header, reader.header_at(offset));
    if (!header || !reader.read_content(offset, *header, content).ok()) return offset;
    offset += header->record_bytes();
  }
  return reader.size();
}

Result<std::vector<uint64_t>> list_segments(os::World& world, const std::string& root) {
  SPOOR_ASSIGN(auto names, world.list_directory(log_directory(root)));
  std::vector<uint64_t> numbers;
  for (const std::string& name : names) {
    if (auto number = parse_segment_name(name)) numbers.push_back(*number);
  }
  std::ranges::sort(numbers);
  return numbers;
}

Result<LogScan> read_log(os::World& world, const std::string& root, const ReadLogOptions& options,
                         const RecordHandler& record) {
  SPOOR_ASSIGN(auto numbers, list_segments(world, root));
  std::vector<SegmentReader> segments;
  for (uint64_t number : numbers) {
    if (number < options.floor.segment()) continue;
    segments.emplace_back(segment_path(root, number), number);
    SPOOR_TRY(segments.back().open(world, options.sync_first));
    if (segments.back().header_status().code() == Code::Unimplemented) {
      return Status(Code::Unimplemented,
                    segments.back().path() + ": " + segments.back().header_status().message());
    }
  }
  return LogScanner(segments, root, options, record).run();
}

}  // namespace spoor::store
