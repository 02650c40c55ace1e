"""OTLP over HTTP by hand: random requests in protobuf and JSON, the leniencies of JSON, answers
in the type of the request, spans refused one by one."""

from __future__ import annotations

import base64
import gzip
import json
import os
import time
import zlib

import zstandard
from driver.answers import (all_forms, check_life, check_same, check_traces, rows, stored)
from driver.results import check, check_equal
from driver.server import Server
from driver.spans import Generator, otlp_json, plain_span, request_of, spans_of
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse)
from opentelemetry.proto.trace.v1.trace_pb2 import Span

PROTOBUF_TYPE = "application/x-protobuf"
JSON_TYPE = "application/json"
PATH = "/v1/traces"


def post(server: Server, body: bytes, type_: str = PROTOBUF_TYPE,
         **headers: str) -> tuple[int, dict[str, str], bytes]:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return server.request("otlp", "POST", PATH, body, {"Content-Type": type_} | fields)


def post_ok(server: Server, request: ExportTraceServiceRequest, **headers: str) -> None:
    status, answered, body = post(server, request.SerializeToString(), **headers)
    check_equal(status, 200, f"answer {body!r}")
    check_equal(answered["content-type"], PROTOBUF_TYPE)
    check_equal(body, b"", "nothing was refused, so nothing is said")


# ---- what comes back ---------------------------------------------------------------------------


def test_random_requests_in_protobuf(server: Server):
    sent = ExportTraceServiceRequest()
    generator = Generator("protobuf")
    for _ in range(10):
        request = generator.request(spans=120, traces=8)
        post_ok(server, request)
        sent.MergeFrom(request)
    check_life(server, sent)


def test_random_requests_in_json(server: Server):
    sent = ExportTraceServiceRequest()
    generator = Generator("json")
    for _ in range(5):
        request = generator.request(spans=120, traces=8)
        status, answered, body = post(server, json.dumps(otlp_json(request)).encode(), JSON_TYPE)
        check_equal((status, body), (200, b"{}"))
        check_equal(answered["content-type"], JSON_TYPE)
        sent.MergeFrom(request)
    check_life(server, sent)


def test_compressed_bodies(server: Server):
    encoders = {"gzip": gzip.compress, "deflate": zlib.compress, "identity": bytes,
                "zstd": zstandard.ZstdCompressor().compress}
    for encoding, encode in encoders.items():
        request = Generator(encoding).request(spans=50, traces=3)
        status, _, body = post(server, encode(request.SerializeToString()),
                               Content_Encoding=encoding)
        check_equal((status, body), (200, b""), encoding)
        check_life(server, request)


def test_a_repeated_request_is_stored_once(server: Server):
    request = Generator("repeat").request(spans=20, traces=2)
    for _ in range(3):
        post_ok(server, request)
    server.restart_after_kill()
    post_ok(server, request)
    check_traces(server, request, "sent four times")
    server.flush()
    post_ok(server, request)
    check_traces(server, request, "sent five times")


def test_spans_equal_in_every_field_are_one_span(server: Server):
    """Also where a sender batched them anew, so that no request repeats another."""
    trace_id = os.urandom(16)
    first, second, third = (plain_span(trace_id, bytes([number]) * 8) for number in (1, 2, 3))
    post_ok(server, request_of(first, second, first))
    server.flush()
    post_ok(server, request_of(second, third))
    check_life(server, request_of(first, second, third))


def test_all_forms_of_a_trace_id(server: Server):
    trace_id = bytes(8) + os.urandom(7) + b"\1"
    post_ok(server, request_of(plain_span(trace_id)))
    low, full = trace_id[8:].hex(), trace_id.hex()
    url_safe = base64.urlsafe_b64encode(trace_id).decode()
    for form in (full, full.upper(), low, low.lstrip("0"), url_safe, url_safe.rstrip("="),
                 base64.urlsafe_b64encode(trace_id[8:]).decode()):
        for path in (f"/api/traces/{form}", f"/api/v2/traces/{form}"):
            check_equal(server.request("tempo", "GET", path)[0], 200, path)
        check_equal(server.request("jaeger", "GET", f"/api/v3/traces/{form}")[0], 200, form)


def test_unknown_and_malformed_trace_ids(server: Server):
    unknown = os.urandom(16).hex()
    status, _, body = server.request("jaeger", "GET", f"/api/v3/traces/{unknown}")
    error = json.loads(body)["error"]
    check_equal((status, error), (404, {"httpCode": 404, "message": "No traces found"}))
    check_equal(server.request("tempo", "GET", f"/api/traces/{unknown}")[0], 404)
    check_equal(server.request("tempo", "GET", f"/api/v2/traces/{unknown}")[0], 200)
    for path in ("/api/traces/xyz!", f"/api/traces/{unknown}00", "/api/v2/traces/xyz!"):
        check_equal(server.request("tempo", "GET", path)[0], 400, path)
    status, _, body = server.request("jaeger", "GET", "/api/v3/traces/xyz!")
    check_equal((status, json.loads(body)["error"]["httpCode"]), (400, 400))


