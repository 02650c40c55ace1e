"""Traces as sent and as answered, compared as equal multisets of (resource, scope, span).

Everything is read with the protobuf runtime of the sender's side, never with spoor's own code.
"""

from __future__ import annotations

import base64
import collections
import json

from google.protobuf import json_format
from opentelemetry.proto.trace.v1.trace_pb2 import Span, TracesData

from driver.results import check, check_equal
from driver.server import Server

# (resource, its schema URL, scope, its schema URL, span), each in canonical bytes; a resource or
# scope that is absent differs from an empty one.
Row = tuple[bytes | None, str, bytes | None, str, bytes]
Multiset = collections.Counter[Row]

PROTOBUF = {"Accept": "application/protobuf"}


def canonical(message) -> bytes:
    return message.SerializeToString(deterministic=True)


def rows(data) -> Multiset:
    """Of a TracesData, or of an ExportTraceServiceRequest, which has the same fields."""
    found: Multiset = collections.Counter()
    for of_resource in data.resource_spans:
        resource = canonical(of_resource.resource) if of_resource.HasField("resource") else None
        for of_scope in of_resource.scope_spans:
            scope = canonical(of_scope.scope) if of_scope.HasField("scope") else None
            for span in of_scope.spans:
                found[resource, of_resource.schema_url, scope, of_scope.schema_url,
                      canonical(span)] += 1
    return found


def rows_by_trace(data) -> dict[bytes, Multiset]:
    traces: dict[bytes, Multiset] = collections.defaultdict(collections.Counter)
    for row, count in rows(data).items():
        traces[trace_id_of(row)][row] += count
    return traces


def trace_id_of(row: Row) -> bytes:
    return Span.FromString(row[4]).trace_id


def check_same(got: Multiset, expected: Multiset, what: str) -> None:
    if got == expected:
        return
    missing, foreign = expected - got, got - expected
    text = [f"{what}: {missing.total()} spans missing, {foreign.total()} foreign"]
    for name, some in (("missing", missing), ("foreign", foreign)):
        for row in list(some)[:1]:
            text.append(f"{name}: resource {row[0]!r} {row[1]!r} scope {row[2]!r} {row[3]!r} span\n"
                        f"{Span.FromString(row[4])}")
    raise AssertionError("\n".join(text))


# ---- the forms of an answer --------------------------------------------------------------------


def from_otlp_json(document: dict) -> TracesData:
    """OTLP JSON has hex ids where protobuf's JSON has base64."""
    return json_format.ParseDict(_with_base64_ids(document), TracesData())


def _with_base64_ids(value):
    if isinstance(value, list):
        return [_with_base64_ids(each) for each in value]
    if not isinstance(value, dict):
        return value
    ids = ("traceId", "spanId", "parentSpanId")
    return {key: base64.b64encode(bytes.fromhex(each)).decode() if key in ids
            else _with_base64_ids(each) for key, each in value.items()}


def from_tempo_v1_json(body: bytes) -> TracesData:
    document = json.loads(body)
    return json_format.ParseDict({"resourceSpans": document["batches"]}, TracesData())


def from_tempo_v2_json(body: bytes) -> TracesData:
    return json_format.ParseDict(json.loads(body)["trace"], TracesData())


def from_tempo_v2(body: bytes) -> TracesData:
    """TraceByIDResponse: trace = 1, metrics = 2, status = 3, message = 4."""
    fields = message_fields(body)
    check_equal(fields.get(3, 0), 0, "status of the v2 answer, 0 is complete")
    return TracesData.FromString(fields.get(1, b""))


def message_fields(data: bytes) -> dict[int, int | bytes]:
    """The top level of a protobuf message of varints and byte strings; the last value wins."""
    fields: dict[int, int | bytes] = {}
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, at = _varint(data, at)
        if key & 7 == 2:
            fields[key >> 3] = data[at:at + number]
            check(at + number <= len(data), "a field goes past the end of the answer")
            at += number
        else:
            check_equal(key & 7, 0, "wire type")
            fields[key >> 3] = number
    return fields


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


# ---- asking ------------------------------------------------------------------------------------


def get(server: Server, port: str, path: str, headers: dict[str, str], type_: str) -> bytes:
    status, answered, body = server.request(port, "GET", path, headers=headers)
    check_equal(status, 200, f"GET {path}: {body[:300]!r}")
    check_equal(answered["content-type"], type_, f"content type of {path}")
    return body


def stored(server: Server, trace_id: bytes, tenant: str = "") -> Multiset:
    """What Tempo's v1 protobuf says of a trace; empty if it is unknown."""
    headers = PROTOBUF | ({"X-Scope-OrgID": tenant} if tenant else {})
    status, _, body = server.request("tempo", "GET", f"/api/traces/{trace_id.hex()}",
                                     headers=headers)
    if status == 404:
        return collections.Counter()
    check_equal(status, 200, f"trace {trace_id.hex()}: {body[:300]!r}")
    return rows(TracesData.FromString(body))


def all_forms(server: Server, trace_id: bytes, tenant: str = "") -> dict[str, Multiset]:
    """The trace through every interface, by the name of the form."""
    tenancy = {"X-Scope-OrgID": tenant} if tenant else {}
    name, json_type, protobuf_type = trace_id.hex(), "application/json", "application/protobuf"

    def ask(port: str, path: str, protobuf: bool = False) -> bytes:
        headers = tenancy | (PROTOBUF if protobuf else {})
        return get(server, port, path, headers, protobuf_type if protobuf else json_type)

    forms = {"tempo v1 protobuf": TracesData.FromString(ask("tempo", f"/api/traces/{name}", True)),
             "tempo v2 protobuf": from_tempo_v2(ask("tempo", f"/api/v2/traces/{name}", True)),
             "tempo v1 json": from_tempo_v1_json(ask("tempo", f"/api/traces/{name}")),
             "tempo v2 json": from_tempo_v2_json(ask("tempo", f"/api/v2/traces/{name}"))}
    for port, prefix in (("jaeger", ""), ("http", "/select/jaeger")):
        document = json.loads(ask(port, f"{prefix}/api/v3/traces/{name}?rawTraces=true"))
        forms[f"jaeger v3 on {port}"] = from_otlp_json(document["result"])
    return {form: rows(data) for form, data in forms.items()}


def check_traces(server: Server, sent, when: str = "", tenant: str = "",
                 forms_of: int = 1000) -> None:
    """Every trace of what was sent is answered equal, the first `forms_of` in every form."""
    traces = rows_by_trace(sent)
    check(traces, "nothing was sent")
    for number, (trace_id, expected) in enumerate(traces.items()):
        if number >= forms_of:
            check_same(stored(server, trace_id, tenant), expected, f"{when}: {trace_id.hex()}")
            continue
        for form, got in all_forms(server, trace_id, tenant).items():
            check_same(got, expected, f"{when}, {form}: {trace_id.hex()}")


def check_life(server: Server, sent, tenant: str = "") -> None:
    """Equal from memory, after kill -9, from parts, and from parts after kill -9."""
    check_traces(server, sent, "in the head", tenant, 5)
    server.restart_after_kill()
    check_traces(server, sent, "recovered from the log", tenant, 2)
    server.flush()
    check_traces(server, sent, "in parts", tenant, 5)
    server.restart_after_kill()
    check_traces(server, sent, "in parts after kill -9", tenant, 2)
