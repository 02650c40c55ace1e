#include "store/section_metadata.h"

#include "base/bytes.h"
#include "codec/block.h"
#include "store/limits.h"
#include "store/row.h"
#include "store/value_codec.h"

namespace spoor::store {
namespace {

Status damaged(std::string_view what) {
  return data_loss("section metadata: " + std::string(what));
}

}  // namespace

PageType SectionMetadata::page_type(uint32_t column) const {
  if (column < kFixedColumns) {
    auto fixed = static_cast<FixedColumn>(column);
    bool is_id = fixed == FixedColumn::SpanId || fixed == FixedColumn::ParentId;
    return is_id ? PageType::Id : PageType::Integer;
  }
  uint32_t field = column - kFixedColumns;
  if (has_dictionary[field] || !is_stored(columns[field].type)) return PageType::Integer;
  return page_type_of(columns[field].type);
}

class SectionMetadata::Loader {
 public:
  Loader(SectionMetadata& target, const PartFile& file, const PartSection& section)
      : target_(target), file_(file), section_(section) {}

  Status load(const SectionFooter& footer) {
    SPOOR_TRY(load_services(footer.services));
    SPOOR_TRY(load_scopes(footer.scopes));
    SPOOR_TRY(load_resources(footer.resources));
    SPOOR_TRY(load_templates(footer.templates));
    for (const auto& dictionary : footer.dictionaries) SPOOR_TRY(load_dictionary(dictionary));
    return check_references();
  }

 private:
  // Views of the result stay valid as long as the metadata lives.
  Result<std::string_view> read(const BlockRef& block) {
    SPOOR_ASSIGN(std::string bytes, file_.read_block(section_, block));
    SPOOR_ASSIGN(std::vector<char> raw, codec::decode_block(bytes, kMetadataBytesMax));
    target_.blocks_.push_back(std::move(raw));
    return std::string_view(target_.blocks_.back().data(), target_.blocks_.back().size());
  }

  Status load_services(const BlockRef& block) {
    SPOOR_ASSIGN(std::string_view bytes, read(block));
    return decode_services(bytes, target_.services, target_.first_resource_of_service);
  }

  Status load_scopes(const BlockRef& block) {
    SPOOR_ASSIGN(std::string_view bytes, read(block));
    ByteReader reader(bytes);
    for (uint64_t count = reader.varint(); count > 0 && !reader.failed(); --count) {
      SPOOR_ASSIGN(Scope scope, decode_scope(reader.sized(), target_.arena_));
      target_.scopes.push_back(scope);
    }
    return reader.failed() || !reader.at_end() ? damaged("bad scopes") : Status();
  }

  Status load_resources(const BlockRef& block) {
    SPOOR_ASSIGN(std::string_view bytes, read(block));
    ByteReader reader(bytes);
    for (uint64_t count = reader.varint(); count > 0 && !reader.failed(); --count) {
      SPOOR_ASSIGN(Resource resource, decode_resource(reader.sized(), target_.arena_));
      target_.resources.push_back(resource);
    }
    return reader.failed() || !reader.at_end() ? damaged("bad resources") : Status();
  }

  Status load_templates(const BlockRef& block) {
    SPOOR_ASSIGN(std::string_view bytes, read(block));
    ByteReader reader(bytes);
    for (uint64_t count = reader.varint(); count > 0 && !reader.failed(); --count) {
      uint8_t table = reader.fixed<uint8_t>();
      uint8_t kind = reader.fixed<uint8_t>();
      uint8_t type = reader.fixed<uint8_t>();
      if (table >= kTables || kind >= kFieldKinds ||
          type > static_cast<uint8_t>(ValueType::KeyValueList)) {
        return damaged("unknown column");
      }
      target_.columns.push_back({static_cast<Table>(table), static_cast<FieldKind>(kind),
                                 static_cast<ValueType>(type), reader.sized()});
    }
    for (auto& of_table : target_.templates) {
      for (uint64_t count = reader.varint(); count > 0 && !reader.failed(); --count) {
        SPOOR_TRY(load_template(reader, of_table.emplace_back()));
      }
    }
    target_.dictionaries.resize(target_.columns.size());
    target_.has_dictionary.resize(target_.columns.size());
    return reader.failed() || !reader.at_end() ? damaged("bad templates") : Status();
  }

  Status load_template(ByteReader& reader, Template& entry) {
    SPOOR_ASSIGN(entry.shape, parse_shape_key(reader.sized()));
    for (const Field& field : entry.shape.fields) {
      TemplateField& kept = entry.fields.emplace_back();
      uint8_t kind = reader.fixed<uint8_t>();
      if (kind > static_cast<uint8_t>(TemplateField::Kind::Column)) {
        return damaged("unknown kind of field");
      }
      kept.kind = static_cast<TemplateField::Kind>(kind);
      if (kept.kind == TemplateField::Kind::Column) {
        kept.column = static_cast<uint32_t>(reader.varint());
        if (kept.column >= target_.columns.size() ||
            target_.columns[kept.column].type != field.type) {
          return damaged("a template names a column that does not fit");
        }
      } else {
        SPOOR_ASSIGN(kept.constant, read_row_value(reader, field.type, target_.arena_));
      }
    }
    return reader.failed() ? damaged("template cut short") : Status();
  }

  Status load_dictionary(const SectionFooter::Dictionary& dictionary) {
    if (dictionary.column >= target_.columns.size()) return damaged("dictionary of no column");
    ValueType type = target_.columns[dictionary.column].type;
    if (!is_stored(type) || page_type_of(type) != PageType::Text ||
        target_.has_dictionary[dictionary.column]) {
      return damaged("dictionary of a column that cannot have one");
    }
    SPOOR_ASSIGN(std::string_view bytes, read(dictionary.block));
    ByteReader reader(bytes);
    auto& values = target_.dictionaries[dictionary.column];
    for (uint32_t i = 0; i < dictionary.entries && !reader.failed(); ++i) {
      values.push_back(reader.sized());
    }
    target_.has_dictionary[dictionary.column] = 1;
    return reader.failed() || !reader.at_end() ? damaged("bad dictionary") : Status();
  }

  Status check_references() {
    for (const Template& entry : target_.templates[static_cast<size_t>(Table::Span)]) {
      if (entry.shape.service >= target_.services.size() ||
          entry.shape.scope >= target_.scopes.size()) {
        return damaged("a template names an unknown service or scope");
      }
    }
    return {};
  }

  SectionMetadata& target_;
  const PartFile& file_;
  const PartSection& section_;
};

Result<std::shared_ptr<const SectionMetadata>> SectionMetadata::load(const PartFile& file,
                                                                     const PartSection& section,
                                                                     const SectionFooter& footer) {
  auto metadata = std::make_shared<SectionMetadata>();
  SPOOR_TRY(Loader(*metadata, file, section).load(footer));
  return std::shared_ptr<const SectionMetadata>(std::move(metadata));
}

}  // namespace spoor::store
