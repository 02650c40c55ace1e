#include "base/log.h"

#include <time.h>
#include <unistd.h>

#include <array>
#include <atomic>

#include "base/json_writer.h"
#include "base/time.h"

namespace spoor {
namespace {

std::atomic<LogFormat> log_format{LogFormat::Text};
std::atomic<LogLevel> log_level_min{LogLevel::Info};

constexpr std::array<std::string_view, 4> kLevelNames = {"debug", "info", "warning", "error"};

std::string_view level_name(LogLevel level) {
  return kLevelNames[static_cast<size_t>(level)];
}

// A value stands bare where that is unambiguous, otherwise quoted as a JSON string.
void append_value(std::string& line, std::string_view value) {
  bool bare = !value.empty();
  for (unsigned char byte : value) {
    bare = bare && byte > 0x20 && byte < 0x7f && byte != '"' && byte != '=' && byte != '\\';
  }
  if (bare) {
    line.append(value);
  } else {
    JsonWriter(line).string(value);
  }
}

UnixNanos log_time() {
  // The line's own stamp: a log must not depend on the world it reports about.
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return {static_cast<uint64_t>(now.tv_sec) * kNanosPerSecond + static_cast<uint64_t>(now.tv_nsec)};
}

}  // namespace

void configure_log(LogFormat format, LogLevel level_min) {
  log_format = format;
  log_level_min = level_min;
}

Result<LogFormat> parse_log_format(std::string_view name) {
  if (name == "text") return LogFormat::Text;
  if (name == "logfmt") return LogFormat::Logfmt;
  if (name == "json") return LogFormat::Json;
  return invalid_argument("expected a log format of text, logfmt or json, got \"" +
                          std::string(name) + "\"");
}

Result<LogLevel> parse_log_level(std::string_view name) {
  for (size_t i = 0; i < kLevelNames.size(); ++i) {
    if (name == kLevelNames[i]) return static_cast<LogLevel>(i);
  }
  return invalid_argument("expected a log level of debug, info, warning or error, got \"" +
                          std::string(name) + "\"");
}

std::string format_log_line(LogFormat format, LogLevel level, std::string_view time,
                            std::string_view message, std::initializer_list<LogField> fields) {
  std::string line;
  if (format == LogFormat::Json) {
    JsonWriter json(line);
    json.begin_object();
    json.key("ts"), json.string(time);
    json.key("level"), json.string(level_name(level));
    json.key("msg"), json.string(message);
    for (const LogField& field : fields) json.key(field.key), json.string(field.value);
    json.end_object();
    line.push_back('\n');
    return line;
  }
  if (format == LogFormat::Logfmt) {
    line.append("ts=").append(time).append(" level=").append(level_name(level)).append(" msg=");
    append_value(line, message);
  } else {
    line.append(time).append(" ").append(level_name(level)).append(" ").append(message);
  }
  for (const LogField& field : fields) {
    line.append(" ").append(field.key).append("=");
    append_value(line, field.value);
  }
  line.push_back('\n');
  return line;
}

void log_line(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (level < log_level_min.load(std::memory_order_relaxed)) return;
  std::string time = to_rfc3339(log_time());
  time.replace(time.size() - 7, 6, "");  // milliseconds are enough for a reader
  std::string line = format_log_line(log_format, level, time, message, fields);
  // A log that cannot be written has nowhere to be reported.
  [[maybe_unused]] ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace spoor
