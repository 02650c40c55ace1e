"""gRPC as grpcio sends it and as nobody should: each bad request has one defined answer, the
connection lives on, and what was accepted is answered equal."""

from __future__ import annotations

import concurrent.futures
import gzip
import os
import time

import grpc
from driver.answers import check_life, check_same, check_traces, rows, stored
from driver.results import check, check_equal
from driver.server import Server
from driver.spans import EXPORT, Generator, plain_span, request_of
from http2 import Http2Connection, frame
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (ExportTraceServiceRequest,
                                                                      ExportTraceServiceResponse)

HEALTH = "/grpc.health.v1.Health/Check"
SERVICE = b"opentelemetry.proto.collector.trace.v1.TraceService"
MIB = 1024 * 1024

# Codes of gRPC.
OK, INVALID_ARGUMENT, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED = 0, 3, 4, 8
UNIMPLEMENTED, INTERNAL = 12, 13


def call(server: Server, body: bytes, method: str = EXPORT, **options) -> bytes:
    with grpc.insecure_channel(server.address("grpc"), [
            ("grpc.max_send_message_length", -1)]) as channel:
        return channel.unary_unary(method)(body, timeout=60, **options)


def refusal(server: Server, body: bytes, method: str = EXPORT, **options) -> grpc.RpcError:
    try:
        answer = call(server, body, method, **options)
    except grpc.RpcError as error:
        return error
    raise AssertionError(f"not refused: {answer!r}")


def check_code(error: grpc.RpcError, code: grpc.StatusCode, *words: str) -> None:
    check_equal(error.code(), code, error.details())
    for word in words:
        check(word in error.details(), f"no {word!r} in {error.details()!r}")


def retry_info(error: grpc.RpcError) -> bytes | None:
    return dict(error.trailing_metadata()).get("grpc-status-details-bin")


# ---- with grpcio -------------------------------------------------------------------------------


def test_random_requests(server: Server):
    sent = ExportTraceServiceRequest()
    generator = Generator("grpc")
    for number in range(10):
        request = generator.request(spans=120, traces=8)
        compression = grpc.Compression.Gzip if number % 2 else None
        check_equal(call(server, request.SerializeToString(), compression=compression), b"")
        sent.MergeFrom(request)
    check_life(server, sent)


def test_many_calls_on_one_connection(server: Server):
    requests = [Generator(f"call {number}").request(40, 2) for number in range(100)]
    with grpc.insecure_channel(server.address("grpc")) as channel:
        export = channel.unary_unary(EXPORT)
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda each: export(each.SerializeToString()), requests))
    check_equal(set(answers), {b""})
    server.restart_after_kill()
    for request in requests:
        check_traces(server, request, "sent at once", forms_of=0)


def test_an_empty_request_is_fine(server: Server):
    check_equal(call(server, b""), b"")


def test_malformed_protobuf_is_invalid_argument(server: Server):
    for body in (b"\xff\xff\xff", b"\x0a\x7f", b"\x0b", b"\x0a\x02\x12\x05"):
        check_code(refusal(server, body), grpc.StatusCode.INVALID_ARGUMENT)


def test_an_unknown_method_is_unimplemented(server: Server):
    for method in ("/a.B/C", EXPORT + "s", "/grpc.reflection.v1.ServerReflection/Info"):
        check_code(refusal(server, b"", method), grpc.StatusCode.UNIMPLEMENTED)


def test_oversize_is_resource_exhausted_for_good(server: Server):
    """Retrying is no use, so there is no RetryInfo. The limit holds after decompression too."""
    large = request_of(plain_span(os.urandom(16), name="x" * (65 * MIB))).SerializeToString()
    for compression in (None, grpc.Compression.Gzip):
        error = refusal(server, large, compression=compression)
        check_code(error, grpc.StatusCode.RESOURCE_EXHAUSTED)
        check_equal(retry_info(error), None, "RetryInfo")
    request = request_of(plain_span(os.urandom(16)))
    call(server, request.SerializeToString())
    check_traces(server, request, "after the refusals")


