"""More than the memory takes: the server says so for now, with a delay, keeps its bounds, loses
nothing that it acknowledged, and takes spans again afterwards."""

from __future__ import annotations

import concurrent.futures
import http.client
import os
import socket

import grpc
from driver.answers import check_traces, message_fields
from driver.results import check, check_equal
from driver.server import HOST, Server
from driver.spans import EXPORT, plain_span, request_of

MIB = 1024 * 1024
LITTLE_MEMORY = ["--memory.limit=48MiB", "--storage.head-bytes=8MiB"]
# The limit is for what is tracked; flushing, decoding and the allocator come on top.
PEAK_MIB_MAX = 256


def large_request() -> tuple[object, bytes]:
    """About 4 MiB that do not compress."""
    spans = [plain_span(os.urandom(16), os.urandom(8), os.urandom(16_384).hex())
             for _ in range(128)]
    request = request_of(*spans)
    return request, request.SerializeToString()


def send_http(server: Server, body: bytes) -> bool:
    """Whether it was acknowledged."""
    connection = http.client.HTTPConnection(HOST, server.ports["otlp"], timeout=60)
    try:
        connection.request("POST", "/v1/traces", body, {"Content-Type": "application/x-protobuf"})
        answer = connection.getresponse()
        text = answer.read()
    finally:
        connection.close()
    check(answer.status in (200, 503), f"{answer.status}: {text[:300]!r}")
    if answer.status == 503:
        check(1 <= int(answer.getheader("retry-after")) <= 60, "a delay in seconds")
        check_equal(answer.getheader("content-type"), "application/x-protobuf")
        check_equal(message_fields(text)[1], 14, "the code of the Status, UNAVAILABLE")
    return answer.status == 200


def send_grpc(server: Server, body: bytes) -> bool:
    options = [("grpc.max_send_message_length", -1), ("grpc.use_local_subchannel_pool", 1)]
    try:
        with grpc.insecure_channel(server.address("grpc"), options) as channel:
            channel.unary_unary(EXPORT)(body, timeout=60)
    except grpc.RpcError as error:
        check_equal(error.code(), grpc.StatusCode.UNAVAILABLE, error.details())
        details = dict(error.trailing_metadata())["grpc-status-details-bin"]
        check_retry_info(details)
        return False
    return True


def check_retry_info(status: bytes) -> None:
    """google.rpc.Status with a RetryInfo of some seconds in its details."""
    detail = message_fields(message_fields(status)[3])
    check_equal(detail[1], b"type.googleapis.com/google.rpc.RetryInfo")
    delay = message_fields(message_fields(detail[2])[1])
    check(0 < delay.get(1, 0) + delay.get(2, 0) / 1e9 <= 60, delay)


def hold_memory(server: Server, body: bytes) -> list[socket.socket]:
    """Senders that do not come to their end and so hold most of the memory."""
    held = []
    for _ in range(10):
        connection = socket.create_connection((HOST, server.ports["otlp"]))
        connection.sendall(b"POST /v1/traces HTTP/1.1\r\nHost: spoor\r\nContent-Type: "
                           b"application/x-protobuf\r\nContent-Length: %d\r\n\r\n" % len(body))
        connection.sendall(body[:-1])
        held.append(connection)
    return held


def overload(server: Server, send) -> None:
    server.stop()
    server.start(LITTLE_MEMORY)
    requests = [large_request() for _ in range(40)]
    held = hold_memory(server, requests[0][1])
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(lambda each: send(server, each[1]), requests))
    for connection in held:
        connection.close()
    acknowledged = [request for (request, _), taken in zip(requests, outcomes) if taken]
    check(acknowledged, "none was taken")
    check(len(acknowledged) < len(requests), "none was refused: too little load for this test")
    peak = server.memory_bytes("VmHWM") // MIB
    check(peak < PEAK_MIB_MAX, f"peak memory {peak} MiB with a limit of 48 MiB")
    server.restart_after_kill()
    for request in acknowledged:
        check_traces(server, request, "acknowledged under load", forms_of=0)
    server.flush()
    small = request_of(plain_span(os.urandom(16)))
    check(send_http(server, small.SerializeToString()), "taken again afterwards")


# ---- tests -------------------------------------------------------------------------------------


def test_http_refusals_carry_retry_after(server: Server):
    overload(server, send_http)


def test_grpc_refusals_carry_retry_info(server: Server):
    overload(server, send_grpc)
