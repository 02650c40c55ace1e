#!/usr/bin/env python3
"""Figures of the release binary under the shop corpus, beside what is required and what the peers
need for the same. Prints; never fails on a figure.

    bench/run.py --build build/release --corpus build/bench/corpus [--spans N] [--quick]
    bench/run.py ... --profile       where the processor's time goes, by perf
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test"))

import searches  # noqa: E402
from driver.server import HOST, PORT_OPTIONS, Server, serve_command  # noqa: E402

# A head that takes the whole corpus, so that nothing is flushed while it is measured.
NO_FLUSH = ["--storage.head-bytes=4GiB", "--storage.flush-age=1d", "--memory.limit=12GiB"]
CONNECTIONS = 4
RATE_WHILE_SEARCHING = 50_000  # spans a second
CORPUS_SECONDS_MAX = 86_400  # an older one comes near the limit for old spans
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclasses.dataclass
class Figure:
    """One row. What is smaller is better; peers by what was measured of them."""

    name: str
    unit: str
    required: float | None = None
    victoria: float | None = None
    tempo: float | None = None
    values: list[float] = dataclasses.field(default_factory=list)


FIGURES = {figure.name: figure for figure in [
    Figure("CPU per span at ack, HTTP", "us", 4, 62, 92),
    Figure("CPU per span at ack, gRPC", "us", 4, 62, 92),
    Figure("CPU per span, all in, merged", "us", 6, 63),
    Figure("peak memory", "MiB", 256, 279, 4050),
    Figure("disk per span, log apart", "B", 35, 77, 94),
    Figure("trace by id in parts, p50", "ms", 1, 9, 91),
    Figure("trace by id in parts, p99", "ms", 4, 19, 91),
    Figure("trace by id in the head, p50", "ms", 1, 9, 91),
    Figure("trace by id in the head, p99", "ms", 4, 19, 91),
    Figure("start to ready, empty store", "ms", 100),
    Figure("idle memory", "MiB", 25),
    Figure("search: service, p50", "ms", 5, 96, 31),
    Figure("search: service and tag, p50", "ms", 5, 73, 25),
    Figure("search: duration, p50", "ms", 5, 3, 43),
    Figure("search: nothing matches, p50", "ms", 5, 3, 33),
    Figure("services, p50", "ms", 1, 2.3),
    Figure("operations, p50", "ms", 1),
    Figure("summaries of 20, p50", "ms", 5),
    Figure("dependencies over all, p50", "ms", 5),
    Figure("acknowledgement to found by search", "s", 1, 10, 32),
    Figure("the same searches, p50, while spans come in", "x", 3),
    *[Figure(f"{name}, p50", "ms", 3, tempo=tempo)
      for name, tempo in zip(searches.TRACEQL, (31, 25, 43, 37, 33, 208))],
    # Not required, but good to know.
    Figure("search: the largest traces, p50", "ms"),
    *[Figure(f"{name}, p99", "ms") for name in searches.NAMES],
    Figure("wall time of the load, HTTP", "s"),
    Figure("wall time of the load, gRPC", "s"),
    Figure("requests sent again, default options", ""),
    Figure("recovery of the whole corpus from the log", "s"),
    Figure("log per span", "B"),
]}


def note(name: str, value: float) -> None:
    FIGURES[name].values.append(value)


class Corpus:
    def __init__(self, program: str, spans: int):
        self.program = program
        self.path = ROOT / "build" / "bench" / f"shop-{spans}.otlp"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.exists() and \
            time.time() - self.path.stat().st_mtime < CORPUS_SECONDS_MAX
        if not fresh:
            self._run("gen", f"-spans={spans}", "-seed=1", f"-out={self.path}")
        self.spans = int(field(self._run("stat"), "spans"))
        self.ids = self._run("stat", "-ids=500")

    def send(self, target: str) -> str:
        return self._run("send", f"-to={target}", f"-conns={CONNECTIONS}")

    def _run(self, command: str, *options: str) -> str:
        source = [] if command == "gen" else [f"-in={self.path}"]
        done = subprocess.run([self.program, command, *source, *options], check=True,
                              stdout=subprocess.PIPE, text=True)
        return done.stdout


def field(text: str, name: str) -> str:
    found = re.search(rf"\b{name}=(\S+)", text)
    assert found, f"no {name} in {text}"
    return found.group(1)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def disk_bytes(directory: pathlib.Path) -> int:
    """Blocks in use."""
    return sum(path.stat().st_blocks * 512 for path in directory.rglob("*") if path.is_file())


class Bench:
    def __init__(self, build: pathlib.Path, corpus: Corpus, directory: pathlib.Path):
        self.build, self.corpus, self.directory = build, corpus, directory
        self.current: Server | None = None

    def server(self, options: list[str]) -> Server:
        """A new one with an empty directory; the one before has ended."""
        self.end()
        data = self.directory / "data"
        shutil.rmtree(data, ignore_errors=True)
        self.current = Server(str(self.build / "spoor"), data)
        return self.current.start(options)

    def end(self) -> None:
        if self.current is not None and self.current.running():
            self.current.kill()

    def target(self, server: Server, protocol: str) -> str:
        return server.url("otlp", "/v1/traces") if protocol == "HTTP" else \
            "grpc://" + server.address("grpc")

    def load(self, server: Server, protocol: str) -> str:
        said = self.corpus.send(self.target(server, protocol))
        taken = server.metric("spoor_ingest_spans_total")
        refused = server.metric("spoor_ingest_refused_spans_total")
        if (taken, refused, field(said, "failed")) != (self.corpus.spans, 0, "0"):
            print(f"warning: {taken:.0f} spans taken in, {refused:.0f} refused: {said}")
        return said

    def measure_acknowledgement(self, protocol: str) -> Server:
        server = self.server(NO_FLUSH)
        before = cpu_seconds(server.pid)
        said = self.load(server, protocol)
        used = cpu_seconds(server.pid) - before
        note(f"CPU per span at ack, {protocol}", used * 1e6 / self.corpus.spans)
        note(f"wall time of the load, {protocol}", float(field(said, "seconds")))
        return server

    def measure_trace_by_id(self, server: Server, where: str) -> None:
        ids = [line.split()[0] for line in self.corpus.ids.splitlines()]
        answers = self.ask(server, "tempo", 4, "application/protobuf",
                           [("trace", f"/api/traces/{each}") for each in ids])
        for share in ("p50", "p99"):
            note(f"trace by id {where}, {share}", answers["trace"][share])

    def ask(self, server: Server, port: str, rounds: int, accept: str,
            questions: list[tuple[str, str]]) -> dict[str, dict[str, float]]:
        """Times in milliseconds by name and share, of a client that keeps its connection."""
        program = self.build / "bench" / "request_bench"
        done = subprocess.run([program, HOST, str(server.ports[port]), str(rounds), accept],
                              check=True, stdout=subprocess.PIPE, text=True,
                              input="".join(f"{name} {target}\n" for name, target in questions))
        return {field(line, "name"): {share: float(field(line, share + "_ms"))
                                      for share in ("p50", "p99")}
                for line in done.stdout.splitlines()}

    def ask_named(self, server: Server, port: str, rounds: int,
                  targets: dict[str, str]) -> dict[str, dict[str, float]]:
        """The same with names of any form."""
        answers = self.ask(server, port, rounds, "application/json",
                           [(str(number), each) for number, each in enumerate(targets.values())])
        return {name: answers[str(number)] for number, name in enumerate(targets)}

    def ask_searches(self, server: Server, rounds: int) -> dict[str, dict[str, float]]:
        return self.ask_named(server, "jaeger", rounds, searches.targets())

    def measure_traceql(self, server: Server) -> None:
        found = self.ask_named(server, "tempo", 200, searches.traceql_targets())
        for name, times in found.items():
            note(f"{name}, p50", times["p50"])

    def measure_searches(self, server: Server) -> None:
        """First in quiet, then while spans come in at half of what the machine takes."""
        quiet = self.ask_searches(server, 200)
        for name, times in quiet.items():
            for share, value in times.items():
                note(f"{name}, {share}", value)
        load = subprocess.Popen(
            [self.build / "spoor", "load", f"--load.to={server.url('otlp', '')}",
             f"--load.rate={RATE_WHILE_SEARCHING}", "--load.spans=1000000000"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(5)
        busy = self.ask_searches(server, 100)
        load.kill()
        load.wait()
        ratios = [busy[name]["p50"] / quiet[name]["p50"] for name in searches.NAMES
                  if name.startswith("search")]
        note("the same searches, p50, while spans come in", statistics.median(ratios))

    def measure_freshness(self, server: Server) -> None:
        """From the acknowledgement of a span to the search that finds it."""
        for number in range(20):
            service = f"fresh-{time.time_ns()}"
            trace = f"{time.time_ns():032x}"
            send_span(server, service, trace)
            acknowledged = time.monotonic()
            while trace not in found_traces(server, service):
                time.sleep(0.001)
            note("acknowledgement to found by search", time.monotonic() - acknowledged)

    def measure_recovery(self, server: Server) -> None:
        server.kill()
        note("log per span", disk_bytes(self.directory / "data" / "log") / self.corpus.spans)
        started = time.monotonic()
        server.start(NO_FLUSH)
        note("recovery of the whole corpus from the log", time.monotonic() - started)

    def measure_all_in(self) -> Server:
        server = self.server([])
        before = cpu_seconds(server.pid)
        said = self.load(server, "HTTP")
        server.flush()
        server.merge()
        used = cpu_seconds(server.pid) - before
        note("CPU per span, all in, merged", used * 1e6 / self.corpus.spans)
        note("peak memory", server.memory_bytes("VmHWM") / 2**20)
        note("disk per span, log apart",
             disk_bytes(self.directory / "data" / "days") / self.corpus.spans)
        note("requests sent again, default options", float(field(said, "retried")))
        return server

    def measure_start(self) -> None:
        """From the exec to the first answer of /ready, asked for every millisecond."""
        data = self.directory / "data"
        shutil.rmtree(data, ignore_errors=True)
        ports = free_ports(len(PORT_OPTIONS))
        options = [f"--listen.{name}={port}" for name, port in zip(PORT_OPTIONS, ports)]
        command = serve_command(str(self.build / "spoor"), data, options)
        command = [part for part in command if not part.endswith("-port=0")]
        started = time.monotonic()
        with subprocess.Popen(command, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as process:
            while not is_ready(ports[0]):
                time.sleep(0.001)
            note("start to ready, empty store", (time.monotonic() - started) * 1e3)
            process.terminate()

    def measure_idle(self) -> None:
        server = self.server([])
        time.sleep(2)
        note("idle memory", server.memory_bytes("VmRSS") / 2**20)
        server.stop()


def send_span(server: Server, service: str, trace: str) -> None:
    now = time.time_ns()
    text = {"stringValue": service}
    span = {"traceId": trace, "spanId": trace[-16:], "name": "fresh",
            "startTimeUnixNano": str(now), "endTimeUnixNano": str(now + 1000)}
    body = {"resourceSpans": [{"resource": {"attributes": [{"key": "service.name", "value": text}]},
                               "scopeSpans": [{"spans": [span]}]}]}
    request = urllib.request.Request(server.url("otlp", "/v1/traces"), json.dumps(body).encode(),
                                     {"content-type": "application/json"})
    urllib.request.urlopen(request, timeout=10).read()


def found_traces(server: Server, service: str) -> list[str]:
    target = server.url("jaeger", f"/api/traces?service={service}")
    answer = json.load(urllib.request.urlopen(target, timeout=10))
    return [trace["traceID"].zfill(32) for trace in answer["data"]]


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def is_ready(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=1) as connection:
            connection.sendall(b"GET /ready HTTP/1.1\r\nHost: spoor\r\n\r\n")
            return b" 200 " in connection.recv(64)
    except OSError:
        return False


def measure(bench: Bench, repeats: int) -> None:
    for _ in range(repeats):
        bench.measure_acknowledgement("HTTP")
    for number in range(repeats):
        server = bench.measure_acknowledgement("gRPC")
        if number == repeats - 1:
            bench.measure_trace_by_id(server, "in the head")
            bench.measure_recovery(server)
    for number in range(repeats):
        server = bench.measure_all_in()
        if number == repeats - 1:
            bench.measure_trace_by_id(server, "in parts")
            bench.measure_traceql(server)
            bench.measure_searches(server)
            bench.measure_freshness(server)
    bench.end()
    for _ in range(3 * repeats):
        bench.measure_start()
    for _ in range(repeats):
        bench.measure_idle()


def print_table() -> None:
    print(f"{'median':42} {'measured':>10} {'required':>9} {'Victoria':>15} {'Tempo':>15}  runs")
    for figure in FIGURES.values():
        if not figure.values:
            continue
        value = statistics.median(figure.values)
        required = "" if figure.required is None else f"{figure.required:g}"
        peers = [peer_text(peer, value) for peer in (figure.victoria, figure.tempo)]
        runs = " ".join(f"{each:.4g}" for each in figure.values)
        print(f"{figure.name:42} {value:>7.4g} {figure.unit:3}{required:>9}"
              f" {peers[0]:>15} {peers[1]:>15}  {runs}")


def peer_text(peer: float | None, value: float) -> str:
    return "" if peer is None or value == 0 else f"{peer:g} ({peer / value:.1f}x)"


# ---- profile -----------------------------------------------------------------------------------


def profile(bench: Bench) -> None:
    """Self time by symbol while taking spans in, while flushing them at once, and of both with
    default options."""
    server = bench.server(NO_FLUSH)
    record(server, bench.directory / "ingest.perf", lambda: bench.load(server, "HTTP"))
    record(server, bench.directory / "flush.perf", server.flush)
    server = bench.server([])

    def all_in() -> None:
        bench.load(server, "HTTP")
        server.flush()
    record(server, bench.directory / "all-in.perf", all_in)


def record(server: Server, path: pathlib.Path, work) -> None:
    perf = subprocess.Popen(["perf", "record", "-e", "cpu-clock", "-F", "999", "-g", "-o", path,
                             "-p", str(server.pid)],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(1)
    work()
    perf.send_signal(2)
    perf.wait()
    kept = ROOT / "build" / "bench" / path.name
    shutil.copy(path, kept)
    print(f"\n== {path.stem}, self time (perf report -i {kept.relative_to(ROOT)})")
    text = subprocess.run(["perf", "report", "-i", path, "--no-children", "-g", "none", "--stdio",
                           "--sort", "symbol", "--percent-limit", "0.5"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True).stdout
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    print("\n".join(line[:160] for line in lines[:25]))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--corpus", required=True, help="the built program of bench/corpus")
    parser.add_argument("--spans", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="100,000 spans, each figure once")
    parser.add_argument("--profile", action="store_true")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.spans, arguments.repeats = 100_000, 1
    corpus = Corpus(str(pathlib.Path(arguments.corpus).resolve()), arguments.spans)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=ROOT / "build") as directory:
        bench = Bench(arguments.build.resolve(), corpus, pathlib.Path(directory))
        try:
            profile(bench) if arguments.profile else measure(bench, arguments.repeats)
        finally:
            bench.end()
    if arguments.profile:
        return 0
    print(f"{corpus.spans} spans, {CONNECTIONS} connections, {os.cpu_count()} cores, "
          f"load {os.getloadavg()[0]:.1f} at the end")
    print_table()
    return 0


if __name__ == "__main__":
    sys.exit(main())