def test_bad_spans_are_a_partial_success(server: Server):
    old = plain_span(os.urandom(16))
    old.start_time_unix_nano = 5
    for bad, words in ((plain_span(bytes(16)), "trace_id"), (old, "ago"),
                       (plain_span(os.urandom(16), bytes(8)), "span_id"),
                       (plain_span(os.urandom(16), name="QQQQ"), "UTF-8")):
        good = plain_span(os.urandom(16))
        body = request_of(bad, good).SerializeToString().replace(b"QQQQ", b"\xc0\xaf\xed\xa0")
        partial = ExportTraceServiceResponse.FromString(call(server, body)).partial_success
        check_equal(partial.rejected_spans, 1, words)
        check(words in partial.error_message, partial.error_message)
        check_same(stored(server, good.trace_id), rows(request_of(good)), words)


def test_a_bad_tenant_is_invalid_argument(server: Server):
    body = request_of(plain_span(os.urandom(16))).SerializeToString()
    for name in ("a/b", "..", "x" * 65):
        error = refusal(server, body, metadata=[("x-scope-orgid", name)])
        check_code(error, grpc.StatusCode.INVALID_ARGUMENT, "tenant")


def test_tenants_by_metadata_do_not_see_each_other(server: Server):
    trace_id = os.urandom(16)
    of = {name: request_of(plain_span(trace_id, name=name)) for name in ("one", "two")}
    for header, (name, request) in zip(("x-scope-orgid", "x-tenant"), of.items()):
        call(server, request.SerializeToString(), metadata=[(header, name)])
    server.restart_after_kill()
    for name, request in of.items():
        check_life(server, request, name)
    check_equal(stored(server, trace_id), {}, "of the default tenant")


def test_the_health_service(server: Server):
    serving = b"\x08\x01"
    check_equal(call(server, b"", HEALTH), serving)
    check_equal(call(server, b"\x0a" + bytes([len(SERVICE)]) + SERVICE, HEALTH), serving)
    check_code(refusal(server, b"\x0a\x03abc", HEALTH), grpc.StatusCode.NOT_FOUND)


def test_requests_under_way_end_before_the_server_does(server: Server):
    """SIGTERM while calls run: each is answered or refused so that it may be sent again."""
    requests = [Generator(f"drain {number}").request(200, 1) for number in range(60)]
    with grpc.insecure_channel(server.address("grpc")) as channel:
        export = channel.unary_unary(EXPORT)
        under_way = [export.future(each.SerializeToString(), timeout=20) for each in requests]
        under_way[5].result()
        code = server.stop()
        acknowledged = []
        for request, future in zip(requests, under_way):
            error = future.exception()
            if error is None:
                acknowledged.append(request)
            else:
                check_equal(error.code(), grpc.StatusCode.UNAVAILABLE, error.details())
    check_equal(code, 0, "exit code")
    check(len(acknowledged) > 5, "calls acknowledged")
    server.start()
    for request in acknowledged:
        check_traces(server, request, "acknowledged while stopping", forms_of=0)


# ---- by hand -----------------------------------------------------------------------------------


def body_of_one_span() -> tuple[ExportTraceServiceRequest, bytes]:
    request = request_of(plain_span(os.urandom(16)))
    return request, request.SerializeToString()


def check_alive(connection: Http2Connection) -> None:
    """The connection still takes a good call."""
    stream = connection.open(EXPORT)
    connection.data(stream, frame(b""), end=True)
    check_equal(connection.wait(stream).grpc_status, OK, "a good call afterwards")


def test_a_message_split_over_frames(server: Server):
    request, body = body_of_one_span()
    with Http2Connection(server.address("grpc")) as connection:
        stream = connection.open(EXPORT)
        data = frame(body)
        for at in range(len(data)):
            connection.data(stream, data[at:at + 1])
            if at % 50 == 0:
                connection.data(stream, b"")
        connection.data(stream, b"", end=True)
        answer = connection.wait(stream)
    check_equal((answer.grpc_status, answer.body), (OK, frame(b"")))
    check_life(server, request)


def test_a_compressed_message_without_an_encoding_is_refused(server: Server):
    request, body = body_of_one_span()
    with Http2Connection(server.address("grpc")) as connection:
        for extra in ({}, {"grpc-encoding": "identity"}):
            stream = connection.open(EXPORT, extra)
            connection.data(stream, frame(gzip.compress(body), compressed=1), end=True)
            check_equal(connection.wait(stream).grpc_status, INTERNAL)
        check_alive(connection)
    check_equal(stored(server, request.resource_spans[0].scope_spans[0].spans[0].trace_id), {})


