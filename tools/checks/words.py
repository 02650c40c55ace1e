"""What stands in files: ASCII, header openings, names of tests, words that must not stay."""

import re

from checks.tree import problem

_UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b")
_MACHINE_PATH = re.compile(r"(?<![\w.])/(work|root|home/\w+|Users/\w+)/")
_REGISTRY = re.compile(r"\b(pypi\.org|files\.pythonhosted\.org|proxy\.golang\.org|"
                       r"sum\.golang\.org|registry\.npmjs\.org|registry\.yarnpkg\.com|"
                       r"deb\.debian\.org|security\.debian\.org|crates\.io)\b")
_HERE = "tools/check"  # the checks name what they look for


def check(tree):
    problems = []
    for path in tree.cpp():
        problems += _check_cpp(tree, path)
    for path in tree.paths:
        if not path.startswith(_HERE):
            problems += _check_lines(tree, path)
    return problems


def _check_cpp(tree, path):
    lines = tree.lines(path)
    for number, line in enumerate(lines, 1):
        if not line.isascii():
            yield problem(path, number, "not ASCII: write the bytes as escapes")
    if path.endswith(".h"):
        if not lines or not lines[0].startswith("//"):
            yield problem(path, 1, "a header opens with a comment: what it is, what it promises")
        if "#pragma once" not in lines:
            yield problem(path, 1, "#pragma once is missing")
    if re.match(r"src/\w+/\w+_(test|fuzz|bench)\.cc$", path):
        folder = path.split("/")[1]
        subject = re.sub(r"_(test|fuzz|bench)\.cc$", "", path.split("/")[2])
        included = re.findall(r'#include "([^"]+)"', tree.text(path))
        if not any(name.startswith(folder + "/") for name in included) and \
                f"support/{subject}.h" not in included:
            yield problem(path, 0, f"includes no header of its folder, {folder}")


def _check_lines(tree, path):
    for number, line in enumerate(tree.lines(path), 1):
        match = _UNFINISHED.search(line)
        if match:
            yield problem(path, number, f"{match.group()}: do it or write it into an issue")
        match = _MACHINE_PATH.search(line)
        if match:
            yield problem(path, number, f"a path of one machine: {match.group()}")
        match = _REGISTRY.search(line)
        if match:
            yield problem(path, number, f"a registry by name: {match.group()}; "
                                        "the package's own client knows where")
