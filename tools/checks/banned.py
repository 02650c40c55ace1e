"""Banned calls: what must go through os::World or another seam, with the replacement named."""

import re

from checks.tree import problem


class Rule:
    """A pattern on stripped code. `under` says where it holds, `allowed` where it does not;
    `unless` is a pattern on the line and the one before that makes it right."""

    def __init__(self, pattern, instead, under=("",), allowed=(), unless=None):
        self.pattern = re.compile(pattern)
        self.instead = instead
        self.under = under
        self.allowed = allowed
        self.unless = re.compile(unless) if unless else None

    def holds_for(self, path):
        return path.startswith(self.under) and not path.startswith(self.allowed)


_SRC = ("src/",)
_OS = ("src/os/",)
_SOCKETS = ("src/net/",)  # descriptors of sockets, timers of the event loop
_CALL = r"(?<![\w.>:])(?:::|std::)?"  # a free function, not a member

RULES = [
    Rule(_CALL + r"(fopen|freopen|creat|openat|pread|pwrite|fsync|fdatasync|ftruncate|fallocate|"
         r"mmap|flock|opendir|mkdir|rmdir|unlink|statvfs)\s*\(",
         "os::World and os::File", _SRC, _OS),
    Rule(r"(?<![\w>])::(open|rename|stat)\s*\(", "os::World and os::File", _SRC, _OS),
    Rule(r"(?<![\w>])::(close|read|write)\s*\(", "os::World and os::File", _SRC,
         _OS + _SOCKETS + ("src/base/log.cc",)),
    Rule(r"\bstd::[io]?fstream\b|\bstd::filesystem\b", "os::World and os::File", _SRC, _OS),
    Rule(r"\bclock_gettime\b", "os::World::now() or monotonic_nanos()", _SRC,
         _OS + ("src/base/log.cc",)),
    Rule(r"\bgettimeofday\b|\b(system|high_resolution)_clock\b|" + _CALL +
         r"time\s*\((nullptr|NULL|0|&)",
         "os::World::now() or monotonic_nanos()", _SRC, _OS),
    Rule(r"\bsteady_clock\b", "os::World::monotonic_nanos()", _SRC, _OS + _SOCKETS),
    Rule(_CALL + r"(s?rand|drand48|getrandom)\s*\(|\brandom_device\b",
         "os::World::random_bytes(); in a test a seeded generator", _SRC, _OS),
    Rule(r"\bstd::j?thread\b|\bstd::async\b|\bpthread_create\b", "os::Thread or os::Executor",
         _SRC, _OS),
    Rule(r"\bsleep_(for|until)\b|" + _CALL + r"(sleep|usleep|nanosleep)\s*\(",
         "a CondVar, a latch or MemoryWorld::advance()", ("",), _OS),
    Rule(_CALL + r"(v?sprintf|strcpy|strcat|strncpy|strtok|gets|atoi|atol|atof)\s*\(",
         "std::string, snprintf or std::from_chars"),
    Rule(r"\bstd::w?regex\b|\bstd::(s|c)match\b", "a hand-written parser: std::regex recurses"),
    Rule(r"\bnew\s*\(", "std::construct_at", ("",), ("src/base/arena",)),
    Rule(r"(?<!operator )\bnew\s+[\w:<>]+\[", "std::make_unique_for_overwrite or Arena", ("",),
         ("src/base/arena",)),
    # A private constructor is out of std::make_unique's reach.
    Rule(r"(?<!operator )\bnew\s+[A-Za-z_:]", "std::make_unique", ("",), ("src/base/arena",),
         r"(unique|shared)_ptr<[^;]*\(\s*new\s+[A-Z]|\bnew\s+[\w:<>]+\["),
    Rule(r"(?<!= )(?<!operator )\bdelete\b", "std::unique_ptr"),
    Rule(r"\bcatch\s*\(\s*\.\.\.\s*\)", "the library's own exception type"),
    Rule(r"\busing\s+namespace\s+std\s*;", "names with std::"),
]


def check(tree):
    for path in tree.cpp():
        rules = [rule for rule in RULES if rule.holds_for(path)]
        before = ""
        for number, line in enumerate(tree.code(path).split("\n"), 1):
            statement, before = before + line, line
            for rule in rules:
                match = rule.pattern.search(line)
                if match and not (rule.unless and rule.unless.search(statement)):
                    found = match.group().strip().rstrip("(")
                    yield problem(path, number, f"{found} is banned here: use {rule.instead}")