# ---- leniencies of JSON ------------------------------------------------------------------------


def check_lenient(server: Server, change) -> None:
    """A span whose JSON was changed means the same as before."""
    request = request_of(plain_span(os.urandom(16)))
    document = otlp_json(request)
    changed = change(document, spans_of(document)[0])
    text = changed if isinstance(changed, str) else json.dumps(document)
    status, _, body = post(server, text.encode(), JSON_TYPE)
    check_equal((status, body), (200, b"{}"), text)
    check_traces(server, request, text)


def test_json_upper_case_ids(server: Server):
    check_lenient(server, lambda _, span: span.update(traceId=span["traceId"].upper()))


def test_json_base64_ids(server: Server):
    check_lenient(server, lambda _, span: span.update(
        traceId=base64.b64encode(bytes.fromhex(span["traceId"])).decode(),
        spanId=base64.b64encode(bytes.fromhex(span["spanId"])).decode()))


def test_json_times_as_numbers(server: Server):
    check_lenient(server, lambda _, span: span.update(
        startTimeUnixNano=int(span["startTimeUnixNano"]),
        endTimeUnixNano=int(span["endTimeUnixNano"])))


def test_json_enums_as_names(server: Server):
    check_lenient(server, lambda _, span: span.update(kind="SPAN_KIND_SERVER"))


def test_json_unknown_fields_and_nulls(server: Server):
    def change(document, span):
        document["resourceSpans"][0]["unheardOf"] = {"deep": [1, {"er": None}]}
        span.update(new=[1, 2], events=None, status=None, parentSpanId="", droppedLinksCount=None)
        del span["status"]  # an absent one differs from an empty one
    check_lenient(server, change)


def test_json_names_of_the_proto_file(server: Server):
    def change(document, span):
        text = json.dumps(document)
        for camel, snake in (("resourceSpans", "resource_spans"), ("scopeSpans", "scope_spans"),
                             ("traceId", "trace_id"), ("stringValue", "string_value"),
                             ("startTimeUnixNano", "start_time_unix_nano")):
            text = text.replace(f'"{camel}"', f'"{snake}"')
        return text
    check_lenient(server, change)


def test_json_content_type_with_a_charset(server: Server):
    request = request_of(plain_span(os.urandom(16)))
    body = json.dumps(otlp_json(request)).encode()
    check_equal(post(server, body, "Application/JSON; charset=utf-8")[0], 200)
    check_traces(server, request)


# ---- refusals ----------------------------------------------------------------------------------


def test_empty_requests_are_fine(server: Server):
    check_equal(post(server, b"")[0::2], (200, b""))
    check_equal(post(server, b"{}", JSON_TYPE)[0::2], (200, b"{}"))
    check_equal(post(server, b'{"resourceSpans":[]}', JSON_TYPE)[0::2], (200, b"{}"))


def bad_spans() -> dict[str, Span]:
    """Each is refused, with these words somewhere in the sentence."""
    def changed(**fields) -> Span:
        span = plain_span(os.urandom(16))
        span.MergeFrom(Span(**fields))
        return span
    day = 86_400_000_000_000
    return {
        "trace_id is not": changed(trace_id=bytes(16)),
        "trace_id is": changed(trace_id=b"\1" * 15),
        "span_id is not": changed(span_id=bytes(8)),
        "span_id is": changed(span_id=b"\1" * 9),
        "parent_span_id is neither": changed(parent_span_id=b"\1" * 7),
        "168h0m ago": changed(start_time_unix_nano=1),
        "168h0m": changed(start_time_unix_nano=time.time_ns() - 8 * day),
        "48h0m ahead": changed(start_time_unix_nano=time.time_ns() + 3 * day),
        "ahead of this server's clock": changed(start_time_unix_nano=2**64 - 1),
    }


def test_bad_spans_among_good_ones_are_refused_one_by_one(server: Server):
    bad = bad_spans()
    for sentence, span in bad.items():
        good = [plain_span(os.urandom(16)), plain_span(os.urandom(16))]
        status, _, body = post(server, request_of(good[0], span, good[1]).SerializeToString())
        check_equal(status, 200)
        partial = ExportTraceServiceResponse.FromString(body).partial_success
        check_equal(partial.rejected_spans, 1, sentence)
        check(sentence in partial.error_message, f"{sentence}: {partial.error_message}")
        check("span 1" in partial.error_message, partial.error_message)
        check_life(server, request_of(*good)) if sentence == "168h0m" else \
            check_traces(server, request_of(*good), sentence)
        if len(span.trace_id) == 16 and any(span.trace_id):
            check_equal(stored(server, span.trace_id), {}, "a refused span is not stored")


