#!/usr/bin/env python3
"""Tests of tools/check: each rule at its limit and one beyond."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from checks import banned, documents, edges, formatting, sizes, words  # noqa: E402
from checks.tree import Tree, strip_cpp  # noqa: E402

TABLE = """
| folder | contract | may include |
|---|---|---|
| `src/base` | ground | — |
| `src/os` | world | base |
| `src/net` | sockets | base os |
"""
OTHER_TABLE = "\n| thread | who | how it ends |\n|---|---|---|\n| flusher | store | at stop |\n"
CMAKE = "spoor_folder(base LINKS)\nspoor_folder(os LINKS base)\nspoor_folder(net LINKS base os)\n"


def tree(files):
    return Tree({"ARCHITECTURE.md": TABLE + OTHER_TABLE, "CMakeLists.txt": CMAKE, **files})


def problems(check, files):
    return list(check.check(tree(files)))


class Strip(unittest.TestCase):
    def test_comments_literals_and_directives_go_and_lines_stay(self):
        code = 'int a = 1\'000; // rand()\nauto s = "new \\" x"; /* a\n b */ char c = \'{\';\n'
        self.assertEqual(strip_cpp(code).split(), "int a = 1'000; auto s = ; char c = ;".split())
        self.assertEqual(strip_cpp(code).count("\n"), code.count("\n"))

    def test_raw_strings_and_continued_directives(self):
        self.assertEqual(strip_cpp('f(R"x({ " )" )x");').split(), ["f(", ");"])
        self.assertEqual(strip_cpp("#define A { \\\n  {\nint b;").split(), ["int", "b;"])


class Edges(unittest.TestCase):
    def test_downward_and_own_includes_pass(self):
        files = {"src/base/a.h": "", "src/os/b.h": '#include "base/a.h"\n',
                 "src/os/b.cc": '#include "os/b.h"\n#include <vector>\n'}
        self.assertEqual(problems(edges, files), [])

    def test_an_upward_include_is_named(self):
        files = {"src/base/a.h": '\n#include "os/b.h"\n', "src/os/b.h": ""}
        self.assertEqual(problems(edges, files),
                         ['src/base/a.h:2: base may include no folder, got "os/b.h"'])

    def test_a_header_that_is_not_there_or_not_by_path(self):
        self.assertEqual(len(problems(edges, {"src/os/b.cc": '#include "base/none.h"\n'})), 1)
        self.assertEqual(len(problems(edges, {"src/os/b.cc": '#include "b.h"\n',
                                              "src/os/b.h": ""})), 1)

    def test_support_is_for_tests(self):
        files = {"test/support/t.h": "", "src/os/b_test.cc": '#include "support/t.h"\n'}
        self.assertEqual(problems(edges, files), [])
        files = {"test/support/t.h": "", "src/os/b.cc": '#include "support/t.h"\n'}
        self.assertEqual(len(problems(edges, files)), 1)

    def test_a_folder_without_a_row(self):
        self.assertEqual(len(problems(edges, {"src/utils/a.h": ""})), 1)

    def test_the_table_and_cmake_agree(self):
        files = {"CMakeLists.txt": CMAKE.replace("net LINKS base os", "net LINKS base")}
        self.assertEqual(len(problems(edges, files)), 1)

    def test_the_table_points_downward(self):
        files = {"ARCHITECTURE.md": TABLE.replace("| — |", "| os |"),
                 "CMakeLists.txt": CMAKE.replace("base LINKS)", "base LINKS os)")}
        self.assertIn("not above it", "".join(problems(edges, files)))


def function_of(lines):
    return "int f(int a) {\n" + "  a += 1;\n" * (lines - 2) + "}\n"


class Sizes(unittest.TestCase):
    def test_files(self):
        self.assertEqual(problems(sizes, {"src/os/a.cc": "\n" * 800, "src/os/a.h": "\n" * 250}), [])
        self.assertEqual(len(problems(sizes, {"src/os/a.cc": "\n" * 801})), 1)
        self.assertEqual(len(problems(sizes, {"src/os/a.h": "\n" * 251})), 1)

    def test_columns(self):
        self.assertEqual(problems(sizes, {"src/os/a.cc": "x" * 100}), [])
        self.assertEqual(len(problems(sizes, {"src/os/a.cc": "x" * 101})), 1)

    def test_functions_at_the_limit_and_beyond(self):
        self.assertEqual(problems(sizes, {"src/os/a.cc": function_of(70)}), [])
        self.assertEqual(problems(sizes, {"src/os/a.cc": "namespace a {\n" + function_of(71)}),
                         ["src/os/a.cc:2: function of 71 lines, at most 70"])

    def test_members_constructors_templates_and_operators_are_functions(self):
        code = """
