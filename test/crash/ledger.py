#!/usr/bin/env python3
"""Acknowledged spans survive kill -9: a ledger kept outside of the server against what it answers.

    test/crash/ledger.py --spoor build/release/spoor [--cycles 20] [--seed N]

Each cycle starts the server with other options, lets several threads send random requests for
several tenants over gRPC and HTTP, with flushes, merges and reads in between, and kills it at a
random moment; now and then it is asked to stop instead, or killed while it recovers. After the next
start every trace is read back: what was acknowledged is there, nothing is there twice, nothing is
there that was not sent, a refused request has left nothing. A failure prints the seed that repeats
the choices.
"""

from __future__ import annotations

import argparse
import collections
import gzip
import http.client
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import grpc  # noqa: E402
from driver.answers import Multiset, check_same, rows, rows_by_trace, stored  # noqa: E402
from driver.results import Results, check, check_equal  # noqa: E402
from driver.server import HOST, Server  # noqa: E402
from driver.spans import EXPORT, Generator, otlp_json  # noqa: E402
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (  # noqa: E402
    ExportTraceServiceRequest)

TENANTS = ["", "shop", "bank.eu", "0_0"]
SENDERS = 4
CYCLE_SECONDS_MAX = 2.0


class Ledger:
    """What is known of each trace, kept by (tenant, trace id)."""

    def __init__(self):
        self.lock = threading.Lock()
        self.acknowledged: dict[tuple[str, bytes], Multiset] = {}
        self.unknown: dict[tuple[str, bytes], list[Multiset]] = collections.defaultdict(list)
        self.counts: collections.Counter[str] = collections.Counter()

    def note(self, tenant: str, request, outcome: str) -> None:
        """`outcome` is acknowledged, refused, or unknown: sent, but the answer never came."""
        with self.lock:
            self.counts[outcome] += rows(request).total()
            for trace_id, spans in rows_by_trace(request).items():
                key = tenant, trace_id
                known = self.acknowledged.setdefault(key, collections.Counter())
                if outcome == "acknowledged":
                    known.update(spans)
                elif outcome == "unknown":
                    self.unknown[key].append(spans)

    def settle(self, key: tuple[str, bytes], found: Multiset) -> None:
        """Compares what the server has of a trace; what was unknown is known from now on."""
        expected = collections.Counter(self.acknowledged[key])
        for spans in self.unknown.pop(key, []):
            if spans <= found - expected:  # a request is there as a whole or not at all
                expected.update(spans)
        check_same(found, expected, f"tenant {key[0]!r}, trace {key[1].hex()}")
        self.acknowledged[key] = expected


class Sender(threading.Thread):
    """Sends until the server is gone. Every other one over gRPC; now and then a repeat."""

    def __init__(self, server: Server, ledger: Ledger, seed: str, over_grpc: bool):
        super().__init__()
        self.server, self.ledger = server, ledger
        self.generator = Generator(seed)
        self.rng = self.generator.rng
        self.send = GrpcSend(server) if over_grpc else HttpSend(server)
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            while self._one_request():
                pass
        except BaseException as error:
            self.failure = error
        finally:
            self.send.close()

    def _one_request(self) -> bool:
        """False when the server is gone."""
        tenant = self.rng.choice(TENANTS)
        request = self.generator.request(self.rng.choice([1, 5, 40, 200]), self.rng.randint(1, 4))
        body = request.SerializeToString()
        compress = self.rng.random() < 0.3
        outcome = self.send(tenant, body, compress)
        if outcome == "acknowledged" and self.rng.random() < 0.1:
            self.send(tenant, body, compress)  # as after a timeout; whatever comes of it
        self.ledger.note(tenant, request, outcome)
        return outcome != "unknown"


class HttpSend:
    def __init__(self, server: Server):
        self.connection = http.client.HTTPConnection(HOST, server.ports["otlp"], timeout=30)

    def __call__(self, tenant: str, body: bytes, compress: bool) -> str:
        headers = {"Content-Type": "application/x-protobuf"}
        if len(body) % 5 == 0:
            headers["Content-Type"] = "application/json"
            body = json.dumps(otlp_json(ExportTraceServiceRequest.FromString(body))).encode()
        if tenant:
            headers["X-Scope-OrgID"] = tenant
        if compress:
            headers["Content-Encoding"] = "gzip"
            body = gzip.compress(body, 1)
        try:
            self.connection.request("POST", "/v1/traces", body, headers)
            answer = self.connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            return "unknown"
        check(answer.status in (200, 503), f"answer {answer.status}: {text[:300]!r}")
        if answer.status == 503:
            check(answer.getheader("retry-after"), "a refusal for now says when to come back")
            return "refused"
        check(text in (b"", b"{}"), f"partial success: {text[:300]!r}")
        return "acknowledged"

    def close(self) -> None:
        self.connection.close()


class GrpcSend:
    def __init__(self, server: Server):
        self.channel = grpc.insecure_channel(server.address("grpc"))
        self.export = self.channel.unary_unary(EXPORT)

    def __call__(self, tenant: str, body: bytes, compress: bool) -> str:
        try:
            text = self.export(body, timeout=30, wait_for_ready=False,
                               metadata=[("x-scope-orgid", tenant)] if tenant else [],
                               compression=grpc.Compression.Gzip if compress else None)
        except grpc.RpcError as error:
            check_equal(error.code(), grpc.StatusCode.UNAVAILABLE, error.details())
            # Ours says how long to wait; without it the connection broke.
            details = dict(error.trailing_metadata() or ())
            return "refused" if "grpc-status-details-bin" in details else "unknown"
        check_equal(text, b"", "partial success")
        return "acknowledged"

    def close(self) -> None:
        self.channel.close()


