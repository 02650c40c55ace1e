"""clang-format with one pinned version."""

import concurrent.futures
import os
import shutil
import subprocess

from checks.tree import problem

PROGRAM = "clang-format-19"
_CHUNK = 16  # files per run: enough to spread over the cores


def check(tree):
    if shutil.which(PROGRAM) is None:
        if os.environ.get("CI") == "true":
            return [problem(PROGRAM, 0, "not found; ./dev setup installs it")]
        print(f"warning: {PROGRAM} not found, formatting is not checked; ./dev setup installs it")
        return []
    paths = tree.cpp()
    chunks = [paths[at:at + _CHUNK] for at in range(0, len(paths), _CHUNK)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda chunk: _run(tree, chunk), chunks)
    return [line for lines in results for line in lines]


def _run(tree, paths):
    done = subprocess.run([PROGRAM, "--dry-run", "-Werror", *paths], cwd=tree.root,
                          capture_output=True, text=True)
    files = {line.split(":")[0] for line in done.stderr.splitlines()
             if "[-Wclang-format-violations]" in line}
    if done.returncode != 0 and not files:
        return [problem(PROGRAM, 0, done.stderr.strip())]
    return [problem(path, 0, f"not formatted: {PROGRAM} -i {path}") for path in sorted(files)]
