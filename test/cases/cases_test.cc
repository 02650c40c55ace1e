// Runs the files *.case below a directory: spans in, requests, exact answers out.
//
//   cases_test DIRECTORY [--update] [--gtest_filter=...]
//
// A file is read from top to bottom. Lines that begin with `#` and empty lines are for readers.
//
//   > spans              the lines that follow are sent (span_lines.h), and must be accepted
//   > otlp               the lines that follow are an OTLP JSON request, and must be accepted
//   > tenant NAME        of what follows
//   > GET /path?query    a request; of a POST the lines that follow are the body
//   < 200 type/subtype   the answer's status and content type, then each of its other headers
//   < name: value        that a client may care for, then the body to the next `>` or `#`
//
// Compact JSON is shown with line breaks in what is longer than a line, everything else as it is.
// How much a search read, which depends on where spans lie, is left out of its answer.
// Each file runs twice: against the head, and with a flush after everything that was sent. --update
// writes what the head answers into the files.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "api_stack.h"
#include "span_lines.h"

namespace spoor::test {
namespace {

struct Step {
  std::vector<std::string> before;    // comments and empty lines
  std::string directive;              // without "> "
  std::vector<std::string> body;      // lines
  std::vector<std::string> expected;  // lines, from "< " on
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text.append(line).append("\n");
  return text;
}

std::vector<Step> read_steps(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  std::vector<Step> steps(1);
  bool in_body = false, in_answer = false;
  for (const std::string& line : lines_of(text.str())) {
    bool is_directive = line.starts_with("> ");
    if (is_directive || line.starts_with("#") || (line.empty() && in_answer)) {
      if (!steps.back().directive.empty()) steps.emplace_back();
      in_answer = false;
      in_body = is_directive;
      if (is_directive) {
        steps.back().directive = line.substr(2);
      } else {
        steps.back().before.push_back(line);
      }
    } else if (line.starts_with("< ") || in_answer) {
      in_answer = true;
      steps.back().expected.push_back(line);
    } else if (in_body && !line.empty()) {
      steps.back().body.push_back(line);
    } else {
      if (!steps.back().directive.empty()) steps.emplace_back();
      in_body = false;
      steps.back().before.push_back(line);
    }
  }
  return steps;
}

void write_steps(const std::filesystem::path& path, const std::vector<Step>& steps) {
  std::ofstream out(path);
  for (const Step& step : steps) {
    out << joined(step.before);
    if (!step.directive.empty()) out << "> " << step.directive << "\n";
    out << joined(step.body) << joined(step.expected);
  }
}

// The end of the JSON value that begins at `at`.
size_t value_end(std::string_view json, size_t at) {
  int depth = 0;
  for (bool quoted = false; at < json.size(); ++at) {
    char c = json[at];
    if (quoted && c == '\\') ++at;
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (depth == 0 && (c == ',' || c == '}' || c == ']')) return at;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
  }
  return at;
}

// Objects and lists that do not fit into a line get one for each of their members.
void append_readable(std::string& out, std::string_view json, size_t indent) {
  constexpr size_t kColumns = 100;
  size_t colon = json.starts_with('"') ? json.find("\":") : std::string_view::npos;
  size_t open = colon == std::string_view::npos ? 0 : colon + 2;
  bool is_list = open < json.size() && (json[open] == '{' || json[open] == '[');
  out.append(indent, ' ');
  if (!is_list || json.size() + indent <= kColumns) {
    out.append(json);
    return;
  }
  out.append(json.substr(0, open + 1)).append("\n");
  for (size_t at = open + 1; at + 1 < json.size();) {
    size_t end = value_end(json, at);
    append_readable(out, json.substr(at, end - at), indent + 1);
    out.append(end + 1 < json.size() ? ",\n" : "\n");
    at = end + 1;
  }
  out.append(indent, ' ').push_back(json.back());
}

std::string without_counts_of_work(std::string body) {
  if (!body.starts_with("{\"traces\"")) return body;
  for (std::string_view name : {",\"inspectedTraces\":", "\"inspectedTraces\":",
                                ",\"inspectedSpans\":", "\"inspectedSpans\":"}) {
    size_t at = body.rfind(name);
    if (at == std::string::npos) continue;
    size_t end = body.find_first_not_of("\"0123456789", at + name.size());
    // A comma goes with it: the one before, or of the first member the one behind.
    if (name.front() != ',' && body[end] == ',') ++end;
    body.erase(at, end - at);
  }
  return body;
}

std::vector<std::string> shown(const net::Response& response) {
  std::string type(response.find_header("content-type").value_or("none"));
  std::vector<std::string> lines = {"< " + std::to_string(response.status) + " " + type};
  for (const net::Header& header : response.headers) {
    if (header.name != "content-type") lines.push_back("< " + header.name + ": " + header.value);
  }
  bool is_compact = type == "application/json" && response.body.find('\n') == std::string::npos;
  std::string body;
  if (is_compact) {
    append_readable(body, without_counts_of_work(response.body), 0);
  } else {
    body = response.body;
  }
  for (std::string& line : lines_of(body)) lines.push_back(std::move(line));
  if (!is_compact && !body.ends_with('\n')) lines.push_back("< no newline at the end");
  return lines;
}

enum class Mode { Head, Parts };

class CaseRun {
 public:
  CaseRun(Mode mode, bool updates) : mode_(mode), updates_(updates) {}

