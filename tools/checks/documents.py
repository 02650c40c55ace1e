"""Links of the documents resolve: files exist, anchors are headings."""

import posixpath
import re

from checks.tree import problem

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+\s+(.*?)\s*#*$", re.MULTILINE)


def check(tree):
    for path in tree.paths:
        if not path.endswith(".md"):
            continue
        text = _FENCE.sub(lambda m: "\n" * m.group().count("\n"), tree.text(path))
        for match in _LINK.finditer(text):
            target = match.group(1) or match.group(2)
            reason = _broken(tree, path, target)
            if reason:
                line = text.count("\n", 0, match.start()) + 1
                yield problem(path, line, f"link {target}: {reason}")


def _broken(tree, path, target):
    if re.match(r"[a-z]+:", target):
        return None
    file, _, anchor = target.partition("#")
    home = posixpath.normpath(posixpath.join(posixpath.dirname(path), file)) if file else path
    if not tree.has(home):
        return "no such file"
    if anchor and home.endswith(".md") and anchor not in anchors(tree.text(home)):
        return "no such heading"
    return None


def anchors(text):
    text = _FENCE.sub("", text)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
            for heading in _HEADING.findall(text)}
