#include "store/dump.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "store/file_names.h"
#include "store/limits.h"
#include "store/log_reader.h"
#include "store/manifest.h"
#include "store/recovery.h"
#include "store/section_reader.h"
#include "store/section_rollups.h"

namespace spoor::store {
namespace {

constexpr std::array<std::string_view, kFixedColumns> kFixedNames = {
    "span template", "event template", "link template", "resource", "span id",
    "start",         "duration",       "depth",         "parent id"};
constexpr std::array<std::string_view, kTables> kTableNames = {"span", "event", "link"};
constexpr std::array<std::string_view, kFieldKinds> kKindNames = {
    "attribute",          "attribute list", "name",
    "trace state",        "flags",          "status message",
    "dropped attributes", "dropped events", "dropped links",
    "event count",        "link count",     "time",
    "link trace id",      "link span id"};
constexpr std::array<std::string_view, 9> kTypeNames = {"absent", "empty", "string", "bool", "int",
                                                        "double", "bytes", "array",  "list"};
constexpr std::array<std::string_view, 4> kPageNames = {"integers", "doubles", "text", "ids"};

std::string number(uint64_t value) {
  return std::to_string(value);
}

std::string per_span(uint64_t bytes, uint64_t spans) {
  char text[32];
  double ratio = spans == 0 ? 0.0 : static_cast<double>(bytes) / static_cast<double>(spans);
  std::snprintf(text, sizeof text, "%.3f", ratio);
  return text;
}

std::string padded(std::string text, size_t width) {
  if (text.size() < width) text.insert(0, width - text.size(), ' ');
  return text;
}

// Names come from senders: nothing in them may move the cursor of a terminal.
std::string printable(std::string_view text) {
  std::string result;
  for (char c : text) {
    bool plain = static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
    result.push_back(plain ? c : '?');
  }
  return result;
}

// What one kind of bytes takes, over row groups, sections and parts.
struct Usage {
  uint64_t bytes = 0;  // with checksums
  uint64_t values = 0;
  uint64_t pages = 0;
  std::string encoding;

  void add(const Usage& other) {
    bytes += other.bytes;
    values += other.values;
    pages += other.pages;
    if (encoding.empty()) encoding = other.encoding;
    if (encoding != other.encoding) encoding = "mixed";
  }
};
using UsageByName = std::map<std::string, Usage>;

class StoreDump {
 public:
  StoreDump(os::World& world, const std::string& root, const TextSink& sink)
      : world_(world), root_(root), sink_(sink) {}

  Status run() {
    SPOOR_TRY(world_.list_directory(root_).status());
    Result<LoadedManifest> loaded = find_manifest(world_, root_);
    if (loaded.ok()) {
      manifest_ = std::move(loaded->manifest);
      dump_manifest(loaded->rebuilt, loaded->unreadable);
      for (const ManifestPart& part : manifest_.parts) dump_part(part);
      dump_usage("all parts", total_, total_spans_);
    } else {
      wrong(loaded.status());
    }
    dump_log();
    return {};
  }

 private:
  void line(const std::string& text) { sink_(text + "\n"); }
  void wrong(const Status& status) { line("  ! " + printable(status.message())); }

  void dump_manifest(bool rebuilt, const std::vector<std::string>& unreadable) {
    line("store " + root_);
    line("manifest " + number(manifest_.generation) +
         (rebuilt ? ", rebuilt from parts because the newest cannot be read" : ""));
    for (const std::string& path : unreadable) line("  ! cannot be read: " + path);
    line("  log floor " + to_string(manifest_.log_floor) + ", next part " +
         number(manifest_.next_part));
    for (const auto& [id, name] : manifest_.tenants) line("  tenant " + number(id) + " " + name);
    for (const ManifestPart& part : manifest_.parts) {
      line("  part " + number(part.id.value) + " of " + to_string(part.day) + ", " +
           number(part.size_bytes) + " bytes, " + number(part.spans) + " spans");
    }
  }

  void dump_part(const ManifestPart& place) {
    std::string path = part_path(root_, place.day, place.id);
    line("part " + path);
    auto file = PartFile::open(world_, path, place.id, place.day);
    if (!file.ok()) return wrong(file.status());
    const PartFooter& footer = (*file)->footer();
    line("  generation " + number(footer.generation) + ", log floor " +
         to_string(footer.log_floor) + ", " + number((*file)->size_bytes()) + " bytes");
    for (const PartSection& section : footer.sections) dump_section(*file, section);
  }