  void step(Step& step) {
    std::string_view directive = step.directive;
    if (directive.empty()) return;
    SCOPED_TRACE((mode_ == Mode::Head ? "head, > " : "parts, > ") + step.directive);
    if (directive == "spans") return send(otlp_json_of(step.body));
    if (directive == "otlp") return send(joined(step.body));
    if (directive.starts_with("tenant ")) {
      headers_ = {};
      return headers_.add("x-scope-orgid", directive.substr(7));
    }
    size_t space = directive.find(' ');
    net::Method method = net::parse_method(directive.substr(0, space));
    ASSERT_TRUE(space != std::string_view::npos && method != net::Method::Other) << directive;
    net::Response response =
        stack_.request(method, directive.substr(space + 1), joined(step.body), headers_);
    std::vector<std::string> got = shown(response);
    if (updates_ && mode_ == Mode::Head) {
      step.expected = std::move(got);
    } else {
      EXPECT_EQ(joined(got), joined(step.expected));
    }
  }

 private:
  void send(const std::string& json) {
    net::HeaderList headers = headers_;
    headers.add("content-type", "application/json");
    net::Response response = stack_.request(net::Method::Post, "/v1/traces", json, headers);
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(response.body, "{}") << "a partial success";
    if (mode_ == Mode::Parts) {
      EXPECT_TRUE(stack_.flush().ok());
    }
  }

  const Mode mode_;
  const bool updates_;
  ApiStack stack_;
  net::HeaderList headers_;
};

class CaseTest : public testing::Test {
 public:
  CaseTest(std::filesystem::path path, bool updates) : path_(std::move(path)), updates_(updates) {}

  void TestBody() override {
    std::vector<Step> steps = read_steps(path_);
    for (Mode mode : {Mode::Head, Mode::Parts}) {
      CaseRun run(mode, updates_);
      for (Step& step : steps) run.step(step);
    }
    if (updates_) write_steps(path_, steps);
  }

 private:
  const std::filesystem::path path_;
  const bool updates_;
};

// "jaeger" and "legacy_search_limit" of jaeger/legacy_search_limit.case.
void register_cases(const std::filesystem::path& directory, bool updates) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.path().extension() == ".case") paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  for (const std::filesystem::path& path : paths) {
    testing::RegisterTest(path.parent_path().filename().c_str(), path.stem().c_str(), nullptr,
                          nullptr, path.c_str(), 1, [path, updates]() -> testing::Test* {
                            return std::make_unique<CaseTest>(path, updates).release();
                          });
  }
}

}  // namespace
}  // namespace spoor::test

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc < 2) {
    std::fprintf(stderr, "usage: cases_test DIRECTORY [--update]\n");
    return 2;
  }
  bool updates = argc > 2 && std::string_view(argv[2]) == "--update";
  spoor::test::register_cases(argv[1], updates);
  return RUN_ALL_TESTS();
}
