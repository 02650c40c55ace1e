// The program's own log lines, to standard error: text for people, logfmt or JSON for machines.
//
//   log_info("listening", {{"address", "127.0.0.1:4317"}, {"protocol", "otlp grpc"}});
//
// Thread-safe; a line is written with one write(2). Control bytes are escaped in all formats.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/status.h"

namespace spoor {

enum class LogFormat { Text, Logfmt, Json };
enum class LogLevel { Debug, Info, Warning, Error };

struct LogField {
  std::string_view key;
  std::string value;
};

// Call once, before threads start. The default is text from Info upwards.
void configure_log(LogFormat format, LogLevel level_min);

Result<LogFormat> parse_log_format(std::string_view name);
Result<LogLevel> parse_log_level(std::string_view name);

void log_line(LogLevel level, std::string_view message, std::initializer_list<LogField> fields);

inline void log_debug(std::string_view message, std::initializer_list<LogField> fields = {}) {
  log_line(LogLevel::Debug, message, fields);
}
inline void log_info(std::string_view message, std::initializer_list<LogField> fields = {}) {
  log_line(LogLevel::Info, message, fields);
}
inline void log_warning(std::string_view message, std::initializer_list<LogField> fields = {}) {
  log_line(LogLevel::Warning, message, fields);
}
inline void log_error(std::string_view message, std::initializer_list<LogField> fields = {}) {
  log_line(LogLevel::Error, message, fields);
}

// One line without its time, as log_line writes it; the tests check it.
std::string format_log_line(LogFormat format, LogLevel level, std::string_view time,
                            std::string_view message, std::initializer_list<LogField> fields);

}  // namespace spoor