  void dump_section(const std::shared_ptr<const PartFile>& file, const PartSection& section) {
    line("  section of tenant " + number(section.tenant) + " " + printable(section.tenant_name) +
         ": " + number(section.bytes) + " bytes, " + number(section.spans) + " spans, " +
         number(section.traces) + " traces, " + to_rfc3339(UnixNanos{section.start_min}) + " to " +
         to_rfc3339(UnixNanos{section.end_max}));
    auto reader = SectionReader::open(file, section);
    if (!reader.ok()) return wrong(reader.status());
    line("    features: " + number((*reader)->footer().features));
    auto metadata = (*reader)->metadata();
    if (!metadata.ok()) return wrong(metadata.status());
    const auto& templates = (*metadata)->templates;
    line("    templates: " + number(templates[0].size()) + " of spans, " +
         number(templates[1].size()) + " of events, " + number(templates[2].size()) +
         " of links; " + number((*metadata)->columns.size()) + " columns, " +
         number((*metadata)->services.size()) + " services, " +
         number((*metadata)->resources.size()) + " resources, " +
         number((*metadata)->scopes.size()) + " scopes, " +
         number((*reader)->footer().row_groups.size()) + " row groups");
    UsageByName usage;
    add_blocks(**reader, usage);
    for (const RowGroupRef& group : (*reader)->footer().row_groups) {
      Status added = add_row_group(file, section, **metadata, group, usage);
      if (!added.ok()) wrong(added);
    }
    dump_usage("section", usage, section.spans);
    for (const auto& [name, entry] : usage) total_[name].add(entry);
    total_spans_ += section.spans;
  }

  static void add_block(const BlockRef& block, uint64_t values, const std::string& encoding,
                        Usage& usage) {
    usage.add({block.bytes + kChecksumBytes, values, 1, encoding});
  }

  // All but the columns.
  void add_blocks(SectionReader& reader, UsageByName& usage) {
    const SectionFooter& footer = reader.footer();
    add_block(footer.services, 0, "block", usage["(services)"]);
    add_block(footer.scopes, 0, "block", usage["(scopes)"]);
    add_block(footer.resources, 0, "block", usage["(resources)"]);
    add_block(footer.templates, 0, "block", usage["(templates)"]);
    for (const auto& dictionary : footer.dictionaries) {
      add_block(dictionary.block, dictionary.entries, "block", usage["(dictionaries)"]);
    }
    add_block(reader.section().footer, 0, "plain", usage["(section footer)"]);
    add_block(footer.trace_pages, 0, "plain", usage["(trace table)"]);
    add_block(footer.index_pages, 0, "plain", usage["(trace index)"]);
    auto directories = reader.directories();
    if (!directories.ok()) return wrong(directories.status());
    for (const BlockRef& page : (*directories)->trace_pages) {
      add_block(page, 0, "plain", usage["(trace table)"]);
    }
    for (const BlockRef& page : (*directories)->index_pages) {
      add_block(page, 0, "plain", usage["(trace index)"]);
    }
    add_rollups(reader, usage);
    usage["(trace table)"].values = (*directories)->traces;
    usage["(trace index)"].values = (*directories)->traces;
  }

  void add_rollups(SectionReader& reader, UsageByName& usage) {
    auto rollups = reader.rollups();
    if (!rollups.ok()) return wrong(rollups.status());
    const RollupDirectory& directory = (*rollups)->directory();
    add_block(reader.footer().rollup_names, (*rollups)->operations().size(), "block",
              usage["(rollup names)"]);
    add_block(reader.footer().rollup_pages, 0, "plain", usage["(rollup directory)"]);
    for (const RollupPage& page : directory.operations) {
      add_block(page.block, page.cells, "block", usage["(rollups of operations)"]);
    }
    for (const RollupPage& page : directory.edges) {
      add_block(page.block, page.cells, "block", usage["(rollups of edges)"]);
    }
  }

  static std::string column_name(const SectionMetadata& metadata, uint32_t column) {
    if (column < kFixedColumns) return std::string(kFixedNames[column]);
    const ColumnId& id = metadata.columns[column - kFixedColumns];
    std::string name(kTableNames[static_cast<size_t>(id.table)]);
    name += " " + std::string(kKindNames[static_cast<size_t>(id.kind)]);
    if (id.kind == FieldKind::Attribute) name += " " + printable(id.key);
    return name + " (" + std::string(kTypeNames[static_cast<size_t>(id.type)]) + ")";
  }