def test_invalid_utf8_in_protobuf_refuses_the_span(server: Server):
    good, bad = plain_span(os.urandom(16), name="good"), plain_span(os.urandom(16), name="QQQQ")
    body = request_of(good, bad).SerializeToString().replace(b"QQQQ", b"\xff\xfe\xff\xfe")
    status, _, answer = post(server, body)
    check_equal(status, 200)
    partial = ExportTraceServiceResponse.FromString(answer).partial_success
    check_equal(partial.rejected_spans, 1)
    check("UTF-8" in partial.error_message, partial.error_message)
    check_same(stored(server, good.trace_id), rows(request_of(good)), "the good span")


def test_partial_success_in_json(server: Server):
    good, bad = plain_span(os.urandom(16)), plain_span(bytes(16))
    body = json.dumps(otlp_json(request_of(good, bad))).encode()
    status, answered, answer = post(server, body, JSON_TYPE)
    check_equal((status, answered["content-type"]), (200, JSON_TYPE))
    partial = json_format.ParseDict(json.loads(answer)["partialSuccess"],
                                    ExportTracePartialSuccess())
    check_equal(partial.rejected_spans, 1)
    check("trace_id" in partial.error_message, partial.error_message)


def test_strange_but_allowed_spans(server: Server):
    """An end before the start, an unknown kind, thousands of attributes, a key twice."""
    span = plain_span(os.urandom(16))
    span.end_time_unix_nano = span.start_time_unix_nano - 5
    many = plain_span(span.trace_id, b"\2" * 8)
    for number in range(5000):
        pair = many.attributes.add(key=f"k{number % 4000}")
        pair.value.int_value = number
    request = request_of(span, many)
    body = request.SerializeToString().replace(b"\x30\x02", b"\x30\x4d", 1)  # kind 77
    request = ExportTraceServiceRequest.FromString(body)
    check_equal(request.resource_spans[0].scope_spans[0].spans[0].kind, 77)
    status, _, answer = post(server, body)
    check_equal((status, answer), (200, b""))
    check_life(server, request)


def test_malformed_bodies_are_400_in_their_own_type(server: Server):
    status, answered, body = post(server, b"\xff\xff\xff")
    check_equal((status, answered["content-type"]), (400, PROTOBUF_TYPE))
    check(body.startswith(b"\x08\x03"), f"not a Status of INVALID_ARGUMENT: {body!r}")
    for text in (b"{", b"[]", b'{"resourceSpans":7}', b'"\xff"', b"", b"[" * 5000):
        status, answered, body = post(server, text, JSON_TYPE)
        check_equal((status, answered["content-type"]), (400, JSON_TYPE), text[:40])
        error = json.loads(body)
        check_equal(error["code"], 3)
        check(len(error["message"]) > 5, error)


def test_nesting_beyond_the_limit(server: Server):
    span = plain_span(os.urandom(16))
    value = span.attributes.add(key="deep").value
    for _ in range(40):
        value = value.array_value.values.add()
    value.int_value = 1
    status, _, body = post(server, request_of(span).SerializeToString())
    partial = ExportTraceServiceResponse.FromString(body).partial_success
    check_equal((status, partial.rejected_spans), (200, 1))
    check(partial.error_message != "", "a reason")
    check_equal(stored(server, span.trace_id), {})


def test_wrong_types_and_encodings_are_415(server: Server):
    for type_ in ("text/plain", "application/x-protobuff", "application/grpc"):
        check_equal(post(server, b"", type_)[0], 415, type_)
    for encoding in ("br", "gzip, gzip", "snappy-framed"):
        check_equal(post(server, b"", Content_Encoding=encoding)[0], 415, encoding)


def test_tenants_do_not_see_each_other(server: Server):
    trace_id = os.urandom(16)
    of = {name: request_of(plain_span(trace_id, name=name or "default"))
          for name in ("", "one", "two")}
    for name, request in of.items():
        post_ok(server, request, **({"X_Scope_OrgID": name} if name else {}))
    for when in ("in the head", "in parts"):
        for name, request in of.items():
            for form, got in all_forms(server, trace_id, name).items():
                check_same(got, rows(request), f"tenant {name!r} {when}, {form}")
        check_equal(stored(server, trace_id, "three"), {}, "of a tenant that sent nothing")
        server.flush()


def test_account_and_project_name_a_tenant(server: Server):
    request = request_of(plain_span(os.urandom(16)))
    post_ok(server, request, AccountID="12", ProjectID="34")
    trace_id = request.resource_spans[0].scope_spans[0].spans[0].trace_id
    check_same(stored(server, trace_id, "12.34"), rows(request), "as tenant 12.34")
    check_equal(stored(server, trace_id), {})


def test_bad_tenants_are_400(server: Server):
    request = request_of(plain_span(os.urandom(16))).SerializeToString()
    for name in ("a/b", "..", "x" * 65, "caf\xe9"):
        status, answered, body = post(server, request, X_Scope_OrgID=name)
        check_equal((status, answered["content-type"]), (400, PROTOBUF_TYPE), name)
        check(b"tenant" in body, body)
