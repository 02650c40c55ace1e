"""Include edges: src/* may include what the folder table in ARCHITECTURE.md allows, and the
table says the same as spoor_folder(... LINKS ...) in CMakeLists.txt."""

import re

from checks.tree import problem

_ROW = re.compile(r"^\|\s*`?(?:src/)?([a-z]+)`?\s*\|[^|]*\|([^|]*)\|\s*$", re.MULTILINE)
_TABLE = re.compile(r"^\| *folder *\|.*\n((?:\|.*\n?)*)", re.MULTILINE)  # by its heading
_FOLDER = re.compile(r"spoor_folder\((\w+)\s+LINKS([^)]*)\)")
_INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def folder_table(architecture):
    """{folder: the folders it may include}, in the order of the rows."""
    table = _TABLE.search(architecture)
    return {row.group(1): re.findall(r"[a-z]+", row.group(2))
            for row in _ROW.finditer(table.group(1) if table else "")}


def check(tree):
    problems = []
    if "ARCHITECTURE.md" not in tree.paths:
        return [problem("ARCHITECTURE.md", 0, "missing: the folder table is in it")]
    table = folder_table(tree.text("ARCHITECTURE.md"))
    problems += _check_table(table)
    problems += _check_cmake(tree, table)
    for path in tree.cpp("src/"):
        problems += _check_file(tree, table, path)
    return problems


def _check_table(table):
    seen = set()
    for folder, lower in table.items():
        for name in lower:
            if name not in seen:
                yield problem("ARCHITECTURE.md", 0,
                              f"folder table: {folder} may include {name}, which is not above it")
        seen.add(folder)


def _check_cmake(tree, table):
    links = {match.group(1): match.group(2).split()
             for match in _FOLDER.finditer(tree.text("CMakeLists.txt"))}
    for folder in sorted(set(links) | set(table)):
        ours, theirs = table.get(folder), links.get(folder)
        if ours is None or theirs is None or sorted(ours) != sorted(theirs):
            yield problem("CMakeLists.txt", 0,
                          f"folder {folder}: LINKS {theirs}, the table in ARCHITECTURE.md {ours}")


def _check_file(tree, table, path):
    folder = path.split("/")[1]
    if path.count("/") != 2 or folder not in table:
        yield problem(path, 0, "expected src/<folder of the table in ARCHITECTURE.md>/<file>")
        return
    of_test = re.search(r"_(test|fuzz|bench)\.cc$", path)
    for number, line in enumerate(tree.lines(path), 1):
        match = _INCLUDE.match(line)
        if not match:
            continue
        target = match.group(1)
        lower = target.split("/")[0]
        if lower == "support" and of_test:
            home = "test/" + target
        elif lower == folder or lower in table[folder]:
            home = "src/" + target
        else:
            yield problem(path, number, f"{folder} may include {', '.join(table[folder]) or 'no'}"
                                        f" folder, got \"{target}\"")
            continue
        if "/" not in target or home not in tree.paths:
            yield problem(path, number, f"no such header by path from src/: \"{target}\"")
