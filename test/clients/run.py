#!/usr/bin/env python3
"""Real clients and hand-made requests against the built server: what they send is answered equal.

    test/clients/run.py --spoor build/release/spoor [--only TEXT]

Prints one line for each test and the counts. A client that this machine lacks is skipped by name;
with CI=true a skip is a failure.
"""

from __future__ import annotations

import argparse
import importlib
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from driver.results import Results, Skip, tests_of  # noqa: E402
from driver.server import Server  # noqa: E402

# Each has test functions that take a fresh Server; the names say what holds.
SUITES = ["python_sdk", "go_clients", "js_sdk", "java_sdk", "otlp_http", "jaeger_search",
          "tempo_protobuf", "tempo_grafana", "search_command",
          "grpc_edges", "http_edges", "tls", "load", "overload", "starting"]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--spoor", required=True)
    parser.add_argument("--only", default="", help="run the tests whose name has this text")
    arguments = parser.parse_args()
    results = Results(arguments.only)
    spoor = str(pathlib.Path(arguments.spoor).resolve())
    for suite in SUITES:
        run_suite(results, spoor, suite)
    return results.finish()


def run_suite(results: Results, spoor: str, suite: str) -> None:
    try:
        module = importlib.import_module(f"suites.{suite}")
    except ImportError as error:
        reason = f"{error}; ./dev test installs the clients"

        def skip() -> None:
            raise Skip(reason)
        return results.run(suite, skip)
    for name, test in tests_of(module):
        results.run(f"{suite}.{name}", lambda test=test: with_server(spoor, test))


def with_server(spoor: str, test) -> None:
    """Runs a test with a server of its own, which must be alive at the end and stop in order."""
    with tempfile.TemporaryDirectory(prefix="spoor-clients-") as directory:
        server = Server(spoor, pathlib.Path(directory) / "data").start()
        try:
            test(server)
            if not server.running():
                raise AssertionError("the server is gone: " + last_lines(server))
            code = server.stop()
            if code != 0:
                raise AssertionError(f"the server ended with {code}: " + last_lines(server))
        finally:
            if server.running():
                server.kill()


def last_lines(server: Server) -> str:
    return server.log_path.read_text(errors="replace")[-2000:]


if __name__ == "__main__":
    sys.exit(main())
