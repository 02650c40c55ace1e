#include "wire/tempo_series.h"

#include "wire/json_fields.h"

namespace spoor::wire {
namespace {

constexpr uint32_t kJsonDepthMax = 80;  // values of labels may be nested

// The text of an AnyValue: that of a string without its quotes, JSON of everything else.
bool read_value(JsonReader& reader, const JsonField& field, std::string& target) {
  if (!field.present) return true;
  simdjson::dom::object value;
  if (field.value.get(value) != simdjson::SUCCESS) return reader.wrong(field, "an object");
  for (auto [type, content] : value) {
    std::string_view text;
    target = content.get(text) == simdjson::SUCCESS ? std::string(text)
                                                    : std::string(simdjson::minify(content));
  }
  return true;
}

bool read_label(JsonReader& reader, JsonElement element, ListedSeries& series) {
  static constexpr std::array<JsonName, 2> kNames = {{{"key", "key"}, {"value", "value"}}};
  JsonFields<kNames.size()> fields;
  std::string_view key;
  std::string value;
  bool read = reader.object(element, kNames, fields) && reader.text(fields[0], key) &&
              read_value(reader, fields[1], value);
  if (read) series.labels.emplace_back(key, std::move(value));
  return read;
}

bool read_point(JsonReader& reader, JsonElement element, ListedSeries& series) {
  static constexpr std::array<JsonName, 2> kNames = {
      {{"timestampMs", "timestamp_ms"}, {"value", "value"}}};
  JsonFields<kNames.size()> fields;
  ListedSeries::Point& point = series.points.emplace_back();
  return reader.object(element, kNames, fields) && reader.int64(fields[0], point.time_ms) &&
         reader.number(fields[1], point.value);
}

bool read_series(JsonReader& reader, JsonElement element, ListedSeries& series) {
  static constexpr std::array<JsonName, 2> kNames = {
      {{"labels", "labels"}, {"samples", "samples"}}};
  JsonFields<kNames.size()> fields;
  return reader.object(element, kNames, fields) && reader.each(fields[0], [&](JsonElement label) {
    return read_label(reader, label, series);
  }) && reader.each(fields[1], [&](JsonElement point) {
    return read_point(reader, point, series);
  });
}

}  // namespace

Result<ListedMetrics> decode_tempo_query_range(std::string_view json) {
  simdjson::dom::parser parser;
  JsonElement root;
  SPOOR_TRY(parse_json(json, kJsonDepthMax, parser, root));
  static constexpr std::array<JsonName, 2> kNames = {
      {{"series", "series"}, {"message", "message"}}};
  JsonReader reader;
  JsonFields<kNames.size()> fields;
  ListedMetrics metrics;
  std::string_view message;
  bool read = reader.object(root, kNames, fields) && reader.text(fields[1], message) &&
              reader.each(fields[0], [&](JsonElement element) {
                return read_series(reader, element, metrics.series.emplace_back());
              });
  if (!read) return reader.error();
  metrics.message = message;
  return metrics;
}

}  // namespace spoor::wire
