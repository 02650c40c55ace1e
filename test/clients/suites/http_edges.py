"""HTTP/1.1 over raw sockets, as senders and attackers use it: refusals are seen and not a reset,
memory stays bounded, browsers are let in by the policy."""

from __future__ import annotations

import gzip
import json
import os
import socket
import threading
import time
import zlib

import zstandard
from driver.answers import check_traces
from driver.results import check, check_equal
from driver.server import HOST, Server, reset_peak_memory
from driver.spans import plain_span, request_of
from http2 import Http2Connection

MIB = 1024 * 1024
HEAD = "POST /v1/traces HTTP/1.1\r\nHost: spoor\r\nContent-Type: application/x-protobuf\r\n"


class RawConnection:
    def __init__(self, server: Server, port: str = "otlp"):
        self.socket = socket.create_connection((HOST, server.ports[port]), timeout=30)
        self.buffer = b""

    def __enter__(self) -> RawConnection:
        return self

    def __exit__(self, *_) -> None:
        self.socket.close()

    def send(self, *parts: str | bytes) -> None:
        self.socket.sendall(b"".join(part if isinstance(part, bytes) else part.encode()
                                     for part in parts))

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        """The next answer, with its body by Content-Length."""
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value.strip()
                   for name, _, value in (line.partition(":") for line in lines)}
        size = int(headers.get("content-length", 0))
        while len(self.buffer) < size:
            self._more()
        body, self.buffer = self.buffer[:size], self.buffer[size:]
        return int(first.split()[1]), headers, body

    def _more(self) -> None:
        received = self.socket.recv(65536)
        if not received:
            raise ConnectionError(f"closed after {self.buffer!r}")
        self.buffer += received

    def closed(self, seconds: float = 10) -> bool:
        """Whether the server ends the connection in time."""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True


def good_request() -> tuple[object, bytes]:
    request = request_of(plain_span(os.urandom(16)))
    return request, request.SerializeToString()


def sized(body: bytes, *headers: str) -> bytes:
    """A whole request."""
    lines = "".join(header + "\r\n" for header in headers)
    return f"{HEAD}{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body


# ---- bodies ------------------------------------------------------------------------------------


def test_a_body_of_100_MB_is_answered_413_and_not_reset(server: Server):
    """The sender writes all of it before it reads."""
    with RawConnection(server) as connection:
        connection.send(HEAD, f"Content-Length: {100 * MIB}\r\n\r\n")
        block = bytes(MIB)
        for _ in range(100):
            connection.send(block)
        status, headers, body = connection.answer()
    check_equal((status, headers["content-type"]), (413, "application/x-protobuf"))
    check(body.startswith(b"\x08\x08"), f"not a Status of RESOURCE_EXHAUSTED: {body!r}")
    check("retry-after" not in headers, headers)


def test_a_chunked_body_of_100_MB_is_answered_413_and_not_reset(server: Server):
    reset_peak_memory(server.pid)
    before = server.memory_bytes("VmRSS")
    with RawConnection(server) as connection:
        connection.send(HEAD, "Transfer-Encoding: chunked\r\n\r\n")
        block = b"100000\r\n" + bytes(MIB) + b"\r\n"
        for _ in range(100):
            connection.send(block)
        connection.send(b"0\r\n\r\n")
        check_equal(connection.answer()[0], 413)
    grown = server.memory_bytes("VmHWM") - before
    check(grown < 160 * MIB, f"memory grew by {grown // MIB} MiB for a body limit of 64 MiB")


