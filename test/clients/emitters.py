"""The programs of SDKs in other languages (js, java): each sends one trace and prints what it sent.

They take --protocol=grpc|http/protobuf|http/json --endpoint=URL [--gzip] and print one line of
JSON: {"traceId": hex, "sent": [export...]}, an export being OTLP JSON or protobuf in base64, by
the protocol.
"""

from __future__ import annotations

import base64
import json
import subprocess

from driver.answers import check_life, from_otlp_json, rows_by_trace
from driver.results import check, check_equal
from driver.server import Server
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status, TracesData

SPANS = 9  # a root, four children, and a leaf under each
EXPORTS = 3  # of four spans at most
VALUES = {"string_value", "bool_value", "int_value", "double_value", "array_value"}


def emit(server: Server, command: list[str], protocol: str, endpoint: str, *options: str) -> None:
    """Runs the program; what it sent is a rich trace and is answered equal all its life."""
    done = subprocess.run([*command, f"--protocol={protocol}", f"--endpoint={endpoint}", *options],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    check_equal(done.returncode, 0, f"{command[0]}: {done.stderr[-2000:].decode()}")
    answer = json.loads(done.stdout)
    sent = [read_export(export) for export in answer["sent"]]
    check_equal(len(sent), EXPORTS, "exports")
    data = TracesData(resource_spans=[each for export in sent for each in export.resource_spans])
    check_equal(list(rows_by_trace(data)), [bytes.fromhex(answer["traceId"])], "traces sent")
    check_rich(data)
    check_life(server, data)


def read_export(export: str | dict) -> TracesData:
    if isinstance(export, str):
        return TracesData.FromString(base64.b64decode(export))
    for of_resource in export["resourceSpans"]:
        # The JavaScript SDK writes it inside the resource too, where OTLP has no such field.
        check_equal(of_resource["resource"].pop("schemaUrl"), of_resource["schemaUrl"], "schema")
    return from_otlp_json(export)


def check_rich(data: TracesData) -> None:
    """Every field that an SDK can fill is there."""
    scopes = [scope for resource in data.resource_spans for scope in resource.scope_spans]
    spans = [span for scope in scopes for span in scope.spans]
    check_equal(len(spans), SPANS, "spans sent")
    check(all(resource.schema_url and resource.resource.attributes
              for resource in data.resource_spans), "no resource")
    check(any(scope.schema_url and scope.scope.name and scope.scope.version for scope in scopes),
          "no scope")
    check_equal({span.kind for span in spans}, set(Span.SpanKind.values()) - {0}, "kinds")
    check_equal({span.status.code for span in spans}, set(Status.StatusCode.values()), "statuses")
    check_equal({bool(span.parent_span_id) for span in spans}, {True, False}, "with a parent")
    values = [pair.value for span in spans for pair in span.attributes]
    check(VALUES <= {kind_of(value) for value in values}, "a type of value is missing")
    check(any(span.flags & 0x200 and span.trace_state for span in spans), "no remote parent")
    check(any(link.trace_state for span in spans for link in span.links), "no remote link")
    for parts in ("attributes", "events", "links"):
        check(any(getattr(span, f"dropped_{parts}_count") for span in spans), f"{parts}: no drop")
    for parts in ("events", "links"):
        check(any(part.attributes and part.dropped_attributes_count
                  for span in spans for part in getattr(span, parts)), f"{parts}: no attributes")


def kind_of(value: AnyValue) -> str | None:
    return value.WhichOneof("value")