namespace a::b {
namespace {
constexpr std::array<X, 2> kTable = {{
    {"a", f(1)},
    {"b", 2},
}};
}  // namespace
enum class E : int { A, B };
class MACRO(x("y")) C final : public D {
 public:
  C(int x) : x_{x}, y_(1) {}
  bool operator==(const C&) const { return true; }
  template <typename T, typename = std::enable_if_t<(sizeof(T) > 1)>>
  T get() const {
    for (int i = 0; i < 3; ++i) { f([&] { return i; }); }
  }
  int x_ = 0;
};
template <>
struct H<int> {
  int f() const { return 1; }
};
struct stat g(int a) { return {}; }
TEST(A, b) { EXPECT_TRUE(x); }
}
"""
        found = [f.first_line for f in sizes.functions(strip_cpp(code))]
        self.assertEqual(sorted(set(found)), [12, 13, 14, 22, 24, 25])

    def test_nesting(self):
        def nested(levels):
            heads = ["if (a) {", "for (int i = 0; i < 3; ++i) {", "while (x) {", "} else {"][:3]
            body = "".join("  " * i + heads[i % 3] + "\n" for i in range(levels))
            return "void f() {\n" + body + "}" * levels + "\n}\n"

        self.assertEqual(problems(sizes, {"src/os/a.cc": nested(4)}), [])
        self.assertEqual(problems(sizes, {"src/os/a.cc": nested(5)}),
                         ["src/os/a.cc:6: 5 nested levels of control flow, at most 4"])

    def test_lambdas_labels_and_initialisers_do_not_nest(self):
        code = """
