#!/usr/bin/env python3
"""No success before the disk has it: between two acknowledgements the server's system calls show
an fdatasync of the log that returned.

    test/crash/sync_order.py --spoor build/release/spoor
"""

from __future__ import annotations

import argparse
import os
import pathlib
import re
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import grpc  # noqa: E402
from driver.results import Results, Skip, check, check_equal  # noqa: E402
from driver.server import Server  # noqa: E402
from driver.spans import EXPORT, plain_span, request_of  # noqa: E402

REQUESTS = 10
CALLS = "fdatasync,fsync,sync_file_range,write,writev,sendto,sendmsg"
SYNCED = re.compile(r"fdatasync\(.*= 0$|<\.\.\. fdatasync resumed>.*= 0$")
SEND = r"(write|writev|sendto|sendmsg)\(.*"
# What an answer begins with: the status line, or a HEADERS frame with END_HEADERS.
HTTP_ANSWER = re.compile(SEND + r"HTTP/1\.1 200")
GRPC_ANSWER = re.compile(SEND + r"\\1\\4\\0\\0\\0")


class TracedServer(Server):
    """The server under strace, which is the process that we see."""

    def __init__(self, spoor: str, directory: pathlib.Path):
        super().__init__(spoor, directory)
        self.trace = directory.with_name("trace")
        wrapper = directory.with_name("traced")
        wrapper.write_text(f"#!/bin/sh\nexec strace -D -f -qq -s 128 -e trace={CALLS} "
                           f"-e signal=none -o '{self.trace}' '{spoor}' \"$@\"\n")
        wrapper.chmod(0o755)
        self.spoor = str(wrapper)


def send_over_http(server: Server) -> None:
    status, _, body = server.request("otlp", "POST", "/v1/traces", one_span(),
                                     {"Content-Type": "application/x-protobuf"})
    check_equal((status, body), (200, b""))


def send_over_grpc(server: Server) -> None:
    with grpc.insecure_channel(server.address("grpc")) as channel:
        check_equal(channel.unary_unary(EXPORT)(one_span(), timeout=30), b"")


def one_span() -> bytes:
    return request_of(plain_span(os.urandom(16))).SerializeToString()


def check_order(spoor: str, send, answer: re.Pattern) -> None:
    if shutil.which("strace") is None:
        raise Skip("no strace")
    with tempfile.TemporaryDirectory(prefix="spoor-sync-") as directory:
        server = TracedServer(spoor, pathlib.Path(directory) / "data").start()
        try:
            for _ in range(REQUESTS):
                send(server)
            check_equal(server.stop(), 0, "exit code")
        finally:
            if server.running():
                server.kill()
        check_trace(server.trace.read_text(errors="replace"), answer)


def check_trace(trace: str, answer: re.Pattern) -> None:
    answers = 0
    synced = False
    for line in trace.splitlines():
        if SYNCED.search(line):
            synced = True
        elif answer.search(line):
            check(synced, f"answer {answers + 1} came before a sync: {line}")
            answers, synced = answers + 1, False
    check_equal(answers, REQUESTS, "answers seen among the system calls")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--spoor", required=True)
    spoor = str(pathlib.Path(parser.parse_args().spoor).resolve())
    results = Results()
    results.run("sync before an answer over HTTP",
                lambda: check_order(spoor, send_over_http, HTTP_ANSWER))
    results.run("sync before an answer over gRPC",
                lambda: check_order(spoor, send_over_grpc, GRPC_ANSWER))
    return results.finish()


if __name__ == "__main__":
    sys.exit(main())
