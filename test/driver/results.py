"""Runs test functions, prints one line each and the counts that ./dev test reads."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable


class Skip(Exception):
    """Something that the test needs is not on this machine."""


class Results:
    def __init__(self, only: str = ""):
        self.only = only
        self.counts = {"ok": 0, "FAILED": 0, "skipped": 0}
        self.strict = os.environ.get("CI") == "true"

    def run(self, name: str, test: Callable[[], None]) -> None:
        if self.only not in name:
            return
        started = time.monotonic()
        try:
            test()
            self._note(name, "ok", f"{time.monotonic() - started:.1f} s")
        except Skip as skip:
            self._note(name, "FAILED" if self.strict else "skipped", f"skipped: {skip}")
        except Exception as error:  # a test may fail by any of them
            self._note(name, "FAILED", "")
            frames = traceback.format_exception(error)
            print("    " + "".join(frames)[-4000:].replace("\n", "\n    "), flush=True)

    def _note(self, name: str, outcome: str, remark: str) -> None:
        self.counts[outcome] += 1
        remark = f" ({remark})" if remark else ""
        print(f"{name} ... {outcome}{remark}", flush=True)

    def finish(self) -> int:
        """Prints the counts; the exit code."""
        if self.counts["skipped"]:
            print(f"{self.counts['skipped']} skipped")
        print(f"{self.counts['ok']} passed, {self.counts['FAILED']} failed")
        return 1 if self.counts["FAILED"] else 0


def check(condition: bool, message: object) -> None:
    """An assertion that says what was wrong, whatever the interpreter's flags."""
    if not condition:
        raise AssertionError(message)


def check_equal(got: object, expected: object, what: str = "") -> None:
    check(got == expected, f"{what}: expected {expected!r}, got {got!r}")


def tests_of(module: object) -> list[tuple[str, Callable]]:
    """The functions test_* of a module in the order of the file."""
    return [(name.removeprefix("test_"), function) for name, function in vars(module).items()
            if name.startswith("test_") and callable(function)]