void f() {
  switch (a) {
    case A::B: {
      if (any(x, [&] { return X{1}; })) {
        for (;;) {
        }
      }
    }
  }
}
"""
        self.assertEqual([f.nesting for f in sizes.functions(strip_cpp(code))], [3])

    def test_asserts_are_counted_without_tests(self):
        files = {"src/os/a.cc": "SPOOR_ASSERT(x);\n" + "\n" * 99, "src/os/a_test.cc": "\n" * 100}
        self.assertEqual(list(sizes.report(tree(files))), ["asserts per 1000 lines: os 10"])


class Banned(unittest.TestCase):
    def assert_banned(self, path, line):
        self.assertEqual(len(problems(banned, {path: line})), 1, line)

    def assert_allowed(self, path, line):
        self.assertEqual(problems(banned, {path: line}), [], line)

    def test_the_world_is_reached_through_os(self):
        for line in ["fopen(p)", "::open(p)", "std::ifstream f;", "std::filesystem::path p;",
                     "clock_gettime(c, &t)", "time(nullptr)", "std::chrono::system_clock::now()",
                     "std::chrono::steady_clock::now()", "rand()", "std::random_device d;",
                     "std::thread t;", "std::jthread t;", "::write(1, p, n)"]:
            self.assert_banned("src/base/a.cc", line)
            self.assert_allowed("src/os/a.cc", line)

    def test_exceptions_are_listed(self):
        self.assert_allowed("src/base/log.cc", "clock_gettime(CLOCK_REALTIME, &now);")
        self.assert_allowed("src/net/a.cc", "asio::steady_timer t; std::chrono::steady_clock c;")
        self.assert_allowed("src/base/arena.cc", "new char[1]")

    def test_everywhere(self):
        for line in ["sprintf(a)", "std::strcpy(a, b)", "std::regex r;", "auto* p = new Foo();",
                     "delete p;", "try {} catch (...) {}", "using namespace std;"]:
            self.assert_banned("src/os/a.cc", line)
            self.assert_banned("test/support/a.cc", line)

    def test_new_is_for_private_constructors_in_a_smart_pointer(self):
        for line in ["std::unique_ptr<Log> log(new Log(world));",
                     "return std::shared_ptr<Log>(\n    new Log(world));"]:
            self.assert_allowed("src/store/a.cc", line)
        for line in ["std::unique_ptr<char[]> p(new char[n]);", "new (p) Log;", "f(new Log(x));",
                     "Log* p = new Log;"]:
            self.assert_banned("src/store/a.cc", line)

    def test_tests_do_not_sleep(self):
        self.assert_banned("src/net/a_test.cc", "std::this_thread::sleep_for(x);")
        self.assert_banned("test/crash/a.cc", "usleep(10);")

    def test_lookalikes_pass(self):
        for line in ["snprintf(a)", "world.open(p)", "file->read(1)", "open('{')",
                     "C(const C&) = delete;", "new_size(x)", "// rand()", "f(\"new x\")",
                     "void operator delete(void*);", "start_time(x)", "to_string(time)",
                     "renew (x)", "catch (const E&)"]:
            self.assert_allowed("src/base/a.cc", line)


class Words(unittest.TestCase):
    HEADER = "// What it is.\n#pragma once\n"

    def test_headers(self):
        self.assertEqual(problems(words, {"src/os/a.h": self.HEADER}), [])
        self.assertEqual(len(problems(words, {"src/os/a.h": "#pragma once\n"})), 1)
        self.assertEqual(len(problems(words, {"src/os/a.h": "// What it is.\n"})), 1)

    def test_ascii(self):
        self.assertEqual(len(problems(words, {"src/os/a.cc": "// \u00b5s\n"})), 1)
        self.assertEqual(problems(words, {"README.md": "\u00b5s\n"}), [])

    def test_a_test_belongs_to_its_folder(self):
        files = {"src/os/a_test.cc": '#include "os/b.h"\n',
                 "src/os/spans_test.cc": '#include "support/spans.h"\n'}
        self.assertEqual(problems(words, files), [])
        self.assertEqual(len(problems(words, {"src/os/b_fuzz.cc": '#include "base/a.h"\n'})), 1)

    def test_unfinished_words_paths_and_registries(self):
        for line in ["# TO" + "DO later", "// FIX" + "ME", "cd /ro" + "ot/x", "see /wo" + "rk/a/b",
                     "pip -i py" + "pi.org"]:
            self.assertEqual(len(problems(words, {"notes.txt": line})), 1, line)
        self.assertEqual(problems(words, {"notes.txt": "mkdtemp XXXXXX, src/w" "ork/x"}), [])


class Documents(unittest.TestCase):
    def test_links(self):
        files = {"docs/a.md": "# One two\n[x](b.md) [y](../README.md#to-run-it) [z](#one-two) "
                              "[w](https://example.com) ![p](a.png)\n```\n[q](none)\n```\n",
                 "docs/b.md": "", "docs/a.png": "", "README.md": "## To run: it!\n[d](docs/)\n"}
        self.assertEqual(problems(documents, {**files, "README.md": "## To run it\n"}), [])
        broken = {"README.md": "\n[x](none.md)\n[y](#none)\n"}
        self.assertEqual(problems(documents, broken),
                         ["README.md:2: link none.md: no such file",
                          "README.md:3: link #none: no such heading"])


class Formatting(unittest.TestCase):
    def test_a_missing_program_is_an_error_in_ci_only(self):
        program, formatting.PROGRAM = formatting.PROGRAM, "clang-format-none"
        self.addCleanup(setattr, formatting, "PROGRAM", program)
        environment = dict(formatting.os.environ)
        self.addCleanup(formatting.os.environ.update, environment)
        formatting.os.environ["CI"] = "true"
        self.assertEqual(len(problems(formatting, {})), 1)
        formatting.os.environ["CI"] = ""
        self.assertEqual(problems(formatting, {}), [])


if __name__ == "__main__":
    unittest.main()