def test_a_plain_message_under_an_encoding_is_fine(server: Server):
    request, body = body_of_one_span()
    with Http2Connection(server.address("grpc")) as connection:
        stream = connection.open(EXPORT, {"grpc-encoding": "gzip"})
        connection.data(stream, frame(body), end=True)
        check_equal(connection.wait(stream).grpc_status, OK)
    check_traces(server, request)


def test_an_unknown_encoding_is_unimplemented_and_says_which_are_known(server: Server):
    with Http2Connection(server.address("grpc")) as connection:
        for encoding in ("snappy", "br", "deflate"):
            stream = connection.open(EXPORT, {"grpc-encoding": encoding})
            connection.data(stream, frame(b"abc", compressed=1), end=True)
            answer = connection.wait(stream)
            check_equal(answer.grpc_status, UNIMPLEMENTED, encoding)
            check("gzip" in answer.headers["grpc-accept-encoding"], answer.headers)
        check_alive(connection)


def test_a_broken_gzip_message_is_invalid(server: Server):
    good = gzip.compress(body_of_one_span()[1])
    with Http2Connection(server.address("grpc")) as connection:
        for body in (good[:-9], b"\x1f\x8b" + b"x" * 50, b"", good[:-4] + b"\0\0\0\0"):
            stream = connection.open(EXPORT, {"grpc-encoding": "gzip"})
            connection.data(stream, frame(body, compressed=1), end=True)
            check_equal(connection.wait(stream).grpc_status, INVALID_ARGUMENT, body[:20])
        check_alive(connection)


def test_broken_frames_are_refused(server: Server):
    _, body = body_of_one_span()
    cases = [b"", b"\0", frame(body)[:-1], frame(body) + b"x", frame(body) + frame(body),
             b"\2" + frame(body)[1:], b"\0\xff\xff\xff\xff" + body]
    with Http2Connection(server.address("grpc")) as connection:
        for case in cases:
            stream = connection.open(EXPORT)
            connection.data(stream, case, end=True)
            status = connection.wait(stream).grpc_status
            check(status in (INTERNAL, INVALID_ARGUMENT, UNIMPLEMENTED, RESOURCE_EXHAUSTED),
                  f"{case[:8]!r}: {status}")
        check_alive(connection)


def test_a_deadline_ends_a_call_that_never_comes(server: Server):
    with Http2Connection(server.address("grpc")) as connection:
        started = time.monotonic()
        stream = connection.open(EXPORT, {"grpc-timeout": "300m"})
        connection.data(stream, b"\0\0\0\1\0half")
        check_equal(connection.wait(stream).grpc_status, DEADLINE_EXCEEDED)
        check(0.2 < time.monotonic() - started < 5, "the time it took")
        check_alive(connection)


def test_a_malformed_deadline_is_refused(server: Server):
    with Http2Connection(server.address("grpc")) as connection:
        for text in ("soon", "1", "123456789S", "-1S"):
            stream = connection.open(EXPORT, {"grpc-timeout": text})
            connection.data(stream, frame(b""), end=True)
            check(connection.wait(stream).grpc_status in (INTERNAL, INVALID_ARGUMENT), text)
        check_alive(connection)


def test_a_reset_call_leaves_the_others_alone(server: Server):
    request, body = body_of_one_span()
    with Http2Connection(server.address("grpc")) as connection:
        for _ in range(20):
            stream = connection.open(EXPORT)
            connection.data(stream, frame(body)[:30])
            connection.connection.reset_stream(stream, 8)
        check_alive(connection)
        stream = connection.open(EXPORT)
        connection.data(stream, frame(body), end=True)
        check_equal(connection.wait(stream).grpc_status, OK)
    check_traces(server, request)


def test_plain_http_on_the_grpc_port_gets_an_answer(server: Server):
    status, _, body = server.request("grpc", "POST", EXPORT, b"", {"Content-Type": "text/plain"})
    check_equal(status, 415, body)
    check_equal(server.request("grpc", "GET", "/")[0], 404)
