"""`spoor load` against a real server, and what a foreign protobuf runtime reads of its requests."""

from __future__ import annotations

import pathlib
import re
import subprocess
import tempfile
import time

from driver.results import check, check_equal
from driver.server import Server
from driver.spans import Generator
from suites.tls import with_tls


def load(server: Server, *options: str, expected: int = 0) -> dict[str, float]:
    """Its figures by their names."""
    done = subprocess.run([server.spoor, "load", *options], capture_output=True, text=True,
                          timeout=120)
    check_equal(done.returncode, expected, done.stderr)
    return {name: float(value) for name, value in re.findall(r"(\w+)=([\d.]+)", done.stdout)}


def check_taken(server: Server, figures: dict[str, float], spans: int) -> None:
    check_equal((figures["spans"], figures["acknowledged"]), (spans, spans), figures)
    check_equal(server.metric("spoor_ingest_spans_total"), spans)
    check_equal(server.metric("spoor_ingest_refused_spans_total"), 0)
    server.flush()
    check_equal(server.status()["storage"]["parts"]["spans"], spans, "spans in parts")


def test_http_and_grpc_in_every_encoding(server: Server):
    spans = 0
    for to in (server.url("otlp"), "grpc://" + server.address("grpc")):
        for encoding in ("identity", "gzip", "zstd"):
            load(server, f"--to={to}", "--spans=3000", f"--seed={spans}",
                 f"--compression={encoding}")
            spans += 3000
    check_equal(server.metric("spoor_ingest_spans_total"), spans)
    check_equal(server.metric("spoor_ingest_refused_spans_total"), 0)


def test_history(server: Server):
    figures = load(server, f"--to={server.url('otlp')}", "--spans=20000", "--history=48h")
    check_taken(server, figures, 20000)
    check(len(list((server.directory / "days").iterdir())) >= 2, "days")


def test_over_tls(server: Server):
    with with_tls(server) as authority:
        trusted = f"--tls.ca={authority.certificate}"
        figures = load(server, f"--to={server.url('otlp')}", "--spans=5000", trusted)
        check_taken(server, figures, 5000)
        to = f"--to=grpcs://{server.address('grpc')}"
        load(server, to, "--spans=5000", "--seed=2", trusted)
        check_equal(server.metric("spoor_ingest_spans_total"), 10000)
        load(server, to, "--spans=5000", "--retry-for=1ms", expected=1)


def test_corpus(server: Server):
    """Months old, of every shape that the protocol allows; replayed, it ends now."""
    requests = [Generator(f"corpus {number}").request(100, 5) for number in range(20)]
    for request in requests:
        for of_resource in request.resource_spans:
            for span in (span for scope in of_resource.scope_spans for span in scope.spans):
                span.start_time_unix_nano -= 100 * 24 * 3600 * 10**9
                span.end_time_unix_nano = span.start_time_unix_nano + 10**6
    with tempfile.TemporaryDirectory() as directory:
        corpus = pathlib.Path(directory) / "corpus"
        bodies = [request.SerializeToString() for request in requests]
        corpus.write_bytes(b"".join(len(each).to_bytes(4, "little") + each for each in bodies))
        figures = load(server, f"--to={server.url('otlp')}", f"--corpus={corpus}")
    check_taken(server, figures, 2000)


def test_rate(server: Server):
    started = time.monotonic()
    load(server, f"--to={server.url('otlp')}", "--spans=10000", "--rate=5000")
    check(time.monotonic() - started >= 1.8, "faster than asked for")


def test_lost_spans_are_an_error(server: Server):
    to = server.url("otlp")
    server.stop()
    figures = load(server, f"--to={to}", "--spans=1000", "--retry-for=1ms", expected=1)
    check_equal(figures["lost"], 1000, figures)
    server.start()
