#include "app/options.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "app/options_yaml.h"
#include "os/memory_world.h"
#include "os/real_world.h"

namespace spoor::app {
namespace {

using Arguments = std::vector<std::string>;
using Environment = std::vector<std::pair<std::string, std::string>>;

class OptionsTest : public testing::Test {
 protected:
  Result<Options> load(const Arguments& arguments, const Environment& environment = {}) {
    return Options::load({arguments, environment}, world_);
  }
  std::string error(const Arguments& arguments, const Environment& environment = {}) {
    auto options = load(arguments, environment);
    if (options.ok()) return "ok";
    EXPECT_EQ(options.status().code(), Code::InvalidArgument);
    return options.status().message();
  }
  void write_file(const std::string& path, std::string_view content) {
    auto file = world_.open(path, os::OpenMode::CreateNew);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE((*file)->write_at(0, content).ok());
  }
  std::string error_in_file(std::string_view content) {
    if (*world_.exists("/c.yaml")) {
      EXPECT_TRUE(world_.remove_file("/c.yaml").ok());
    }
    write_file("/c.yaml", content);
    return error({"--config=/c.yaml"});
  }

  os::MemoryWorld world_;
};

TEST_F(OptionsTest, defaults_stand_when_nothing_is_said) {
  auto options = load({});
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->text("storage.path"), "./spoor-data");
  EXPECT_EQ(options->number("storage.flush-age"), 5 * kNanosPerMinute);
  EXPECT_EQ(options->number("limits.request-bytes"), 64u << 20);
  EXPECT_EQ(options->number("listen.http-port"), 10428u);
  EXPECT_EQ(options->text("listen.host"), "127.0.0.1");
  EXPECT_EQ(options->choice_nanos("wal.sync"), std::nullopt);
  EXPECT_TRUE(options->list("cors.origins").empty());
  EXPECT_EQ(options->source("storage.path"), OptionSource::Default);
  EXPECT_FALSE(options->help_requested());
}

TEST_F(OptionsTest, the_three_forms_set_the_same_option) {
  write_file("/c.yaml", "storage:\n  path: x\n");
  write_file("/d.yaml", "storage.path: x\n");
  for (const auto& [arguments, environment] :
       std::vector<std::pair<Arguments, Environment>>{{{"--storage.path=x"}, {}},
                                                      {{"--storage.path", "x"}, {}},
                                                      {{}, {{"SPOOR_STORAGE_PATH", "x"}}},
                                                      {{"--config", "/c.yaml"}, {}},
                                                      {{}, {{"SPOOR_CONFIG", "/d.yaml"}}}}) {
    auto options = load(arguments, environment);
    ASSERT_TRUE(options.ok()) << options.status().to_string();
    EXPECT_EQ(options->text("storage.path"), "x");
  }
}

TEST_F(OptionsTest, a_flag_wins_over_environment_over_file_over_default) {
  write_file("/c.yaml", "threads: 1\nlog: {level: debug, format: json}\n");
  Environment environment = {{"SPOOR_THREADS", "2"}, {"SPOOR_LOG_FORMAT", "logfmt"}};
  auto options = load({"--config=/c.yaml", "--threads=3"}, environment);
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->number("threads"), 3u);
  EXPECT_EQ(options->source("threads"), OptionSource::Flag);
  EXPECT_EQ(options->text("log.format"), "logfmt");
  EXPECT_EQ(options->source("log.format"), OptionSource::Environment);
  EXPECT_EQ(options->text("log.level"), "debug");
  EXPECT_EQ(options->source("log.level"), OptionSource::File);
}

TEST_F(OptionsTest, the_last_flag_of_a_name_stands_and_other_arguments_keep_their_order) {
  auto options = load({"a", "--threads=1", "b", "--threads", "2", "-h", "--", "--c"});
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->number("threads"), 2u);
  EXPECT_EQ(options->positional(), (Arguments{"a", "b", "--c"}));
  EXPECT_TRUE(options->help_requested());
}

TEST_F(OptionsTest, a_command_takes_its_own_options_without_their_prefix) {
  auto options = Options::load({{"--spans=5", "--load.batch=7"}, {}, "load"}, world_);
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->number("load.spans"), 5u);
  EXPECT_EQ(options->number("load.batch"), 7u);
  EXPECT_FALSE(Options::load({{"--spans=5"}, {}, "serve"}, world_).ok());
  EXPECT_FALSE(load({"--spans=5"}).ok());
}

TEST_F(OptionsTest, an_unknown_name_is_refused_with_the_nearest_one) {
  EXPECT_EQ(error({"--storage.pth=x"}),
            "unknown option --storage.pth; did you mean --storage.path?");
  EXPECT_EQ(error({"-storage.path=x"}),
            "unknown option -storage.path; did you mean --storage.path?");
  EXPECT_EQ(error({"--wholly-different-thing"}),
            "unknown option --wholly-different-thing; spoor --help lists the options");
  EXPECT_EQ(error({}, {{"SPOOR_STORAGE_PTH", "x"}}),
            "unknown environment variable SPOOR_STORAGE_PTH; did you mean SPOOR_STORAGE_PATH?");
  EXPECT_EQ(error_in_file("storage:\n  head-bytes: 1MiB\n  pth: x\n"),
            "/c.yaml:3: unknown option storage.pth; did you mean storage.path?");
  EXPECT_NE(error_in_file("config: other.yaml\n"), "ok");
}

