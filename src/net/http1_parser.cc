#include "net/http1_parser.h"

#include <algorithm>

namespace spoor::net {
namespace {

// The line of a chunk size with its extensions, which are skipped.
constexpr uint32_t kChunkLineBytesMax = 256;
// 2^60 - 1: no sum of sizes that fits a limit can overflow.
constexpr uint32_t kChunkSizeDigitsMax = 15;

int hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace

ChunkReader::Event ChunkReader::bad(const char* problem) {
  problem_ = problem;
  return Event::Bad;
}

void ChunkReader::reset() {
  state_ = State::Size;
  size_ = 0;
  line_bytes_ = digits_ = 0;
  block_.clear();
  trailers_.reset();
}

// One byte of the line "1f;name=value\r\n". False if it has no place there.
bool ChunkReader::take_size_byte(char byte) {
  if (++line_bytes_ > kChunkLineBytesMax) return false;
  if (state_ == State::SizeFeed) {
    if (byte != '\n') return false;
    state_ = size_ == 0 ? State::Trailers : State::Data;
    return true;
  }
  if (byte == '\r') {
    state_ = State::SizeFeed;
    return digits_ > 0;
  }
  if (state_ == State::Extension) return byte == '\t' || static_cast<unsigned char>(byte) >= 0x20;
  if (byte == ';') {
    state_ = State::Extension;
    return digits_ > 0;
  }
  int digit = hex_digit(byte);
  if (digit < 0 || ++digits_ > kChunkSizeDigitsMax) return false;
  size_ = size_ << 4 | static_cast<uint64_t>(digit);
  return true;
}

ChunkReader::Event ChunkReader::read_trailers(std::string_view& input) {
  size_t before = block_.size();
  block_.append(input);
  BlockScanner::State state = trailers_.scan(block_);
  if (state == BlockScanner::State::NeedMore) {
    input = {};
    return Event::NeedMore;
  }
  if (state != BlockScanner::State::Complete) return bad("trailers are malformed or too long");
  input.remove_prefix(trailers_.block_bytes() - before);
  block_.resize(trailers_.block_bytes());
  HeaderList dropped;
  if (parse_header_lines(block_, limits_, dropped)) return bad("trailers are malformed");
  state_ = State::Done;
  return Event::End;
}

ChunkReader::Event ChunkReader::next(std::string_view& input, std::string_view& data) {
  while (!input.empty()) {
    switch (state_) {
      case State::Size:
      case State::Extension:
      case State::SizeFeed:
        if (!take_size_byte(input.front())) return bad("chunk size is malformed");
        input.remove_prefix(1);
        break;
      case State::Data: {
        size_t bytes = static_cast<size_t>(std::min<uint64_t>(size_, input.size()));
        data = input.substr(0, bytes);
        input.remove_prefix(bytes);
        size_ -= bytes;
        if (size_ == 0) state_ = State::DataReturn;
        return Event::Data;
      }
      case State::DataReturn:
      case State::DataFeed:
        if (input.front() != (state_ == State::DataReturn ? '\r' : '\n')) {
          return bad("chunk does not end with a line end");
        }
        input.remove_prefix(1);
        if (state_ == State::DataReturn) {
          state_ = State::DataFeed;
        } else {
          reset();
        }
        break;
      case State::Trailers:
        return read_trailers(input);
      case State::Done:
        return Event::End;
    }
  }
  return Event::NeedMore;
}

Http1Parser::Http1Parser(const Limits& limits)
    : limits_(limits),
      scanner_(limits.request_line_bytes_max, limits.header_bytes_max),
      chunks_(limits) {}

void Http1Parser::reset() {
  state_ = State::Head;
  block_.clear();
  scanner_.reset();
  chunks_.reset();
  head_ = {};
  framing_ = {};
  remaining_ = 0;
  piece_ = {};
}

Http1Parser::Event Http1Parser::refuse(Refusal refusal) {
  refusal_ = std::move(refusal);
  return Event::Refused;
}

Http1Parser::Event Http1Parser::finish_head(std::string_view block) {
  auto refusal = parse_request_block(block, limits_, head_, framing_);
  if (refusal) return refuse(std::move(*refusal));
  remaining_ = framing_.content_length.value_or(0);
  state_ = framing_.chunked ? State::Chunked : State::Fixed;
  return Event::Head;
}

// A head that lies in one piece is parsed where it lies; only a cut one is copied.
Http1Parser::Event Http1Parser::read_head(std::string_view& input) {
  size_t before = block_.size();
  if (before > 0) block_.append(input);
  std::string_view block = before > 0 ? std::string_view(block_) : input;
  switch (scanner_.scan(block)) {
    case BlockScanner::State::NeedMore:
      if (before == 0) block_ = input;
      input = {};
      return Event::NeedMore;
    case BlockScanner::State::BareLineFeed:
      return refuse(make_refusal(400, "a line of the head does not end with CR LF"));
    case BlockScanner::State::FirstLineTooLong:
      return refuse(make_refusal(414, "the request line is longer than " +
                                          std::to_string(limits_.request_line_bytes_max) +
                                          " bytes"));
    case BlockScanner::State::BlockTooLong:
      return refuse(make_refusal(431, "the headers are longer than " +
                                          std::to_string(limits_.header_bytes_max) + " bytes"));
    case BlockScanner::State::Complete:
      break;
  }
  block = block.substr(0, scanner_.block_bytes());
  input.remove_prefix(block.size() - before);
  if (block.size() == 2) {  // RFC 9112 2.2: an empty line before a request is skipped
    block_.clear();
    scanner_.reset();
    return next(input);
  }
  Event event = finish_head(block);
  block_.clear();
  return event;
}

Http1Parser::Event Http1Parser::next(std::string_view& input) {
  switch (state_) {
    case State::Head:
      return input.empty() ? Event::NeedMore : read_head(input);
    case State::Fixed: {
      if (remaining_ == 0) {
        state_ = State::Done;
        return Event::End;
      }
      if (input.empty()) return Event::NeedMore;
      size_t bytes = static_cast<size_t>(std::min<uint64_t>(remaining_, input.size()));
      piece_ = input.substr(0, bytes);
      input.remove_prefix(bytes);
      remaining_ -= bytes;
      return Event::Body;
    }
    case State::Chunked:
      switch (chunks_.next(input, piece_)) {
        case ChunkReader::Event::NeedMore:
          return Event::NeedMore;
        case ChunkReader::Event::Data:
          return Event::Body;
        case ChunkReader::Event::End:
          state_ = State::Done;
          return Event::End;
        case ChunkReader::Event::Bad:
          return refuse(make_refusal(400, chunks_.problem()));
      }
      break;
    case State::Done:
      break;
  }
  return Event::NeedMore;
}

}  // namespace spoor::net
