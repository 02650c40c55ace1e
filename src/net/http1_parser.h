// HTTP/1 requests out of a byte stream, incrementally: the same events however the bytes are
// cut. Holds at most one head (limits.header_bytes_max + request_line_bytes_max) of memory.
// After Refused the stream is of no more use.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/http1_head.h"

namespace spoor::net {

// The chunked coding: sizes, data, trailers (checked, then dropped).
class ChunkReader {
 public:
  enum class Event { NeedMore, Data, End, Bad };

  explicit ChunkReader(const Limits& limits)
      : limits_(limits), trailers_(limits.header_bytes_max, limits.header_bytes_max) {}

  // Consumes from the front of `input`; Data leaves a view into it in `data`.
  Event next(std::string_view& input, std::string_view& data);
  void reset();
  const char* problem() const { return problem_; }

 private:
  enum class State { Size, Extension, SizeFeed, Data, DataReturn, DataFeed, Trailers, Done };
  Event bad(const char* problem);
  bool take_size_byte(char byte);
  Event read_trailers(std::string_view& input);

  const Limits& limits_;
  State state_ = State::Size;
  uint64_t size_ = 0;
  uint32_t line_bytes_ = 0;
  uint32_t digits_ = 0;
  std::string block_;
  BlockScanner trailers_;
  const char* problem_ = "";
};

class Http1Parser {
 public:
  enum class Event {
    NeedMore,  // all input is consumed
    Head,      // head() and framing() are set
    Body,      // body_piece() is the next piece
    End,       // the message is complete; reset() before the next
    Refused,   // refusal() says why
  };

  // `limits` must outlive the parser.
  explicit Http1Parser(const Limits& limits);

  Event next(std::string_view& input);

  RequestHead& head() { return head_; }
  const MessageFraming& framing() const { return framing_; }
  std::string_view body_piece() const { return piece_; }
  const Refusal& refusal() const { return refusal_; }
  // True once a byte of the current message has been seen.
  bool started() const { return state_ != State::Head || !block_.empty(); }
  void reset();

 private:
  enum class State { Head, Fixed, Chunked, Done };
  Event read_head(std::string_view& input);
  Event finish_head(std::string_view block);
  Event refuse(Refusal refusal);

  const Limits& limits_;
  State state_ = State::Head;
  std::string block_;  // the head so far, when it does not come in one piece
  BlockScanner scanner_;
  ChunkReader chunks_;
  RequestHead head_;
  MessageFraming framing_;
  uint64_t remaining_ = 0;
  std::string_view piece_;
  Refusal refusal_;
};

}  // namespace spoor::net
