"""The files a check looks at, and C++ text without what the compiler does not compile."""

import pathlib
import re
import subprocess

CPP_SUFFIXES = (".cc", ".h")


class Tree:
    """Paths relative to a root, with their text. Tests build one from a dictionary."""

    def __init__(self, texts, root=None):
        self.root = root
        self._texts = dict(texts)
        self._code = {}
        self.paths = sorted(self._texts)

    @classmethod
    def of_repository(cls, root):
        """All files that git tracks or would track: a new file is checked before it is added."""
        texts = {}
        for path in _listed_by_git(root) or _found_below(root):
            file = pathlib.Path(root, path)
            if not file.is_file():
                continue
            try:
                texts[path] = file.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                texts[path] = ""  # binary: test data
        return cls(texts, root)

    def text(self, path):
        return self._texts[path]

    def lines(self, path):
        return self._texts[path].splitlines()

    def has(self, path):
        prefix = path.rstrip("/") + "/"
        return path in self._texts or any(other.startswith(prefix) for other in self.paths)

    def cpp(self, under=""):
        return [p for p in self.paths if p.startswith(under) and p.endswith(CPP_SUFFIXES)]

    def code(self, path):
        """The C++ text with comments, literals and preprocessor lines blanked, lines kept."""
        if path not in self._code:
            self._code[path] = strip_cpp(self._texts[path])
        return self._code[path]


def _listed_by_git(root):
    # A checkout may belong to another user than the one who checks it.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others",
               "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return []
    return [path for path in done.stdout.split("\0") if path]


def _found_below(root):
    """The files of an unpacked archive."""
    found = [path.relative_to(root).as_posix() for path in pathlib.Path(root).rglob("*")]
    return [path for path in found if not re.match(r"build/|\.git/|.*__pycache__/", path)]


def problem(path, line, message):
    return f"{path}:{line}: {message}" if line else f"{path}: {message}"


_TOKEN = re.compile(
    r"""
      //[^\n]*
    | /\*.*?\*/
    | R"(?P<tag>[^()\\\s]*)\(.*?\)(?P=tag)"
    | "(?:\\.|[^"\\\n])*"
    | (?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])*'   # not the ' of 1'000
    | ^[ \t]*\#(?:\\\n|[^\n])*
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE)


def strip_cpp(text):
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group())

    return _TOKEN.sub(blank, text)
