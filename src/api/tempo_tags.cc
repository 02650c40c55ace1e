#include "api/tempo_tags.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/utf8.h"
#include "traceql/traceql.h"

namespace spoor::api {
namespace {

using traceql::AttributeScope;
using traceql::Field;
using traceql::FieldExpression;
using traceql::Intrinsic;
using traceql::Operator;

constexpr size_t kShownBytes = 64;
constexpr std::string_view kSubstringBegin = "(?is).*";
constexpr std::string_view kSubstringEnd = ".*";

Status tag_error(std::string_view key, std::string_view why) {
  return invalid_argument("invalid tags: " + std::string(key.substr(0, kShownBytes)) + ": " +
                          std::string(why));
}

// One pass over the text.
class LogfmtReader {
 public:
  explicit LogfmtReader(std::string_view text) : text_(text) {}

  Result<TempoTags> read();

 private:
  bool at_end() const { return at_ == text_.size(); }
  bool at_space() const { return static_cast<unsigned char>(text_[at_]) <= ' '; }
  Status unexpected() const;
  std::string_view plain();  // up to white space, = or a quote
  Result<std::string> quoted();

  std::string_view text_;
  size_t at_ = 0;
};

Status LogfmtReader::unexpected() const {
  Status status = traceql::error_at(text_, {static_cast<uint32_t>(at_), 1},
                                    "unexpected '" + std::string(1, text_[at_]) + "'");
  return invalid_argument("invalid tags: " + status.message());
}

std::string_view LogfmtReader::plain() {
  size_t begin = at_;
  while (!at_end() && !at_space() && text_[at_] != '=' && text_[at_] != '"') ++at_;
  return text_.substr(begin, at_ - begin);
}

// A backslash takes the next character as it is, but for the letters that stand for others.
Result<std::string> LogfmtReader::quoted() {
  size_t begin = at_++;
  std::string value;
  for (; !at_end(); ++at_) {
    if (text_[at_] == '"') {
      ++at_;
      return value;
    }
    if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
      char c = text_[++at_];
      value.push_back(c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c);
    } else {
      value.push_back(text_[at_]);
    }
  }
  Status status =
      traceql::error_at(text_, {static_cast<uint32_t>(begin), 1}, "the quoted value does not end");
  return invalid_argument("invalid tags: " + status.message());
}

Result<TempoTags> LogfmtReader::read() {
  TempoTags tags;
  while (true) {
    while (!at_end() && at_space()) ++at_;
    if (at_end()) return tags;
    std::string key(plain());
    if (key.empty()) return unexpected();
    std::string value;
    if (!at_end() && text_[at_] == '=') {
      ++at_;
      if (!at_end() && text_[at_] == '"') {
        SPOOR_ASSIGN(value, quoted());
      } else {
        value = plain();
      }
    }
    if (!at_end() && !at_space()) return unexpected();
    tags.emplace_back(std::move(key), std::move(value));
  }
}

// Everything that could be an operator is escaped; bytes beyond ASCII are letters to RE2.
std::string substring_regex(std::string_view value) {
  std::string regex(kSubstringBegin);
  for (char c : value) {
    bool is_literal = static_cast<unsigned char>(c) >= 0x80 || (c >= '0' && c <= '9') ||
                      (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!is_literal) regex.push_back('\\');
    regex.push_back(c);
  }
  return regex.append(kSubstringEnd);
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

FieldExpression compare(Field field, Operator op, traceql::Literal literal) {
  std::vector<FieldExpression> operands;
  operands.push_back(FieldExpression::of(std::move(field)));
  operands.push_back(FieldExpression::of(std::move(literal)));
  return FieldExpression::operation(op, std::move(operands));
}

FieldExpression joined(Operator op, std::vector<FieldExpression> operands) {
  SPOOR_ASSERT(!operands.empty());
  if (operands.size() == 1) return std::move(operands.front());
  return FieldExpression::operation(op, std::move(operands));
}

// The number or truth value that the text is, too.
std::optional<traceql::Literal> typed_literal(std::string_view text) {
  if (lower(text) == "true") return traceql::Literal(true);
  if (lower(text) == "false") return traceql::Literal(false);
  const char* end = text.data() + text.size();
  int64_t integer = 0;
  auto whole = std::from_chars(text.data(), end, integer);
  if (whole.ec == std::errc() && whole.ptr == end) return traceql::Literal(integer);
  double number = 0;
  auto decimal = std::from_chars(text.data(), end, number);
  bool is_number = decimal.ec == std::errc() && decimal.ptr == end && std::isfinite(number);
  if (is_number) return traceql::Literal(number);
  return std::nullopt;
}

FieldExpression attribute_condition(const std::string& key, const std::string& value) {
  std::vector<AttributeScope> scopes = {AttributeScope::Span, AttributeScope::Resource};
  if (key == "service.name") scopes = {AttributeScope::Resource};
  std::optional<traceql::Literal> typed = typed_literal(value);
  std::vector<FieldExpression> any;
  for (AttributeScope scope : scopes) {
    Field field = Field::attribute(scope, key);
    if (value.empty()) {
      any.push_back(compare(field, Operator::NotEqual, traceql::Nil{}));
      continue;
    }
    any.push_back(compare(field, Operator::Matches, substring_regex(value)));
    if (typed) any.push_back(compare(field, Operator::Equal, *typed));
  }
  return joined(Operator::Or, std::move(any));
}

Result<FieldExpression> error_condition(const std::string& value) {
  std::string text = lower(value);
  if (!text.empty() && text != "true" && text != "false") {
    return tag_error("error", "expected true or false");
  }
  Operator op = text == "false" ? Operator::NotEqual : Operator::Equal;
  return compare(Field::of(Intrinsic::Status), op, kStatusError);
}

Result<FieldExpression> status_condition(const std::string& value) {
  std::vector<FieldExpression> any;
  for (StatusCode status : {kStatusUnset, kStatusOk, kStatusError}) {
    if (traceql::name_of(status).find(lower(value)) == std::string_view::npos) continue;
    any.push_back(compare(Field::of(Intrinsic::Status), Operator::Equal, status));
  }
  if (any.empty()) return tag_error("status.code", "expected unset, ok or error");
  return joined(Operator::Or, std::move(any));
}

FieldExpression intrinsic_condition(Intrinsic intrinsic, const std::string& value) {
  if (value.empty()) return FieldExpression::of(true);
  return compare(Field::of(intrinsic), Operator::Matches, substring_regex(value));
}

Result<FieldExpression> tag_condition(const std::string& key, const std::string& value) {
  if (!is_valid_utf8(key) || key.find('\0') != std::string::npos) {
    return tag_error("a key", "not UTF-8 without NUL");
  }
  if (key.empty()) return tag_error("a key", "empty");
  if (!is_valid_utf8(value) || value.find('\0') != std::string::npos) {
    return tag_error(key, "the value is not UTF-8 without NUL");
  }
  if (substring_regex(value).size() > traceql::kRegexBytesMax) {
    return tag_error(key, "the value is longer than can be looked for");
  }
  if (key == "error") return error_condition(value);
  if (key == "status.code") return status_condition(value);
  if (key == "name") return intrinsic_condition(Intrinsic::Name, value);
  if (key == "root.name") return intrinsic_condition(Intrinsic::RootName, value);
  if (key == "root.service.name") {
    return intrinsic_condition(Intrinsic::RootServiceName, value);
  }
  return attribute_condition(key, value);
}

// The last value of each key, in the order in which keys came first.
TempoTags without_repeats(const TempoTags& tags) {
  TempoTags result;
  for (const auto& [key, value] : tags) {
    auto same = std::ranges::find(result, key, &TempoTags::value_type::first);
    if (same != result.end()) {
      same->second = value;
    } else {
      result.emplace_back(key, value);
    }
  }
  return result;
}

}  // namespace

Result<TempoTags> parse_tempo_tags_text(std::string_view text) {
  if (text.size() > traceql::kQueryBytesMax) {
    return invalid_argument("invalid tags: " + std::to_string(text.size()) + " bytes, at most " +
                            std::to_string(traceql::kQueryBytesMax));
  }
  return LogfmtReader(text).read();
}

Result<traceql::Query> tempo_tags_query(const TempoTags& tags, const TempoDurations& durations) {
  if (tags.size() > kTempoTagsMax) {
    return invalid_argument("invalid tags: " + std::to_string(tags.size()) + " of them, at most " +
                            std::to_string(kTempoTagsMax));
  }
  if (durations.max != 0 && durations.max < durations.min) {
    return invalid_argument("invalid maxDuration: must be greater than minDuration");
  }
  std::vector<FieldExpression> all;
  for (const auto& [key, value] : without_repeats(tags)) {
    SPOOR_ASSIGN(FieldExpression condition, tag_condition(key, value));
    all.push_back(std::move(condition));
  }
  Field duration = Field::of(Intrinsic::TraceDuration);
  if (durations.min > 0) {
    all.push_back(compare(duration, Operator::GreaterOrEqual, traceql::Duration{durations.min}));
  }
  if (durations.max > 0) {
    all.push_back(compare(duration, Operator::LessOrEqual, traceql::Duration{durations.max}));
  }
  if (all.empty()) all.push_back(FieldExpression::of(true));
  traceql::SpansetExpression filter;
  filter.kind = traceql::SpansetExpression::Kind::Filter;
  filter.condition = joined(Operator::And, std::move(all));
  traceql::Query query;
  query.stages.push_back({std::move(filter), {}});
  SPOOR_TRY(traceql::check(query, ""));
  return query;
}

}  // namespace spoor::api
