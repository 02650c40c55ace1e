"""Sizes: files, functions, columns, nesting. Right on code that clang-format has laid out."""

import re

from checks.tree import problem

SOURCE_LINES_MAX = 800
HEADER_LINES_MAX = 250
FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 100
NESTING_MAX = 4

_CONTROL = re.compile(r"(if|else|for|while|do|switch|try|catch)\b")
_LABEL = re.compile(r"((case\b.*?[^:]|default):(?!:)\s*)+")
_ACCESS = re.compile(r"public|private|protected")
_TYPE = re.compile(r"(class|struct|union|enum)\b")
_TEMPLATE = re.compile(r"template\s*<")


def check(tree):
    problems = []
    for path in tree.cpp():
        problems += _check_file_size(tree, path)
        problems += _check_functions(path, tree.code(path))
    for path in tree.paths:
        if path.endswith((".cc", ".h", ".py", ".cmake")) or path in ("dev", "tools/check"):
            problems += _check_columns(tree, path)
    return problems


def _check_file_size(tree, path):
    count = len(tree.lines(path))
    limit = HEADER_LINES_MAX if path.endswith(".h") else SOURCE_LINES_MAX
    if count > limit:
        yield problem(path, 0, f"{count} lines, at most {limit}: split it by what it does")


def _check_columns(tree, path):
    for number, line in enumerate(tree.lines(path), 1):
        if len(line) > COLUMNS_MAX:
            yield problem(path, number, f"{len(line)} columns, at most {COLUMNS_MAX}")


def _check_functions(path, code):
    for function in functions(code):
        if function.lines > FUNCTION_LINES_MAX:
            yield problem(path, function.first_line,
                          f"function of {function.lines} lines, at most {FUNCTION_LINES_MAX}")
        if function.nesting > NESTING_MAX:
            yield problem(path, function.nesting_line,
                          f"{function.nesting} nested levels of control flow, "
                          f"at most {NESTING_MAX}")


class Function:
    def __init__(self, first_line):
        self.first_line = first_line
        self.lines = 0
        self.nesting = 0
        self.nesting_line = 0


class _Scope:
    """One open brace: kind is namespace, type, function, control or other."""

    def __init__(self, kind, parens, head, function):
        self.kind = kind
        self.parens = parens
        self.head = head
        self.function = function


def functions(code):
    """The functions of stripped code, with their length and deepest control flow."""
    found = []
    scopes = []
    head, head_line = "", 1
    parens = 0
    line = 1
    for char in code:
        if char == "\n":
            line += 1
        if char == "{":
            function = scopes[-1].function if scopes else None
            kind = _kind_of_brace(head.strip(), parens, function)
            if kind == "function":
                function = Function(head_line)
                found.append(function)
            scopes.append(_Scope(kind, parens, head, function))
            _note_nesting(scopes, line)
            head, parens = "", 0
        elif char == "}" and scopes:
            scope = scopes.pop()
            if scope.kind == "function":
                scope.function.lines = line - scope.function.first_line + 1
            parens = scope.parens
            head = scope.head if parens > 0 else ""  # a lambda: its statement goes on
        elif char == ";" and parens == 0 or char == ":" and _ACCESS.fullmatch(head.strip()):
            head = ""
        else:
            parens += (char == "(") - (char == ")")
            if not head.strip():
                head, head_line = "", line
            head += char
    return found


def _kind_of_brace(head, parens, function):
    if function is not None:
        statement = _LABEL.sub("", head, count=1) if _LABEL.match(head) else head
        return "control" if parens == 0 and _CONTROL.match(statement) else "other"
    if re.match(r"(inline )?namespace\b|extern\b", head) and "(" not in head:
        return "namespace"
    head = _without_template(head)
    if _TYPE.match(head) and not re.search(r"\)\s*(const|noexcept|override)*$", head):
        return "type"
    if parens > 0 or "(" not in head or head.endswith("="):
        return "other"
    return "function"


def _without_template(head):
    while _TEMPLATE.match(head):
        depth = 0
        for at, char in enumerate(head):
            depth += (char == "<") - (char == ">")
            if char == ">" and depth == 0:
                head = head[at + 1:].strip()
                break
        else:
            return head
    return head


def _note_nesting(scopes, line):
    function = scopes[-1].function
    if function is None:
        return
    depth = sum(scope.kind == "control" for scope in scopes)
    if depth > function.nesting:
        function.nesting, function.nesting_line = depth, line


def report(tree):
    """Asserts per 1000 lines of each folder; the aim is 8, and 20 in the store."""
    folders = {}
    for path in tree.cpp("src/"):
        if re.search(r"_(test|fuzz|bench)\.cc$", path):
            continue
        lines, asserts = folders.get(path.split("/")[1], (0, 0))
        folders[path.split("/")[1]] = (lines + len(tree.lines(path)),
                                       asserts + tree.code(path).count("SPOOR_ASSERT("))
    rates = [f"{folder} {1000 * asserts / lines:.0f}"
             for folder, (lines, asserts) in sorted(folders.items()) if lines]
    if rates:
        yield "asserts per 1000 lines: " + ", ".join(rates)