TEST_F(OptionsTest, a_bad_value_names_option_form_and_value) {
  EXPECT_EQ(error({"--listen.http-port=65536"}),
            "--listen.http-port: expected a whole number from 0 to 65535, got \"65536\"");
  EXPECT_EQ(error({"--listen.http-port=65535"}), "ok");
  EXPECT_EQ(error({"--storage.flush-age", "soon"}),
            "--storage.flush-age: expected a duration such as 10s or 1h30m from 1s to 1d, "
            "got \"soon\"");
  EXPECT_EQ(error({}, {{"SPOOR_LOG_FORMAT", "xml"}}),
            "SPOOR_LOG_FORMAT: expected one of text, logfmt, json, got \"xml\"");
  EXPECT_EQ(error_in_file("\nmemory: {limit: lots}\n"),
            "/c.yaml:2: memory.limit: expected a size such as 64MiB, got \"lots\"");
  EXPECT_EQ(error({"--storage.path="}),
            "--storage.path: expected a text that is not empty, got \"\"");
  EXPECT_EQ(error({"--cors.origins=a,,b"}),
            "--cors.origins: expected a list separated by commas, got \"a,,b\"");
  EXPECT_EQ(error({"--storage.path"}),
            "--storage.path: expected a text that is not empty, got nothing");
}

TEST_F(OptionsTest, a_bad_value_is_refused_even_where_a_better_one_would_win) {
  EXPECT_NE(error({"--threads=1"}, {{"SPOOR_THREADS", "many"}}), "ok");
}

TEST_F(OptionsTest, wal_sync_is_a_word_or_an_interval) {
  EXPECT_EQ(load({"--wal.sync=interval:1s"})->choice_nanos("wal.sync"), kNanosPerSecond);
  for (const char* bad : {"interval", "interval:", "interval:0", "interval:x", "never", ""}) {
    EXPECT_NE(error({std::string("--wal.sync=") + bad}), "ok") << bad;
  }
}

TEST_F(OptionsTest, foreign_and_empty_variables_are_passed_over) {
  EXPECT_EQ(error({}, {{"PATH", "/bin"}, {"SPOOR_THREADS", ""}, {"XSPOOR_A", "b"}}), "ok");
}

TEST_F(OptionsTest, variables_of_a_kubernetes_service_named_spoor_are_passed_over) {
  Environment service = {{"SPOOR_SERVICE_HOST", "10.0.0.1"},
                         {"SPOOR_SERVICE_PORT_OTLP", "4317"},
                         {"SPOOR_PORT", "tcp://10.0.0.1:4317"},
                         {"SPOOR_PORT_4317_TCP_PROTO", "tcp"}};
  EXPECT_NE(error({}, service), "ok");
  service.emplace_back("KUBERNETES_SERVICE_HOST", "10.0.0.2");
  EXPECT_EQ(error({}, service), "ok");
  service.emplace_back("SPOOR_STORAGE_PTH", "x");
  EXPECT_NE(error({}, service), "ok");
}

TEST_F(OptionsTest, in_a_container_all_addresses_are_listened_on) {
  EXPECT_EQ(load({}, {{"KUBERNETES_SERVICE_HOST", "10.0.0.2"}})->text("listen.host"), "0.0.0.0");
  write_file("/.dockerenv", "");
  EXPECT_EQ(load({})->text("listen.host"), "0.0.0.0");
  EXPECT_EQ(load({"--listen.host=127.0.0.1"})->text("listen.host"), "127.0.0.1");
}

TEST_F(OptionsTest, a_list_is_commas_or_a_yaml_sequence) {
  Arguments expected = {"http://a", "http://b"};
  EXPECT_EQ(load({"--cors.origins=http://a,http://b"})->list("cors.origins"), expected);
  write_file("/c.yaml", "cors: {origins: [\"http://a\", \"http://b\"]}\n");
  EXPECT_EQ(load({"--config=/c.yaml"})->list("cors.origins"), expected);
}

TEST_F(OptionsTest, a_file_that_is_no_configuration_is_refused_with_its_line) {
  EXPECT_EQ(error_in_file("storage:\n  path: [a\n").substr(0, 10), "/c.yaml:3:");
  EXPECT_EQ(error_in_file("- a\n"), "/c.yaml:1: expected keys and values");
  EXPECT_EQ(error_in_file("storage:\n  path:\n"), "/c.yaml:2: expected a value for storage.path");
  EXPECT_EQ(error_in_file("cors:\n  origins: [[a]]\n"),
            "/c.yaml:2: expected plain values in the list cors.origins");
  EXPECT_EQ(error_in_file("threads: 1\nthreads: 1\n"), "/c.yaml:2: threads is given twice");
  EXPECT_EQ(error_in_file("[a]: 1\n"), "/c.yaml:1: expected a plain key");
  EXPECT_EQ(error_in_file(""), "ok");
  EXPECT_EQ(load({"--config=/none.yaml"}).status().code(), Code::NotFound);
}

