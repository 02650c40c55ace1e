#!/usr/bin/env python3
"""Figures of the release binary on a large store: what it took to fill it, and how long the
questions of a day take. Prints; never fails on a figure.

    bench/scale.py --build build/release --data DIR [--spans N] [--only PART]

DIR is filled once with a day of the shop of `spoor load` and asked again by later runs.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test"))

from driver.server import HOST, Server, reset_peak_memory  # noqa: E402

HISTORY_SECONDS = 86_400
QUESTION_SECONDS_MAX = 5.0  # as many rounds as fit, at least three
ROUNDS_MAX = 200
NEW_QUESTIONS = 40
NANOS = 1_000_000_000


@dataclasses.dataclass
class Question:
    """One row: targets that are asked in turn, on the port of an API."""

    name: str
    port: str
    targets: list[str]
    required_p50: float | None = None
    required_p99: float | None = None
    accept: str = "application/json"
    # Each target is asked once: nothing is kept from the time before.
    is_new: bool = False


class Period:
    """The day that the store holds, in seconds."""

    def __init__(self, server: Server):
        # The newest trace ends it: questions stay the same however old the store is.
        self.end = int(newest_start(server)) + 60
        self.start = self.end - HISTORY_SECONDS

    def tempo(self, path: str, **parameters: str | int) -> str:
        return f"{path}?" + urllib.parse.urlencode(
            {"start": self.start - HISTORY_SECONDS, "end": self.end, **parameters})

    def search(self, query: str) -> str:
        return self.tempo("/api/search", q=query, limit=20)

    def series(self, query: str) -> str:
        return "/api/metrics/query_range?" + urllib.parse.urlencode(
            {"q": query, "start": self.start // 60 * 60, "end": self.end // 60 * 60,
             "step": "1m"})

    def jaeger(self, **parameters: str) -> str:
        return "/api/traces?" + urllib.parse.urlencode(
            {"service": "frontend", "limit": 20, "end": self.end * 1_000_000,
             "start": (self.start - HISTORY_SECONDS) * 1_000_000, **parameters})


def get(server: Server, target: str) -> dict:
    status, _, body = server.request("tempo", "GET", target)
    assert status == 200, f"{target} answered {status}: {body[:500]!r}"
    return json.loads(body)


def newest_start(server: Server) -> float:
    found = get(server, "/api/search?q=%7B%7D&limit=1")["traces"]
    assert found, "the store is empty"
    return int(found[0]["startTimeUnixNano"]) / NANOS


def sample(server: Server, period: Period, windows: int) -> list[dict]:
    """Traces of all hours of the day, with the session of one span."""
    found = []
    for number in range(windows):
        start = period.start + number * (HISTORY_SECONDS // windows)
        answer = get(server, "/api/search?" + urllib.parse.urlencode(
            {"q": "{ span.session.id != nil } | select(span.session.id)", "limit": 8,
             "start": start, "end": start + 60}))
        found += answer["traces"]
    return found


def session_of(trace: dict) -> str:
    return trace["spanSet"]["spans"][0]["attributes"][0]["value"]["stringValue"]


def questions(server: Server, period: Period) -> list[Question]:
    traces = sample(server, period, 64)
    frontend = 'resource.service.name = "frontend"'
    searches = [
        ("search: service", f"{{ {frontend} }}", 3),
        ("search: tag", "{ span.http.response.status_code = 500 }", 3),
        ("search: service and tag", f"{{ {frontend} && span.http.response.status_code = 500 }}",
         10),
        ("search: duration", "{ duration > 50ms }", 3),
        ("search: regex on the name", '{ name =~ "GET .*" }', 3),
        ("search: rare", "{ status = error && duration > 100ms }", 3),
        ("search: structural",
         f"{{ {frontend} }} >> {{ status = error && duration > 10ms }}", 3),
        ("search: nothing matches, duration", "{ duration > 24h }", 250),
        ("search: nothing matches, tag", "{ span.http.response.status_code = 999 }", 250),
        ("search: nothing matches, service and tag",
         f"{{ {frontend} && span.http.response.status_code = 418 }}", 250),
        ("search: nothing matches, unique text", '{ span.session.id = "nobody" }', 250),
        ("search: structural over all",
         '{ status = error && kind = client } >> { name = "user_get" }', 500),
        ("search: structural over all, broad",
         f"{{ {frontend} }} >> {{ status = error && duration > 1h }}", 500),
        ("search: regex over unique text", '{ span.url.full =~ ".*no-such-part.*" }', 2000),
        ("search: count over all", "{ } | count() > 2000", None),
        ("search: average over all", "{ } | avg(duration) > 1h", None),
        ("search: two sets over all", "{ status = error } && { duration > 1h }", None),
        ("search: duration of the trace", "{ traceDuration > 50ms }", None),
        ("search: nothing matches, trace", "{ traceDuration > 24h }", None),
        ("search: nothing matches, root", '{ rootName = "nobody" && status = error }', None),
    ]
    by_service = "by (resource.service.name)"
    series = [
        ("rate by service per minute", f"{{ }} | rate() {by_service}", 20),
        ("quantiles by service per minute",
         f"{{ }} | quantile_over_time(duration, .5, .99) {by_service}", 20),
        ("quantiles per minute", "{ } | quantile_over_time(duration, .5, .99)", 50),
        ("rate, rare attribute",
         "{ span.http.response.status_code = 500 } | rate()", 500),
        ("rate, status", "{ status = error } | rate()", None),
        ("rate of roots", "{ nestedSetParent < 0 } | rate()", None),
        ("durations of roots", "{ nestedSetParent < 0 } | histogram_over_time(duration)", None),
        ("rate of roots by name", "{ nestedSetParent < 0 } | rate() by (rootName)", None),
        ("errors by service of the root",
         "{ status = error } | rate() by (rootServiceName)", None),
    ]
    # Questions that were not asked before, with a filter that leaves out nothing.
    new_series = [
        ("rate by service per minute", "{{ {} }} | rate() " + by_service, 20),
        ("quantiles by service per minute",
         "{{ {} }} | quantile_over_time(duration, .5, .99) " + by_service, 20),
        ("quantiles per minute", "{{ {} }} | quantile_over_time(duration, .5, .99)", 50),
        ("rate, rare attribute",
         "{{ {} && span.http.response.status_code = 500 }} | rate()", 500),
        ("rate, status", "{{ {} && status = error }} | rate()", None),
        ("rate of roots", "{{ {} && nestedSetParent < 0 }} | rate()", None),
        ("durations of roots",
         "{{ {} && nestedSetParent < 0 }} | histogram_over_time(duration)", None),
        ("rate of roots by name",
         "{{ {} && nestedSetParent < 0 }} | rate() by (rootName)", None),
        ("errors by service of the root",
         "{{ {} && status = error }} | rate() by (rootServiceName)", None),
    ]
    nobody = [f'resource.service.name != "nobody-{number}"' for number in range(NEW_QUESTIONS)]
    tags = "/api/v2/search/tag/span.http.request.method/values"
    return [
        Question("trace by id", "tempo", [f"/api/traces/{each['traceID']}" for each in traces],
                 0.8, 3, "application/protobuf"),
        *[Question(name, "tempo", [period.search(query)], limit)
          for name, query, limit in searches],
        Question("search: a unique id", "tempo",
                 [period.search(f'{{ span.session.id = "{session_of(each)}" }}')
                  for each in traces[:40]], 30),
        Question("Jaeger: service", "jaeger", [period.jaeger()]),
        Question("Jaeger: service and tag", "jaeger",
                 [period.jaeger(tags='{"http.response.status_code":"500"}')], 10),
        Question("Jaeger: duration", "jaeger", [period.jaeger(minDuration="5ms")]),
        Question("Jaeger: services", "jaeger", ["/api/services"]),
        *[Question(f"{name}, new", "tempo",
                   [period.series(query.format(each)) for each in nobody], limit, is_new=True)
          for name, query, limit in new_series],
        *[Question(f"{name}, again", "tempo", [period.series(query)], limit)
          for name, query, limit in series],
        Question("tag names", "tempo", [period.tempo("/api/v2/search/tags")], 10),
        Question("values of a tag, filtered", "tempo",
                 [period.tempo(tags, q=f"{{ {frontend} }}")], 50),
    ]


def ask(build: pathlib.Path, server: Server, question: Question) -> dict[str, float]:
    """One round to warm up and to see how many more fit, then p50 and p99 in milliseconds.
    New questions are asked in one round, on what others have warmed up."""
    def rounds(count: int) -> dict[str, float]:
        done = subprocess.run(
            [build / "bench" / "request_bench", HOST, str(server.ports[question.port]),
             str(count), question.accept],
            check=True, stdout=subprocess.PIPE, text=True,
            input="".join(f"row {target}\n" for target in question.targets))
        return {name: float(value) for name, value in re.findall(r"(\w+)=([\d.]+)", done.stdout)}
    if question.is_new:
        return rounds(1)
    started = time.monotonic()
    rounds(1)
    seconds = max(time.monotonic() - started, 1e-3)
    return rounds(int(min(ROUNDS_MAX, max(3, QUESTION_SECONDS_MAX / seconds))))


def fill(server: Server, build: pathlib.Path, spans: int) -> None:
    started = time.monotonic()
    subprocess.run([build / "spoor", "load", f"--load.to={server.url('otlp')}",
                    f"--load.spans={spans}", f"--load.history={HISTORY_SECONDS}s"], check=True,
                   stdout=subprocess.DEVNULL)
    loaded = time.monotonic() - started
    used = server.metric("process_cpu_seconds_total")
    print(f"{spans} spans loaded: {spans / loaded:.0f} spans/s, "
          f"{used * 1e6 / spans:.2f} us CPU a span, peak {mebibytes(server, 'VmHWM')} MiB")
    server.flush()
    server.merge()
    used = server.metric("process_cpu_seconds_total")
    stored = server.status()["storage"]["parts"]
    print(f"flushed and merged: {used * 1e6 / spans:.2f} us CPU a span, "
          f"{stored['bytes'] / spans:.2f} B a span in {stored['count']} parts, "
          f"peak {mebibytes(server, 'VmHWM')} MiB", flush=True)


def mebibytes(server: Server, field: str) -> int:
    return server.memory_bytes(field) // 2**20


def start(server: Server, what: str) -> None:
    """Up to the last listener; polled every five milliseconds."""
    started = time.monotonic()
    server.start([])
    print(f"start to ready, {what}: {(time.monotonic() - started) * 1e3:.0f} ms", flush=True)


def measure(server: Server, build: pathlib.Path, only: str) -> None:
    period = Period(server)
    reset_peak_memory(server.pid)
    print(f"{'':44} {'p50 ms':>9} {'p99 ms':>9} {'required':>9} {'KB':>8} {'asked':>6}")
    for question in questions(server, period):
        if only not in question.name:
            continue
        took = ask(build, server, question)
        required = "" if question.required_p50 is None else f"{question.required_p50:g}"
        if question.required_p99 is not None:
            required += f"; {question.required_p99:g}"
        print(f"{question.name:44} {took['p50_ms']:9.2f} {took['p99_ms']:9.2f} {required:>9} "
              f"{took['bytes'] / 1000:8.1f} {took['requests']:6.0f}", flush=True)
    print(f"memory: {mebibytes(server, 'VmRSS')} MiB, peak {mebibytes(server, 'VmHWM')} MiB")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--data", required=True, type=pathlib.Path)
    parser.add_argument("--spans", type=int, default=100_000_000)
    parser.add_argument("--only", default="", help="questions whose names contain this")
    arguments = parser.parse_args()
    build, data = arguments.build.resolve(), arguments.data.resolve()
    server = Server(str(build / "spoor"), data)
    filled = data.exists()
    try:
        start(server, "store as it is" if filled else "empty store")
        if not filled:
            fill(server, build, arguments.spans)
            server.stop()
            start(server, "full store")
        measure(server, build, arguments.only)
    finally:
        if server.running():
            server.stop()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end")
    return 0


if __name__ == "__main__":
    sys.exit(main())
