// Any bytes as a YAML file, as flags and as variables: an answer or an error, never more.
#include <string>
#include <string_view>

#include "app/options.h"
#include "os/memory_world.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  spoor::os::MemoryWorld world;
  auto file = world.open("/c.yaml", spoor::os::OpenMode::CreateNew);
  SPOOR_ASSERT(file.ok() && (*file)->write_at(0, input).ok());

  spoor::app::OptionInput from_file{{"--config=/c.yaml"}, {}};
  auto options = spoor::app::Options::load(from_file, world);
  if (options.ok()) {
    // What was accepted prints as a file that is accepted.
    auto effective = world.open("/effective.yaml", spoor::os::OpenMode::CreateNew);
    SPOOR_ASSERT(effective.ok() && (*effective)->write_at(0, options->to_yaml()).ok());
    SPOOR_ASSERT(spoor::app::Options::load({{"--config=/effective.yaml"}, {}}, world).ok());
  }

  spoor::app::OptionInput lines;
  while (!input.empty()) {
    size_t end = std::min(input.find('\n'), input.size());
    std::string line(input.substr(0, end));
    size_t equals = line.find('=');
    bool is_variable = line.starts_with("SPOOR_") && equals != line.npos;
    if (is_variable) {
      lines.environment.emplace_back(line.substr(0, equals), line.substr(equals + 1));
    } else {
      lines.arguments.push_back(line);
    }
    input.remove_prefix(std::min(end + 1, input.size()));
  }
  (void)spoor::app::Options::load(lines, world);
  return 0;
}