  Status add_row_group(const std::shared_ptr<const PartFile>& file, const PartSection& section,
                       const SectionMetadata& metadata, const RowGroupRef& group,
                       UsageByName& usage) {
    uint32_t vectors = vectors_of(group.rows);
    add_block(group.directory, 0, "plain", usage["(row group directories)"]);
    add_block(group.templates, 0, "plain", usage["(row group templates)"]);
    if (group.listed_rows.bytes > 0) {
      add_block(group.listed_rows, 0, "integers", usage["(listed rows)"]);
    }
    if (group.template_edges.bytes > 0) {
      add_block(group.template_edges, 0, "plain", usage["(template edges)"]);
    }
    SPOOR_ASSIGN(std::string directory, file->read_block(section, group.directory));
    SPOOR_ASSIGN(RowGroupDirectory decoded, decode_row_group(directory, vectors));
    for (const ColumnChunk& chunk : decoded.chunks) {
      if (chunk.column >= kFixedColumns + metadata.columns.size()) {
        return data_loss("row group: unknown column " + number(chunk.column));
      }
      Usage of_chunk;
      for (const PageRef& page : chunk.pages) {
        of_chunk.bytes += page.bytes + kChecksumBytes;
        of_chunk.values += page.values;
      }
      of_chunk.pages = chunk.pages.size();
      if (chunk.filter_bytes > 0) {
        usage["(text filters)"].add({chunk.filter_bytes + kChecksumBytes, 0, 1, "plain"});
      }
      bool coded = chunk.column >= kFixedColumns &&
                   metadata.has_dictionary[chunk.column - kFixedColumns] != 0;
      of_chunk.encoding =
          coded ? "codes" : kPageNames[static_cast<size_t>(metadata.page_type(chunk.column))];
      usage[column_name(metadata, chunk.column)].add(of_chunk);
    }
    return {};
  }

  // Largest first.
  void dump_usage(const std::string& title, const UsageByName& usage, uint64_t spans) {
    std::vector<std::pair<std::string, Usage>> entries(usage.begin(), usage.end());
    std::ranges::stable_sort(entries, std::greater<>(),
                             [](const auto& entry) { return entry.second.bytes; });
    uint64_t bytes = 0;
    for (const auto& [name, entry] : entries) bytes += entry.bytes;
    line("    bytes of " + title + ": " + number(bytes) + " for " + number(spans) + " spans, " +
         per_span(bytes, spans) + " a span");
    line("         bytes   a span     values  pages  encoding  column");
    for (const auto& [name, entry] : entries) {
      line("    " + padded(number(entry.bytes), 10) + padded(per_span(entry.bytes, spans), 9) +
           padded(number(entry.values), 11) + padded(number(entry.pages), 7) + "  " +
           entry.encoding + std::string(10 - std::min<size_t>(entry.encoding.size(), 9), ' ') +
           name);
    }
  }

  void dump_log() {
    line("log from " + to_string(manifest_.log_floor));
    ReadLogOptions reading;
    reading.floor = manifest_.log_floor;
    reading.known_durable = manifest_.log_floor;
    Result<LogScan> scan =
        read_log(world_, root_, reading, [&](const LogRecord& record, LogPosition end) {
          std::string refused;
          if (!record.refused.empty()) refused = ", " + number(record.refused.size()) + " refused";
          line("  record to " + to_string(end) + " of tenant " + printable(record.tenant) +
               ", format " + number(static_cast<uint64_t>(record.format)) + ", encoding " +
               number(record.encoding) + ", " + number(record.body.size()) + " bytes" + refused +
               ", received " + to_rfc3339(record.received));
          return Status();
        });
    if (!scan.ok()) return wrong(scan.status());
    for (const LogScan::Segment& segment : scan->segments) {
      line("  segment " + segment_path(root_, segment.number) + ", " + number(segment.size_bytes) +
           " bytes, used to " + number(segment.end));
    }
    for (const LogDamage& damage : scan->damages) {
      line("  ! damage: " + damage.path + " at " + number(damage.offset) + ", " +
           number(damage.bytes) + " bytes: " + damage.reason);
    }
    for (const LogDamage& torn : scan->torn_tails) {
      line("  not finished: " + torn.path + " at " + number(torn.offset) + ": " + torn.reason);
    }
    line("  " + number(scan->records) + " records, " + number(scan->bytes) + " bytes");
  }

  os::World& world_;
  const std::string root_;
  const TextSink& sink_;
  Manifest manifest_;
  UsageByName total_;
  uint64_t total_spans_ = 0;
};

}  // namespace

Status dump_store(os::World& world, const std::string& root, const TextSink& sink) {
  return StoreDump(world, root, sink).run();
}

}  // namespace spoor::store