def test_a_body_at_the_limit_and_one_beyond(server: Server):
    server.stop()
    server.start(["--limits.request-bytes=1MiB"])
    request, body = good_request()
    size = MIB - len(body) - 5
    field = b"\xfa\x3f" + bytes([size & 127 | 128, size >> 7 & 127 | 128, size >> 14])
    at_limit = body + field + bytes(size)  # an unknown field fills it
    check_equal(len(at_limit), MIB)
    for encoding, encode in (("identity", bytes), ("gzip", gzip.compress)):
        with RawConnection(server) as connection:
            connection.send(sized(encode(at_limit), f"Content-Encoding: {encoding}"))
            check_equal(connection.answer()[0], 200, f"at the limit, {encoding}")
        with RawConnection(server) as connection:
            connection.send(sized(encode(at_limit + b"\0"), f"Content-Encoding: {encoding}"))
            check_equal(connection.answer()[0], 413, f"one byte beyond, {encoding}")
    check_traces(server, request)


def bomb(window: int) -> bytes:
    """1 GiB of zeros in 1 MiB, as gzip (window 31) or zlib (15)."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, window)
    return b"".join(compressor.compress(bytes(16 * MIB)) for _ in range(64)) + compressor.flush()


def check_bomb(server: Server, encoding: str, body: bytes, growth_mib_max: int) -> None:
    reset_peak_memory(server.pid)
    before = server.memory_bytes("VmRSS")
    with RawConnection(server) as connection:
        connection.send(sized(body, f"Content-Encoding: {encoding}"))
        check_equal(connection.answer()[0], 413, encoding)
    grown = (server.memory_bytes("VmHWM") - before) // MIB
    check(grown < growth_mib_max, f"{encoding}: memory grew by {grown} MiB")


def test_a_gzip_bomb_costs_no_memory(server: Server):
    check_bomb(server, "gzip", bomb(31), 16)


def test_a_zstd_bomb_costs_no_memory(server: Server):
    check_bomb(server, "zstd", zstandard.ZstdCompressor().compress(bytes(1024 * MIB)), 16)


def test_a_bomb_that_hides_its_size_costs_the_limit_and_no_more(server: Server):
    """Up to the limit of 64 MiB it may be an honest body."""
    check_bomb(server, "deflate", bomb(15), 80)
    check_bomb(server, "gzip", bomb(31)[:-4] + b"\0\0\1\0", 80)
    compressor = zstandard.ZstdCompressor(write_content_size=False)
    check_bomb(server, "zstd", compressor.compress(bytes(1024 * MIB)), 96)


def test_chunks_of_any_size(server: Server):
    request, body = good_request()
    with RawConnection(server) as connection:
        connection.send(HEAD, "Transfer-Encoding: chunked\r\n\r\n")
        for at in range(0, len(body), 3):
            piece = body[at:at + 3]
            connection.send(f"{len(piece):X};name=value\r\n", piece, "\r\n")
        connection.send("0\r\nTrailer: yes\r\n\r\n")
        check_equal(connection.answer()[0::2], (200, b""))
        connection.send(sized(b""))
        check_equal(connection.answer()[0], 200, "the connection lives on")
    check_traces(server, request)


def test_byte_by_byte(server: Server):
    request, body = good_request()
    with RawConnection(server) as connection:
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in sized(body):
            connection.send(bytes([byte]))
        check_equal(connection.answer()[0], 200)
    check_traces(server, request)


def test_expect_100_continue(server: Server):
    request, body = good_request()
    with RawConnection(server) as connection:
        connection.send(HEAD, f"Expect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n")
        check_equal(connection.answer()[0], 100)
        connection.send(body)
        check_equal(connection.answer()[0], 200)
    check_traces(server, request)


def test_expect_100_continue_is_refused_before_the_body(server: Server):
    with RawConnection(server) as connection:
        connection.send(HEAD, f"Expect: 100-continue\r\nContent-Length: {100 * MIB}\r\n\r\n")
        check_equal(connection.answer()[0], 413)


def test_requests_sent_ahead_are_answered_in_order(server: Server):
    sent = [good_request() for _ in range(20)]
    with RawConnection(server) as connection:
        connection.send(b"".join(sized(body) for _, body in sent), sized(b"\xff"))
        for _ in sent:
            check_equal(connection.answer()[0], 200)
        check_equal(connection.answer()[0], 400)
    for request, _ in sent:
        check_traces(server, request, forms_of=0)


def test_a_body_cut_off_stores_nothing(server: Server):
    _, body = good_request()
    with RawConnection(server) as connection:
        connection.send(sized(body)[:-10])
    deadline = time.monotonic() + 10
    while server.metric("spoor_ingest_spans_total") == 0 and time.monotonic() < deadline - 9.5:
        time.sleep(0.05)
    check_equal(server.metric("spoor_ingest_spans_total"), 0)
    server.flush()
    check_equal(server.status()["storage"]["parts"]["spans"], 0)


def test_malformed_requests_are_400_and_the_connection_ends(server: Server):
    for text in ("GET /\r\n\r\n", "POST /v1/traces HTTP/9.9\r\n\r\n", "\0\0\0\0\r\n\r\n",
                 HEAD + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
                 HEAD + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
                 HEAD + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
                 HEAD + "Bad Header: x\r\n\r\n", HEAD + "Content-Length: -1\r\n\r\n"):
        with RawConnection(server) as connection:
            connection.send(text)
            status = connection.answer()[0]
            check(400 <= status < 600 and status not in (429, 502, 503, 504), (text, status))
            check(connection.closed(), f"still open after {text!r}")


def test_headers_beyond_the_limit_are_431(server: Server):
    with RawConnection(server) as connection:
        connection.send(HEAD, "X-Large: " + "x" * 40_000 + "\r\n\r\n")
        check_equal(connection.answer()[0], 431)
    with RawConnection(server) as connection:
        connection.send(HEAD, "X: y\r\n" * 200, "\r\n")
        check_equal(connection.answer()[0], 431)


def test_wrong_methods_and_paths(server: Server):
    status, headers, _ = server.request("otlp", "GET", "/v1/traces")
    check_equal(status, 405)
    check("POST" in headers.get("allow", ""), headers)
    for path in ("/", "/v1/metrics", "/v1/traces/", "/v1/traces/../traces"):
        check_equal(server.request("otlp", "POST", path, b"")[0], 404, path)


def test_errors_of_json_requests_are_json(server: Server):
    for body, extra, expected in (("{", {}, 400), ("{}", {"X-Scope-OrgID": "a/b"}, 400),
                                  ("{}", {"Content-Encoding": "br"}, 415),
                                  (" " * (65 * MIB), {}, 413)):
        fields = {"Content-Type": "application/json"} | extra
        status, headers, answer = server.request("otlp", "POST", "/v1/traces", body.encode(),
                                                 fields)
        check_equal((status, headers["content-type"]), (expected, "application/json"))
        error = json.loads(answer)
        check(error["code"] > 0 and error["message"], error)


def test_hundreds_of_silent_connections_do_not_stop_others(server: Server):
    idle = [RawConnection(server) for _ in range(400)]
    for number, connection in enumerate(idle):
        connection.send("POST /v1/tra" if number % 2 else HEAD + "Content-Length: 9\r\n\r\nx")
    request, body = good_request()
    with RawConnection(server) as connection:
        started = time.monotonic()
        connection.send(sized(body))
        check_equal(connection.answer()[0], 200)
        check(time.monotonic() - started < 5, "the honest request waited")
    for connection in idle:
        connection.socket.close()
    check_traces(server, request)


def test_a_slow_reader_does_not_stop_others(server: Server):
    """Asks for much and reads nothing."""
    spans = [plain_span(b"\7" * 16, os.urandom(8), "x" * 2000) for _ in range(2000)]
    body = request_of(*spans).SerializeToString()
    check_equal(server.request("otlp", "POST", "/v1/traces", body,
                               {"Content-Type": "application/x-protobuf"})[0], 200)
    ask = f"GET /api/traces/{'07' * 16} HTTP/1.1\r\nHost: spoor\r\n\r\n"
    slow = [RawConnection(server, "tempo") for _ in range(20)]
    threads = [threading.Thread(target=connection.send, args=(ask * 10,)) for connection in slow]
    for thread in threads:
        thread.start()
    for _ in range(5):
        started = time.monotonic()
        check_equal(server.request("http", "GET", "/ready")[0], 200)
        check(time.monotonic() - started < 5, "the honest request waited")
    for thread in threads:
        thread.join()
    for connection in slow:
        connection.socket.close()


def test_http2_on_every_http_port(server: Server):
    """With prior knowledge, its preface byte by byte."""
    request, body = good_request()
    for port, path in (("otlp", "/v1/traces"), ("http", "/insert/opentelemetry/v1/traces")):
        with Http2Connection(server.address(port), byte_by_byte=True) as connection:
            stream = connection.open(path, {"content-type": "application/x-protobuf"})
            connection.data(stream, body, end=True)
            answer = connection.wait(stream)
            check_equal((answer.headers[":status"], answer.body), ("200", b""), port)
    trace_id = request.resource_spans[0].scope_spans[0].spans[0].trace_id.hex()
    for port, path in (("tempo", "/api/traces/"), ("jaeger", "/api/v3/traces/")):
        with Http2Connection(server.address(port)) as connection:
            stream = connection.open(path + trace_id, {":method": "GET"})
            connection.data(stream, b"", end=True)
            check_equal(connection.wait(stream).headers[":status"], "200", port)
    check_traces(server, request)


def test_an_http2_body_of_100_MB_is_answered_413(server: Server):
    with Http2Connection(server.address("otlp")) as connection:
        stream = connection.open("/v1/traces", {"content-type": "application/x-protobuf",
                                                "content-length": str(100 * MIB)})
        answer = connection.wait(stream)
        check_equal(answer.headers[":status"], "413")
        stream = connection.open("/v1/traces", {"content-type": "application/x-protobuf"})
        connection.data(stream, b"", end=True)
        check_equal(connection.wait(stream).headers[":status"], "200", "on the same connection")


# ---- browsers ----------------------------------------------------------------------------------

ORIGIN = "https://shop.example"


def preflight(server: Server, origin: str) -> tuple[int, dict[str, str]]:
    status, headers, _ = server.request("otlp", "OPTIONS", "/v1/traces", headers={
        "Origin": origin, "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-scope-orgid,traceparent"})
    return status, headers


def post_from(server: Server, origin: str, body: bytes = b"") -> dict[str, str]:
    status, headers, _ = server.request("otlp", "POST", "/v1/traces", body, {
        "Origin": origin, "Content-Type": "application/x-protobuf"})
    check(status in (200, 400), status)
    return headers


def test_cors_of_a_configured_origin(server: Server):
    server.stop()
    server.start([f"--cors.origins={ORIGIN}"])
    status, headers = preflight(server, ORIGIN)
    check(status in (200, 204), status)
    check_equal(headers["access-control-allow-origin"], ORIGIN)
    check("POST" in headers["access-control-allow-methods"], headers)
    for name in ("content-type", "x-scope-orgid", "traceparent"):
        check(name in headers["access-control-allow-headers"].lower(), headers)
    for body in (b"", b"\xff"):  # also on the answer to the POST, also where it is an error
        answered = post_from(server, ORIGIN, body)
        check_equal(answered["access-control-allow-origin"], ORIGIN)
        check("origin" in answered.get("vary", "").lower(), answered)
    check("access-control-allow-origin" not in post_from(server, "https://other.example"), "other")


def test_cors_is_off_but_for_localhost(server: Server):
    check("access-control-allow-origin" not in preflight(server, ORIGIN)[1], "preflight")
    check("access-control-allow-origin" not in post_from(server, ORIGIN), "post")
    local = "http://localhost:3000"
    check_equal(preflight(server, local)[1].get("access-control-allow-origin"), local)
    check_equal(post_from(server, local).get("access-control-allow-origin"), local)
