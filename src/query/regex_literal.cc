#include "query/regex_literal.h"

namespace spoor::query {
namespace {

constexpr std::string_view kDigitsAndComma = "0123456789,";

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Walks over the regex and collects runs of characters that stand one behind another outside of
// groups. Whatever is not understood ends the walk without a result.
class LiteralRuns {
 public:
  explicit LiteralRuns(std::string_view regex) : rest_(regex) {}

  std::string longest() {
    while (!rest_.empty()) {
      if (!step()) return {};
    }
    end_run();
    return depth_ == 0 ? std::move(longest_) : std::string();
  }

 private:
  char take() {
    char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  bool step() {
    switch (char c = take()) {
      case '(':
        return open_group();
      case ')':
        end_run();
        return depth_-- > 0;
      case '|':  // within a group it is the group's
        return depth_ > 0;
      case '[':
        end_run();
        return skip_class();
      case '\\':
        return escape();
      case '*':
      case '?':
        drop_last();
        return true;
      case '{':
        drop_last();
        return skip_counts();
      case '+':
      case '.':
      case '^':
      case '$':
        end_run();
        return true;
      default:
        add(c);
        return true;
    }
  }

  // Flags change what characters mean.
  bool open_group() {
    end_run();
    ++depth_;
    if (!rest_.starts_with('?')) return true;
    if (!rest_.starts_with("?:")) return false;
    rest_.remove_prefix(2);
    return true;
  }

  bool skip_class() {
    if (rest_.starts_with('^')) take();
    if (rest_.starts_with(']')) take();
    while (!rest_.empty()) {
      char c = take();
      if (c == ']') return true;
      if (c == '[' && rest_.starts_with(':')) return false;
      if (c == '\\' && !rest_.empty()) take();
    }
    return false;
  }

  // Other braces are characters.
  bool skip_counts() {
    size_t end = rest_.find('}');
    if (end == rest_.npos || end == 0) return false;
    if (rest_.substr(0, end).find_first_not_of(kDigitsAndComma) != rest_.npos) return false;
    rest_.remove_prefix(end + 1);
    return true;
  }

  bool escape() {
    constexpr std::string_view kClassesAndBorders = "dDsSwWbBAz";
    if (rest_.empty()) return false;
    char c = take();
    if (kClassesAndBorders.find(c) != kClassesAndBorders.npos) {
      end_run();
      return true;
    }
    if (is_alphanumeric(c)) return false;
    add(c);
    return true;
  }

  void add(char c) {
    if (depth_ == 0) run_.push_back(c);
  }
  // The last character may be missing or stand there more than once.
  void drop_last() {
    while (!run_.empty()) {
      auto last = static_cast<unsigned char>(run_.back());
      run_.pop_back();
      if ((last & 0xc0) != 0x80) break;
    }
    end_run();
  }
  void end_run() {
    if (run_.size() > longest_.size()) longest_ = run_;
    run_.clear();
  }

  std::string_view rest_;
  std::string run_, longest_;
  int depth_ = 0;
};

}  // namespace

std::string required_literal(std::string_view regex) {
  return LiteralRuns(regex).longest();
}

}  // namespace spoor::query
