#include "app/search_request.h"

#include <charconv>

#include "app/trace_tree.h"
#include "base/json_writer.h"
#include "net/http.h"
#include "wire/tempo_listed.h"

namespace spoor::app {
namespace {

constexpr std::string_view kUsage =
    "usage: spoor search [KEY=VALUE...]: a tag for each, as error=true or http.status_code>=500; "
    "or spoor search '{ status = error } >> { }': a TraceQL query";

// The positional arguments as a JSON object of tags. An operator before the first `=` stays at
// the end of the key, which is how the API takes it.
Result<std::string> tags_of(const std::vector<std::string>& arguments) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  for (const std::string& argument : arguments) {
    size_t split = argument.find('=');
    if (split == std::string::npos || split == 0) {
      return invalid_argument("expected KEY=VALUE, got " + argument + "; " + std::string(kUsage));
    }
    json.key(std::string_view(argument).substr(0, split));
    json.string(std::string_view(argument).substr(split + 1));
  }
  json.end_object();
  return text;
}

Result<std::string> target_of_tags(const CommandLine& line) {
  const Options& options = line.options;
  std::string target = "/select/jaeger/api/v3/trace-summaries?query.searchDepth=" +
                       std::to_string(options.number("search.limit"));
  auto add = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    target.append("&query.").append(name).append("=").append(net::percent_encoded(value));
  };
  UnixNanos now = line.world.now();
  uint64_t since = options.number("search.since");
  add("startTimeMin", to_rfc3339(UnixNanos{now.value - std::min(now.value, since)}));
  add("startTimeMax", to_rfc3339(UnixNanos{now.value + kNanosPerDay}));
  add("serviceName", options.text("search.service"));
  add("operationName", options.text("search.operation"));
  if (uint64_t nanos = options.number("search.min-duration")) {
    add("durationMin", std::to_string(nanos) + "ns");
  }
  if (uint64_t nanos = options.number("search.max-duration")) {
    add("durationMax", std::to_string(nanos) + "ns");
  }
  if (!options.positional().empty()) {
    SPOOR_ASSIGN(std::string tags, tags_of(options.positional()));
    add("attributes", tags);
  }
  return target;
}

Result<std::string> target_of_query(const CommandLine& line) {
  const Options& options = line.options;
  if (options.positional().size() > 1) {
    return invalid_argument("expected one query in quotes, got also " + options.positional()[1] +
                            "; " + std::string(kUsage));
  }
  bool has_others =
      !options.text("search.service").empty() || !options.text("search.operation").empty() ||
      options.number("search.min-duration") != 0 || options.number("search.max-duration") != 0;
  if (has_others) {
    return invalid_argument(
        "service, operation and durations go with tags; a query says them itself: "
        "{ resource.service.name = \"shop\" && name = \"GET /\" && duration > 1s }");
  }
  const uint64_t now = line.world.now().value;
  const uint64_t since = options.number("search.since");
  return "/select/tempo/api/search?limit=" + std::to_string(options.number("search.limit")) +
         "&start=" + to_rfc3339(UnixNanos{now - std::min(now, since)}) +
         "&end=" + to_rfc3339(UnixNanos{now + kNanosPerDay}) +
         "&q=" + net::percent_encoded(options.positional()[0]);
}

// "3:17:" at the colon between the two numbers.
struct Place {
  uint32_t line = 0;
  uint32_t column = 0;
};
std::optional<Place> place_at(std::string_view message, size_t colon) {
  size_t begin = colon;
  while (begin > 0 && message[begin - 1] >= '0' && message[begin - 1] <= '9') --begin;
  Place place;
  const char* end = message.data() + message.size();
  auto line = std::from_chars(message.data() + begin, message.data() + colon, place.line);
  auto column = std::from_chars(message.data() + colon + 1, end, place.column);
  bool is_place = line.ec == std::errc() && column.ec == std::errc() && column.ptr != end &&
                  *column.ptr == ':' && place.line > 0 && place.column > 0;
  return is_place ? std::optional(place) : std::nullopt;
}

}  // namespace

Result<SearchQuestion> search_question(const CommandLine& line) {
  const std::vector<std::string>& arguments = line.options.positional();
  bool is_query =
      !arguments.empty() && (arguments[0].starts_with('{') || arguments[0].starts_with('('));
  SearchQuestion question;
  if (is_query) {
    question.query = arguments[0];
    SPOOR_ASSIGN(question.target, target_of_query(line));
    question.list_type = "application/protobuf";
    question.decode = wire::decode_tempo_search_proto;
  } else {
    SPOOR_ASSIGN(question.target, target_of_tags(line));
    question.list_type = "application/json";
    question.decode = wire::decode_jaeger_v3_summaries;
  }
  return question;
}

std::string place_in_query(std::string_view query, std::string_view message) {
  std::optional<Place> place;
  for (size_t at = message.find(':'); !place && at != std::string_view::npos;
       at = message.find(':', at + 1)) {
    place = place_at(message, at);
  }
  if (!place) return {};
  for (; place->line > 1; --place->line) {
    size_t end = query.find('\n');
    if (end == std::string_view::npos) return {};
    query.remove_prefix(end + 1);
  }
  std::string_view text = query.substr(0, query.find('\n'));
  // Columns count characters; an error may stand right behind the last.
  if (place->column > text.size() + 1) return {};
  return escape_for_terminal(text) + "\n" + std::string(place->column - 1, ' ') + "^\n";
}

}  // namespace spoor::app