TEST_F(OptionsTest, a_file_has_limits) {
  std::string deep;
  for (int i = 0; i < kYamlDepthMax; ++i) deep += std::string(i, ' ') + "a:\n";
  EXPECT_NE(error_in_file(deep + std::string(kYamlDepthMax, ' ') + "a: 1\n").find("nested more"),
            std::string::npos);
  std::string many;
  for (size_t i = 0; i <= kYamlEntriesMax; ++i) many += "k" + std::to_string(i) + ": 1\n";
  EXPECT_NE(error_in_file(many).find("more than 1000 options"), std::string::npos);
  std::string bombs = "a: &a [x, x, x, x, x, x, x, x]\n";
  EXPECT_NE(error_in_file(bombs + "b: &b [*a, *a, *a]\nc: [*b, *b]\n"), "ok");
  EXPECT_FALSE(flatten_yaml(std::string(kYamlBytesMax + 1, ' ')).ok());
  EXPECT_FALSE(flatten_yaml(std::string(100'000, '[')).ok());
}

TEST_F(OptionsTest, the_effective_configuration_is_a_file_that_gives_the_same) {
  auto options = load({"--storage.path=a b: \"c\"", "--cors.origins=http://a,*"},
                      {{"SPOOR_WAL_SYNC", "interval:1s"}});
  ASSERT_TRUE(options.ok());
  std::string yaml = options->to_yaml();
  EXPECT_NE(yaml.find("storage.path: \"a b: \\\"c\\\"\"              # flag --storage.path\n"),
            std::string::npos)
      << yaml;
  EXPECT_NE(yaml.find("wal.sync: \"interval:1s\"                 # environment SPOOR_WAL_SYNC\n"),
            std::string::npos);
  EXPECT_NE(yaml.find("threads: 0                              # default\n"), std::string::npos);
  write_file("/effective.yaml", yaml);
  auto again = load({"--config=/effective.yaml"});
  ASSERT_TRUE(again.ok()) << again.status().to_string();
  for (const OptionSpec& spec : option_table()) {
    if (spec.name == "config") continue;
    EXPECT_EQ(again->text(spec.name), options->text(spec.name));
  }
}

TEST_F(OptionsTest, booleans_are_flags_alone_or_words) {
  constexpr OptionSpec table[] = {{"b", OptionType::Boolean, "false", "G", "help"}};
  auto with = [&](const Arguments& arguments) {
    return Options::load({arguments, {}}, world_, table);
  };
  EXPECT_FALSE(with({})->boolean("b"));
  EXPECT_TRUE(with({"--b"})->boolean("b"));
  EXPECT_FALSE(with({"--b", "--b=false"})->boolean("b"));
  EXPECT_FALSE(with({"--b=yes"}).ok());
}

TEST(OptionTable, every_option_has_its_text_and_help_shows_it) {
  std::string help = options_help();
  for (const OptionSpec& spec : option_table()) {
    EXPECT_FALSE(spec.help.empty() || spec.help.ends_with('.')) << spec.name;
    EXPECT_NE(help.find("--" + std::string(spec.name)), std::string::npos);
  }
  for (size_t at = 0; at < help.size();) {
    size_t end = help.find('\n', at);
    EXPECT_LE(end - at, 100u);
    at = end + 1;
  }
}

TEST(OptionTable, the_reference_page_is_the_table) {
  os::RealWorld world;
  auto page = os::read_file(world, SPOOR_SOURCE_DIR "/docs/reference.md", 1 << 20);
  ASSERT_TRUE(page.ok()) << page.status().to_string();
  EXPECT_EQ(*page, options_reference()) << "write it anew: spoor config --reference";
}

TEST(ParseSize, takes_both_families_of_units) {
  EXPECT_EQ(*parse_size_bytes("0"), 0u);
  EXPECT_EQ(*parse_size_bytes("4096B"), 4096u);
  EXPECT_EQ(*parse_size_bytes("64MiB"), 64u << 20);
  EXPECT_EQ(*parse_size_bytes("1.5GiB"), 1536u << 20);
  EXPECT_EQ(*parse_size_bytes("2TB"), 2'000'000'000'000u);
  EXPECT_EQ(*parse_size_bytes("18446744073709551615"), UINT64_MAX);
  for (const char* bad : {"", "MiB", "-1", "1 MiB", "1mib", "1.2.3MiB", "18446744073709551616",
                          "17179869184GiB", "1e3", "0x10", "."}) {
    EXPECT_FALSE(parse_size_bytes(bad).ok()) << bad;
  }
}

TEST(Environment, of_this_process_has_its_variables) {
  ASSERT_EQ(setenv("SPOOR_TEST_ONLY", "a=b", 1), 0);
  std::pair<std::string, std::string> expected("SPOOR_TEST_ONLY", "a=b");
  auto all = process_environment();
  EXPECT_NE(std::find(all.begin(), all.end(), expected), all.end());
  unsetenv("SPOOR_TEST_ONLY");
}

}  // namespace
}  // namespace spoor::app
