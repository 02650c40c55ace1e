#include "store/part_format.h"

#include "base/assert.h"
#include "base/bytes.h"
#include "base/checksum.h"
#include "store/limits.h"

namespace spoor::store {
namespace {

Status damaged(std::string_view what) {
  return data_loss("part: " + std::string(what));
}

void append_block_ref(std::string& target, const BlockRef& block) {
  append_varint(target, block.offset);
  append_varint(target, block.bytes);
}

BlockRef read_block_ref(ByteReader& reader) {
  BlockRef block;
  block.offset = reader.varint();
  block.bytes = reader.varint();
  return block;
}

// A count of things of which each takes at least `bytes_each`: more than fit is damage.
Result<uint64_t> read_count(ByteReader& reader, size_t bytes_each) {
  uint64_t count = reader.varint();
  if (reader.failed() || count > reader.remaining() / bytes_each) return damaged("bad count");
  return count;
}

}  // namespace

Status decode_services(std::string_view bytes, std::vector<std::string_view>& names,
                       std::vector<uint32_t>& first_resources) {
  ByteReader reader(bytes);
  for (uint64_t count = reader.varint(); count > 0 && !reader.failed(); --count) {
    names.push_back(reader.sized());
    first_resources.push_back(static_cast<uint32_t>(reader.varint()));
  }
  return reader.failed() || !reader.at_end() ? damaged("bad services") : Status();
}

void encode(const SectionFooter& footer, std::string& target) {
  append_varint(target, footer.features);
  append_varint(target, footer.spans);
  append_varint(target, footer.traces);
  append_varint(target, footer.start_min);
  append_varint(target, footer.end_max);
  for (const BlockRef& block :
       {footer.services, footer.scopes, footer.resources, footer.templates, footer.trace_pages,
        footer.index_pages, footer.rollup_names, footer.rollup_pages}) {
    append_block_ref(target, block);
  }
  append_varint(target, footer.dictionaries.size());
  for (const auto& dictionary : footer.dictionaries) {
    append_varint(target, dictionary.column);
    append_varint(target, dictionary.entries);
    append_block_ref(target, dictionary.block);
  }
  append_varint(target, footer.row_groups.size());
  for (const RowGroupRef& group : footer.row_groups) {
    append_varint(target, group.rows);
    append_varint(target, group.start_min);
    append_varint(target, group.end_max);
    append_block_ref(target, group.directory);
    append_block_ref(target, group.templates);
    if ((footer.features & kFeatureListedRows) == 0) continue;
    append_varint(target, group.loose_rows);
    append_varint(target, group.listed_rows_max);
    append_block_ref(target, group.listed_rows);
    append_block_ref(target, group.template_edges);
  }
}

Result<SectionFooter> decode_section_footer(std::string_view bytes) {
  ByteReader reader(bytes);
  SectionFooter footer;
  footer.features = reader.varint();
  // What follows may have another form then.
  if (uint64_t unknown = footer.features & ~kKnownFeatures; unknown != 0 && !reader.failed()) {
    std::string bits;
    for (unsigned bit = 0; bit < 64; ++bit) {
      if ((unknown >> bit & 1) == 0) continue;
      bits += (bits.empty() ? "" : ", ") + std::to_string(bit);
    }
    return unimplemented("features that this version does not know: " + bits +
                         "; open the store with the version that wrote it or a later one");
  }
  footer.spans = reader.varint();
  footer.traces = reader.varint();
  footer.start_min = reader.varint();
  footer.end_max = reader.varint();
  for (BlockRef* block :
       {&footer.services, &footer.scopes, &footer.resources, &footer.templates, &footer.trace_pages,
        &footer.index_pages, &footer.rollup_names, &footer.rollup_pages}) {
    *block = read_block_ref(reader);
  }
  SPOOR_ASSIGN(uint64_t dictionaries, read_count(reader, 4));
  for (uint64_t i = 0; i < dictionaries; ++i) {
    SectionFooter::Dictionary dictionary;
    dictionary.column = static_cast<uint32_t>(reader.varint());
    dictionary.entries = static_cast<uint32_t>(reader.varint());
    dictionary.block = read_block_ref(reader);
    footer.dictionaries.push_back(dictionary);
  }
  SPOOR_ASSIGN(uint64_t groups, read_count(reader, 7));
  for (uint64_t i = 0; i < groups; ++i) {
    RowGroupRef group;
    group.rows = static_cast<uint32_t>(reader.varint());
    group.start_min = reader.varint();
    group.end_max = reader.varint();
    group.directory = read_block_ref(reader);
    group.templates = read_block_ref(reader);
    if ((footer.features & kFeatureListedRows) != 0) {
      group.loose_rows = static_cast<uint32_t>(reader.varint());
      group.listed_rows_max = static_cast<uint32_t>(reader.varint());
      group.listed_rows = read_block_ref(reader);
      group.template_edges = read_block_ref(reader);
    }
    if (group.rows == 0 || group.rows > kRowGroupRows) return damaged("bad row group");
    footer.row_groups.push_back(group);
  }
  if (reader.failed() || !reader.at_end()) return damaged("bad section footer");
  return footer;
}

void encode(const RowGroupDirectory& directory, uint32_t vectors, std::string& target) {
  append_varint(target, directory.chunks.size());
  uint32_t last_column = 0;
  for (const ColumnChunk& chunk : directory.chunks) {
    SPOOR_ASSERT(chunk.values_of_vector.size() == vectors);
    append_varint(target, chunk.column - last_column);
    last_column = chunk.column;
    append_varint(target, chunk.offset);
    for (uint32_t values : chunk.values_of_vector) append_varint(target, values);
    append_varint(target, chunk.pages.size());
    for (const PageRef& page : chunk.pages) {
      append_varint(target, page.values);
      append_varint(target, page.bytes);
    }
    append_sized(target, chunk.context);
    append_varint(target, chunk.filter_bytes);
  }
  SPOOR_ASSERT(directory.start_spreads.empty() || directory.start_spreads.size() == vectors);
  for (uint64_t spread : directory.start_spreads) append_varint(target, spread);
}

Result<RowGroupDirectory> decode_row_group(std::string_view bytes, uint32_t vectors) {
  ByteReader reader(bytes);
  SPOOR_ASSIGN(uint64_t count, read_count(reader, 5));
  RowGroupDirectory directory;
  directory.chunks.resize(count);
  uint64_t column = 0;
  for (ColumnChunk& chunk : directory.chunks) {
    column += reader.varint();
    chunk.column = static_cast<uint32_t>(column);
    chunk.offset = reader.varint();
    uint64_t of_vectors = 0, of_pages = 0;
    for (uint32_t v = 0; v < vectors; ++v) {
      chunk.values_of_vector.push_back(static_cast<uint32_t>(reader.varint()));
      of_vectors += chunk.values_of_vector.back();
    }
    SPOOR_ASSIGN(uint64_t pages, read_count(reader, 2));
    for (uint64_t i = 0; i < pages; ++i) {
      PageRef page;
      page.values = static_cast<uint32_t>(reader.varint());
      page.bytes = static_cast<uint32_t>(reader.varint());
      if (page.values == 0 || page.values > kVectorRows) return damaged("bad page");
      of_pages += page.values;
      chunk.pages.push_back(page);
    }
    chunk.context = reader.sized();
    chunk.filter_bytes = static_cast<uint32_t>(reader.varint());
    if (of_vectors != of_pages) return damaged("pages and vectors disagree");
  }
  if (!reader.failed() && !reader.at_end()) {
    for (uint32_t v = 0; v < vectors; ++v) directory.start_spreads.push_back(reader.varint());
  }
  if (reader.failed() || !reader.at_end()) return damaged("bad row group directory");
  return directory;
}

void encode(const PartFooter& footer, std::string& target) {
  append_varint(target, footer.generation);
  append_varint(target, footer.log_floor.value);
  append_varint(target, footer.sections.size());
  for (const PartSection& section : footer.sections) {
    append_varint(target, section.tenant);
    append_sized(target, section.tenant_name);
    append_varint(target, section.id);
    append_varint(target, section.offset);
    append_varint(target, section.bytes);
    append_block_ref(target, section.footer);
    append_varint(target, section.spans);
    append_varint(target, section.traces);
    append_varint(target, section.start_min);
    append_varint(target, section.end_max);
  }
}

Result<PartFooter> decode_part_footer(std::string_view bytes) {
  ByteReader reader(bytes);
  PartFooter footer;
  footer.generation = reader.varint();
  footer.log_floor.value = reader.varint();
  SPOOR_ASSIGN(uint64_t sections, read_count(reader, 11));
  for (uint64_t i = 0; i < sections; ++i) {
    PartSection section;
    section.tenant = static_cast<uint32_t>(reader.varint());
    section.tenant_name = reader.sized();
    section.id = reader.varint();
    section.offset = reader.varint();
    section.bytes = reader.varint();
    section.footer = read_block_ref(reader);
    section.spans = reader.varint();
    section.traces = reader.varint();
    section.start_min = reader.varint();
    section.end_max = reader.varint();
    footer.sections.push_back(std::move(section));
  }
  if (reader.failed() || !reader.at_end()) return damaged("bad part footer");
  return footer;
}

std::string encode_part_header(PartId id, Day day) {
  std::string header(kPartMagic);
  append_le(header, kPartVersion);
  append_le(header, day.value);
  append_le(header, id.value);
  append_le(header, uint32_t{0});
  append_le(header, crc32c_at_place(id.value, 0, header));
  SPOOR_ASSERT(header.size() == kPartHeaderBytes);
  return header;
}

Status check_part_header(std::string_view bytes, PartId id, Day day) {
  SPOOR_ASSERT(bytes.size() == kPartHeaderBytes);
  if (!bytes.starts_with(kPartMagic)) return damaged("not a part file");
  uint32_t version = load_le<uint32_t>(bytes.data() + 8);
  std::string_view covered = bytes.substr(0, kPartHeaderBytes - kChecksumBytes);
  uint32_t checksum = load_le<uint32_t>(bytes.data() + covered.size());
  if (checksum == crc32c_at_place(id.value, 0, covered) && version != kPartVersion) {
    return unimplemented("part: expected format version " + std::to_string(kPartVersion) +
                         ", got " + std::to_string(version) + "; open it with a newer spoor");
  }
  if (bytes != encode_part_header(id, day)) return damaged("header does not match its name");
  return {};
}

std::string encode_part_trailer(PartId id, const PartTrailer& trailer, uint64_t trailer_offset) {
  std::string bytes;
  append_le(bytes, trailer.footer.offset);
  append_le(bytes, static_cast<uint32_t>(trailer.footer.bytes));
  append_le(bytes, uint32_t{0});
  append_le(bytes, id.value);
  append_le(bytes, crc32c_at_place(id.value, trailer_offset, bytes));
  bytes.append(kPartTrailerMagic);
  SPOOR_ASSERT(bytes.size() == kPartTrailerBytes);
  return bytes;
}

Result<PartTrailer> decode_part_trailer(std::string_view bytes, PartId id,
                                        uint64_t trailer_offset) {
  SPOOR_ASSERT(bytes.size() == kPartTrailerBytes);
  PartTrailer trailer;
  trailer.footer.offset = load_le<uint64_t>(bytes.data());
  trailer.footer.bytes = load_le<uint32_t>(bytes.data() + 8);
  if (bytes != encode_part_trailer(id, trailer, trailer_offset)) return damaged("bad trailer");
  return trailer;
}

}  // namespace spoor::store