class Disturber(threading.Thread):
    """Flushes, merges and reads while the senders send, until the server is gone."""

    def __init__(self, server: Server, ledger: Ledger, rng: random.Random):
        super().__init__()
        self.server, self.ledger, self.rng = server, ledger, rng

    def run(self) -> None:
        try:
            while True:
                time.sleep(self.rng.uniform(0, 0.3))
                if self.rng.random() < 0.5:
                    self.server.flush()
                if self.rng.random() < 0.3:
                    self.server.merge()
                with self.ledger.lock:
                    keys = list(self.ledger.acknowledged)
                for tenant, trace_id in self.rng.sample(keys, min(3, len(keys))):
                    stored(self.server, trace_id, tenant)
        except (OSError, http.client.HTTPException):
            pass


def options(rng: random.Random) -> list[str]:
    """Another life each time; small heads and ages, so that flushes happen."""
    return [f"--storage.head-bytes={rng.choice(['256KiB', '1MiB', '4MiB', '64MiB'])}",
            f"--storage.flush-age={rng.choice(['1s', '1s', '5m'])}",
            f"--threads={rng.choice([1, 2, 3, 5])}",
            f"--memory.limit={rng.choice(['128MiB', '512MiB', '0'])}",
            f"--wal.sync={rng.choice(['always', 'always', 'interval:50ms'])}"]


class Life:
    """A data directory through all cycles."""

    def __init__(self, spoor: str, directory: pathlib.Path, seed: int):
        self.rng = random.Random(seed)
        self.server = Server(spoor, directory / "data")
        self.ledger = Ledger()
        self.settled: set[tuple[str, bytes]] = set()
        self.recovery_seconds: list[float] = []

    def start(self) -> None:
        while self.rng.random() < 0.2:  # killed while it recovers
            self.server.spawn(options(self.rng))
            time.sleep(self.rng.uniform(0, 0.3))
            self.server.kill()
        started = time.monotonic()
        self.server.start(options(self.rng))
        self.recovery_seconds.append(time.monotonic() - started)

    def cycle(self) -> None:
        self.start()
        self.read_back(200)
        seed = str(self.rng.random())
        senders = [Sender(self.server, self.ledger, f"{seed} {number}", number % 2 == 0)
                   for number in range(SENDERS)]
        disturber = Disturber(self.server, self.ledger, random.Random(seed))
        for thread in [*senders, disturber]:
            thread.start()
        time.sleep(self.rng.uniform(0.05, CYCLE_SECONDS_MAX))
        alive = self.server.running()
        code = 0
        if self.rng.random() < 0.2:
            code = self.server.stop()
        else:
            self.server.kill()
        for thread in [*senders, disturber]:
            thread.join()
        check_equal(code, 0, "exit code")
        check(alive, "the server ended by itself: " + self.last_lines())
        for sender in senders:
            if sender.failure is not None:
                raise sender.failure

    def read_back(self, old_traces: int) -> None:
        """The traces of the last cycle, and some that were settled before."""
        keys = list(self.ledger.acknowledged)
        fresh = [key for key in keys if key not in self.settled]
        old = [key for key in keys if key in self.settled]
        for key in fresh + self.rng.sample(old, min(old_traces, len(old))):
            self.ledger.settle(key, stored(self.server, key[1], key[0]))
        self.settled = set(keys)

    def last_lines(self) -> str:
        return self.server.log_path.read_text(errors="replace")[-2000:]

    def finish(self) -> None:
        """All traces once more: recovered, then from parts; and no span beside them."""
        self.start()
        self.read_back(sys.maxsize)
        self.server.flush()
        self.read_back(sys.maxsize)
        self.server.merge()
        self.read_back(sys.maxsize)
        total = sum(spans.total() for spans in self.ledger.acknowledged.values())
        in_parts = self.server.status()["storage"]["parts"]
        check_equal(in_parts["quarantined"], [], "parts that cannot be read")
        check(in_parts["spans"] >= total, f"{in_parts['spans']} spans in parts, {total} known")
        check_equal(self.server.stop(), 0, "exit code")


def verify(spoor: str, directory: pathlib.Path) -> None:
    done = subprocess.run([spoor, "verify", f"--storage.path={directory / 'data'}"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    check_equal(done.returncode, 0, f"spoor verify: {done.stdout[-2000:].decode()}")


def has_verify(spoor: str) -> bool:
    text = subprocess.run([spoor, "help"], stdout=subprocess.PIPE).stdout.decode()
    return any(line.startswith("  verify ") for line in text.splitlines())


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--spoor", required=True)
    parser.add_argument("--cycles", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    arguments = parser.parse_args()
    spoor = str(pathlib.Path(arguments.spoor).resolve())
    results = Results()
    print(f"seed {arguments.seed}")
    with tempfile.TemporaryDirectory(prefix="spoor-ledger-") as directory:
        life = Life(spoor, pathlib.Path(directory), arguments.seed)
        try:
            for number in range(1, arguments.cycles + 1):
                results.run(f"kill {number}", life.cycle)
                if results.counts["FAILED"]:
                    break
            else:
                results.run("all traces are back", life.finish)
            if has_verify(spoor):
                results.run("verify", lambda: verify(spoor, pathlib.Path(directory)))
        finally:
            if life.server.running():
                life.server.kill()
        if results.counts["FAILED"]:
            print(f"repeat with --seed {arguments.seed}; the end of the log:\n{life.last_lines()}")
        counts = json.dumps(life.ledger.counts)
        print(f"spans {counts}, {len(life.ledger.acknowledged)} traces, slowest start "
              f"{max(life.recovery_seconds):.2f} s")
    return results.finish()


if __name__ == "__main__":
    sys.exit(main())
