#include "store/log_reader.h"

#include <algorithm>
#include <optional>

#include "base/bytes.h"
#include "store/file_names.h"
#include "store/limits.h"

namespace spoor::store {
namespace {

constexpr size_t kScanBytes = 1 << 20;

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
    SPOOR_TRY(file_->read_at(0, bytes));
    Result<SegmentHeader> header = decode_segment_header(bytes, number_);
    if (header.ok()) {
      header_ = *header;
    } else {
      header_status_ = header.status();
    }
    return {};
  }

  // The header at the offset; nothing if there is none or it is damaged.
  Result<std::optional<RecordHeader>> header_at(uint64_t offset) {
    if (offset + kRecordHeaderBytes > size_) return std::optional<RecordHeader>();
    std::string bytes(kRecordHeaderBytes, '\0');
    SPOOR_TRY(file_->read_at(offset, bytes));
    std::optional<RecordHeader> header = decode_record_header(bytes, at(offset));
    if (header && header->record_bytes() > size_ - offset) return std::optional<RecordHeader>();
    return header;
  }

  // The first offset from `offset` on, on a record border, where a whole header stands.
  Result<std::optional<uint64_t>> find_header(uint64_t offset) {
    std::string window;
    for (uint64_t begin = offset; begin + kRecordHeaderBytes <= size_;) {
      window.resize(std::min<uint64_t>(kScanBytes + kRecordHeaderBytes, size_ - begin));
      SPOOR_TRY(file_->read_at(begin, window));
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
      SPOOR_TRY(file_->read_at(begin, window));
      if (window.find_first_not_of('\0') != std::string::npos) return false;
    }
    return true;
  }

  Status read_content(uint64_t offset, const RecordHeader& header, std::string& content) {
    uint64_t bytes = header.record_bytes() - kRecordHeaderBytes;
    content.resize(bytes);
    SPOOR_TRY(file_->read_at(offset + kRecordHeaderBytes, content));
    std::string_view lead(content.data(), header.tenant_bytes + size_t{header.verdict_bytes});
    std::string_view body = std::string_view(content).substr(lead.size(), header.body_bytes);
    if (content_checksum(lead, body, at(offset)) != header.content_checksum) {
      return data_loss("record content does not match its checksum");
    }
    if (content.find_first_not_of('\0', header.content_bytes()) != std::string::npos) {
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
  std::string path_;
  uint64_t number_;
  uint64_t size_ = 0;
  std::unique_ptr<os::File> file_;
  std::optional<SegmentHeader> header_;
  Status header_status_;
};

class LogScanner {
 public:
  LogScanner(std::vector<SegmentReader>& segments, LogPosition floor, const RecordHandler& handler)
      : segments_(segments), floor_(floor), handler_(handler) {}

  Result<LogScan> run() {
    scan_.end = floor_;
    for (current_ = 0; current_ < segments_.size(); ++current_) {
      SegmentReader& segment = segments_[current_];
      scan_.last_segment = segment.number();
      if (current_ > 0 && segment.number() != segments_[current_ - 1].number() + 1) {
        scan_.damages.push_back({segment.path(), 0, 0, "the segment before it is missing"});
      }
      check_segment_header(segment);
      SPOOR_TRY(scan_segment(segment));
    }
    return std::move(scan_);
  }

 private:
  void check_segment_header(const SegmentReader& segment) {
    if (segment.header()) return;
    // A segment that was being made when the power went has no records yet.
    bool is_last = current_ + 1 == segments_.size();
    auto& list = is_last ? scan_.torn_tails : scan_.damages;
    list.push_back({segment.path(), 0, kSegmentHeaderBytes, segment.header_status().message()});
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
    std::optional<LogPosition> end = declared_end();
    uint64_t offset = kSegmentHeaderBytes;
    if (floor_.segment() == segment.number()) offset = std::max(offset, floor_.offset());
    while (!end || segment.at(offset) < *end) {
      SPOOR_ASSIGN(auto header, segment.header_at(offset));
      std::string reason = "no record where one should begin";
      uint64_t resume = segment.size();
      if (header) {
        resume = offset + header->record_bytes();
        Status read = deliver(segment, offset, *header, segment.at(resume));
        if (read.ok()) {
          offset = resume;
          continue;
        }
        if (read.code() != Code::DataLoss) return read;
        reason = read.message();
      } else {
        SPOOR_ASSIGN(bool is_rest, segment.zero_from(offset));
        if (is_rest && !end) return {};
        SPOOR_ASSIGN(auto next, segment.find_header(offset + kRecordAlignment));
        resume = next.value_or(std::max(offset, segment.size()));
      }
      SPOOR_ASSIGN(bool goes_on, judge(offset, resume, reason));
      if (!goes_on || resume >= segment.size()) return {};
      offset = resume;
    }
    return {};
  }

  // Damage or the torn tail? True if the scan goes on behind it.
  Result<bool> judge(uint64_t offset, uint64_t resume, const std::string& reason) {
    SegmentReader& segment = segments_[current_];
    LogPosition durable;
    for (size_t k = current_; k < segments_.size(); ++k) {
      if (k > current_ && segments_[k].header()) {
        durable = std::max(durable, segments_[k].header()->durable);
      }
      SPOOR_ASSIGN(auto next,
                   segments_[k].find_header(k == current_ ? resume : kSegmentHeaderBytes));
      while (next) {
        SPOOR_ASSIGN(auto header, segments_[k].header_at(*next));
        if (!header) break;
        durable = std::max(durable, header->durable);
        SPOOR_ASSIGN(next, segments_[k].find_header(*next + header->record_bytes()));
      }
    }
    LogDamage place{segment.path(), offset, resume - offset, reason};
    if (durable > segment.at(offset)) {
      scan_.damages.push_back(place);
      return true;
    }
    scan_.torn_tails.push_back(place);
    return false;
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
    ++scan_.records;
    scan_.bytes += header.record_bytes();
    scan_.end = end;
    return {};
  }

  std::vector<SegmentReader>& segments_;
  size_t current_ = 0;
  LogPosition floor_;
  const RecordHandler& handler_;
  LogScan scan_;
  std::string content_;
};

}  // namespace

Result<std::vector<uint64_t>> list_segments(os::World& world, const std::string& root) {
  SPOOR_ASSIGN(auto names, world.list_directory(log_directory(root)));
  std::vector<uint64_t> numbers;
  for (const std::string& name : names) {
    if (auto number = parse_segment_name(name)) numbers.push_back(*number);
  }
  std::ranges::sort(numbers);
  return numbers;
}

Result<LogScan> read_log(os::World& world, const std::string& root, LogPosition floor,
                         SyncFirst sync_first, const RecordHandler& record) {
  SPOOR_ASSIGN(auto numbers, list_segments(world, root));
  std::vector<SegmentReader> segments;
  for (uint64_t number : numbers) {
    if (number < floor.segment()) continue;
    segments.emplace_back(segment_path(root, number), number);
    SPOOR_TRY(segments.back().open(world, sync_first));
    if (segments.back().header_status().code() == Code::Unimplemented) {
      return Status(Code::Unimplemented,
                    segments.back().path() + ": " + segments.back().header_status().message());
    }
  }
  return LogScanner(segments, floor, record).run();
}

}  // namespace spoor::store
