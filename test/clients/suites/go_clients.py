"""The OpenTelemetry SDK for Go, telemetrygen and the shop corpus of the benchmarks: each span that
they send is answered equal.

The SDK's program (test/clients/go) writes down what it exports. telemetrygen does not, so it
sends through a recorder that passes every request on.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import http.server
import os
import pathlib
import subprocess
import tempfile
import threading
import urllib.request

import grpc
from driver.answers import check_life, check_traces, rows
from driver.results import Skip, check_equal
from driver.server import Server
from driver.spans import EXPORT
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

# Where ./dev test builds them.
PROGRAMS = pathlib.Path(__file__).resolve().parents[3] / "build" / "clients-go"


def program(name: str) -> str:
    path = PROGRAMS / name
    if not path.exists():
        raise Skip(f"no {name}: it needs Go")
    return str(path)


def run(*command: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    check_equal(done.returncode, 0, f"{command[0]}: {done.stdout[-2000:].decode()}")


# ---- the SDK -----------------------------------------------------------------------------------


def emit(server: Server, protocol: str, port: str, *options: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        sent = os.path.join(directory, "sent")
        run(program("emit"), f"-protocol={protocol}", f"-endpoint={server.address(port)}",
            f"-sent={sent}", *options)
        data = TracesData.FromString(pathlib.Path(sent).read_bytes())
    check_equal(rows(data).total(), 80, "spans that were exported")
    check_life(server, data)


def test_sdk_grpc(server: Server):
    emit(server, "grpc", "grpc")


def test_sdk_grpc_gzip(server: Server):
    emit(server, "grpc", "grpc", "-gzip")


def test_sdk_http(server: Server):
    emit(server, "http", "otlp")


def test_sdk_http_gzip(server: Server):
    emit(server, "http", "otlp", "-gzip")


# ---- the corpus --------------------------------------------------------------------------------


def send_corpus(server: Server, target: str) -> None:
    """Thousands of traces that look like those of a shop, over several connections at once."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "shop")
        run(program("corpus"), "gen", "-spans=20000", f"-out={path}")
        run(program("corpus"), "send", f"-in={path}", f"-to={target}", "-conns=4")
        sent = read_corpus(pathlib.Path(path).read_bytes())
    check_traces(server, sent, "in the head", forms_of=3)
    server.restart_after_kill(["--storage.head-bytes=1MiB"])
    server.flush()
    check_traces(server, sent, "in parts", forms_of=3)


def read_corpus(data: bytes) -> ExportTraceServiceRequest:
    """Requests behind their lengths."""
    sent = ExportTraceServiceRequest()
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at:at + 4], "little")
        sent.MergeFromString(data[at + 4:at + 4 + size])
        at += 4 + size
    return sent


def test_shop_corpus_http(server: Server):
    send_corpus(server, server.url("otlp", "/v1/traces"))


def test_shop_corpus_grpc(server: Server):
    send_corpus(server, "grpc://" + server.address("grpc"))


# ---- telemetrygen ------------------------------------------------------------------------------

SPANS = 200  # of 50 traces with a root and three children each


def telemetrygen(endpoint: str, *options: str) -> None:
    run(program("telemetrygen"), "traces", "--otlp-insecure", f"--otlp-endpoint={endpoint}",
        "--traces=50", "--child-spans=3", "--workers=1", "--rate=0", "--status-code=Error",
        '--telemetry-attributes=text="a"', "--telemetry-attributes=flag=true",
        '--otlp-attributes=region="eu"', "--span-links=2", *options)


def test_telemetrygen_grpc(server: Server):
    with grpc_recorder(server) as (endpoint, sent):
        telemetrygen(endpoint)
    check_equal(rows(sent).total(), SPANS, "spans that telemetrygen sent")
    check_life(server, sent)


def test_telemetrygen_http(server: Server):
    with http_recorder(server) as (endpoint, sent):
        telemetrygen(endpoint, "--otlp-http")
    check_equal(rows(sent).total(), SPANS, "spans that telemetrygen sent")
    check_life(server, sent)


def test_telemetrygen_straight_to_both_ports(server: Server):
    telemetrygen(server.address("grpc"))
    telemetrygen(server.address("otlp"), "--otlp-http")
    check_equal(server.metric("spoor_ingest_spans_total"), 2 * SPANS, "spans received")
    check_equal(server.metric("spoor_ingest_refused_spans_total"), 0, "spans refused")
    server.flush()
    check_equal(server.status()["storage"]["parts"]["spans"], 2 * SPANS, "spans in parts")


@contextlib.contextmanager
def grpc_recorder(server: Server):
    """A gRPC server that passes each export on: its address and what went through."""
    sent = ExportTraceServiceRequest()
    lock = threading.Lock()
    target = grpc.insecure_channel(server.address("grpc")).unary_unary(EXPORT)

    class PassOn(grpc.GenericRpcHandler):
        def service(self, details):
            return grpc.unary_unary_rpc_method_handler(pass_on) \
                if details.method == EXPORT else None

    def pass_on(body: bytes, context) -> bytes:
        answer = target(body, timeout=30)
        with lock:
            sent.MergeFromString(body)
        return answer

    recorder = grpc.server(concurrent.futures.ThreadPoolExecutor(4), [PassOn()])
    port = recorder.add_insecure_port("127.0.0.1:0")
    recorder.start()
    try:
        yield f"127.0.0.1:{port}", sent
    finally:
        recorder.stop(1).wait()


@contextlib.contextmanager
def http_recorder(server: Server):
    """The same for protobuf over HTTP."""
    sent = ExportTraceServiceRequest()

    class PassOn(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            request = urllib.request.Request(server.url("otlp", self.path), body,
                                             {"Content-Type": self.headers["content-type"]})
            with urllib.request.urlopen(request) as response:
                answer = response.read()
            sent.MergeFromString(body)
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    recorder = http.server.HTTPServer(("127.0.0.1", 0), PassOn)
    thread = threading.Thread(target=recorder.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{recorder.server_port}", sent
    finally:
        recorder.shutdown()
        thread.join()
        recorder.server_close()
