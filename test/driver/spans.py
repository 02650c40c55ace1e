"""Makes OTLP requests: valid ones of every shape that the protocol allows, by a seeded generator,
and the one plain span that tests change one field of."""

from __future__ import annotations

import base64
import random
import time

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"

WORDS = ["", "a", "GET /cart", "http.request.method", "caf\u00e9", "\u4e2d\u6587", "\U0001f600",
         "tab\tand\nline", "nul\0inside", "quote\"back\\slash", "x" * 300, "\u2028\u200f"]
INTEGERS = [0, 1, -1, 127, 128, -128, 200, 2**31, -2**31, 2**53 + 1, 2**63 - 1, -2**63]
DOUBLES = [0.0, -0.0, 1.0, 0.1, -2.5, 1e300, 5e-324, float("inf"), float("-inf"), float("nan")]
COUNTS = [0, 0, 0, 1, 2**32 - 1]
SCHEMAS = ["", "https://opentelemetry.io/schemas/1.26.0", "https://opentelemetry.io/schemas/1.30.0"]


def new_id(rng: random.Random, size: int) -> bytes:
    return rng.randbytes(size - 1) + bytes([rng.randrange(1, 256)])


def plain_span(trace_id: bytes, span_id: bytes = b"\1" * 8, name: str = "plain") -> Span:
    now = time.time_ns()
    return Span(trace_id=trace_id, span_id=span_id, name=name, kind=Span.SPAN_KIND_SERVER,
                start_time_unix_nano=now - 1_000_000, end_time_unix_nano=now,
                attributes=[KeyValue(key="http.route", value=AnyValue(string_value="/plain"))])


def request_of(*spans: Span, service: str = "plain") -> ExportTraceServiceRequest:
    resource = Resource(attributes=[
        KeyValue(key="service.name", value=AnyValue(string_value=service))])
    return ExportTraceServiceRequest(resource_spans=[ResourceSpans(
        resource=resource, scope_spans=[ScopeSpans(scope=InstrumentationScope(name="by hand"),
                                                   spans=spans)])])


def otlp_json(request: ExportTraceServiceRequest) -> dict:
    """As the protocol wants it: hex ids and enums as numbers."""
    document = json_format.MessageToDict(request, use_integers_for_enums=True)
    for span in spans_of(document):
        for each in [span, *span.get("links", [])]:
            for key in ("traceId", "spanId", "parentSpanId"):
                if key in each:
                    each[key] = base64.b64decode(each[key]).hex()
    return document


def spans_of(document: dict) -> list[dict]:
    return [span for of_resource in document["resourceSpans"]
            for of_scope in of_resource.get("scopeSpans", [])
            for span in of_scope.get("spans", [])]


class Generator:
    """Random requests; the same seed makes the same ones but for their times."""

    def __init__(self, seed: int | str):
        self.rng = random.Random(seed)

    def request(self, spans: int, traces: int) -> ExportTraceServiceRequest:
        """So many spans spread over so many new traces, several resources and scopes."""
        trace_ids = [new_id(self.rng, 16) for _ in range(traces)]
        request = ExportTraceServiceRequest()
        while spans > 0:
            of_resource = request.resource_spans.add(schema_url=self.rng.choice(SCHEMAS))
            if self.rng.random() < 0.9:
                of_resource.resource.CopyFrom(self.resource())
            for _ in range(self.rng.randint(1, 3)):
                of_scope = of_resource.scope_spans.add(schema_url=self.rng.choice(SCHEMAS))
                if self.rng.random() < 0.9:
                    of_scope.scope.CopyFrom(self.scope())
                for _ in range(min(spans, self.rng.randint(1, 8))):
                    of_scope.spans.append(self.span(self.rng.choice(trace_ids)))
                    spans -= 1
        return request

    def resource(self) -> Resource:
        name = KeyValue(key="service.name",
                        value=AnyValue(string_value=self.rng.choice(["cart", "frontend", "ad"])))
        resource = Resource(attributes=[name, *self.attributes(3)],
                            dropped_attributes_count=self.rng.choice(COUNTS))
        if self.rng.random() < 0.2:
            resource.entity_refs.add(type="service", schema_url=self.rng.choice(SCHEMAS),
                                     id_keys=["service.name", ""], description_keys=["a"])
        return resource if self.rng.random() < 0.9 else Resource()

    def scope(self) -> InstrumentationScope:
        if self.rng.random() < 0.1:
            return InstrumentationScope()
        return InstrumentationScope(name=self.word(), version=self.rng.choice(["", "1.2.3"]),
                                    attributes=self.attributes(2),
                                    dropped_attributes_count=self.rng.choice(COUNTS))

    def span(self, trace_id: bytes) -> Span:
        rng = self.rng
        start = time.time_ns() - rng.randrange(3_600_000_000_000)
        span = Span(
            trace_id=trace_id, span_id=new_id(rng, 8), name=self.word(), trace_state=self.state(),
            parent_span_id=rng.choice([b"", new_id(rng, 8)]), kind=rng.choice([0, 1, 2, 3, 4, 5]),
            start_time_unix_nano=start,
            end_time_unix_nano=rng.choice([start + rng.randrange(10**10), start, start - 1, 0]),
            attributes=self.attributes(rng.choice([0, 3, 12])), flags=rng.choice([0, 1, 0x301]),
            events=[self.event(start) for _ in range(rng.choice([0, 0, 1, 4]))],
            links=[self.link() for _ in range(rng.choice([0, 0, 1, 3]))])
        for field in ("attributes", "events", "links"):
            setattr(span, f"dropped_{field}_count", rng.choice(COUNTS))
        if rng.random() < 0.6:
            span.status.CopyFrom(rng.choice([
                Status(), Status(code=Status.STATUS_CODE_OK),
                Status(code=Status.STATUS_CODE_ERROR, message=self.word())]))
        return span

    def event(self, start: int) -> Span.Event:
        return Span.Event(time_unix_nano=self.rng.choice([start, start + 5_000_000, 0, 2**63 - 1]),
                          name=self.word(), attributes=self.attributes(3),
                          dropped_attributes_count=self.rng.choice(COUNTS))

    def link(self) -> Span.Link:
        return Span.Link(trace_id=new_id(self.rng, 16), span_id=new_id(self.rng, 8),
                         trace_state=self.state(), attributes=self.attributes(2),
                         dropped_attributes_count=self.rng.choice(COUNTS),
                         flags=self.rng.choice([0, 0x100]))

    def attributes(self, count_max: int) -> list[KeyValue]:
        """In any order, with keys given twice now and then."""
        return [self.key_value(3) for _ in range(self.rng.randint(0, count_max))]

    def key_value(self, depth: int) -> KeyValue:
        pair = KeyValue(key=self.rng.choice([self.word(), f"key.{self.rng.randrange(20)}"]))
        if self.rng.random() < 0.97:
            pair.value.CopyFrom(self.value(depth))
        return pair

    def value(self, depth: int) -> AnyValue:
        rng = self.rng
        kind = rng.randrange(8 if depth > 0 else 6)
        if kind == 0:
            return AnyValue(int_value=rng.choice([rng.choice(INTEGERS), rng.randrange(10_000)]))
        if kind == 1:
            return AnyValue(double_value=rng.choice([rng.choice(DOUBLES), rng.random()]))
        if kind == 2:
            return AnyValue(bool_value=rng.random() < 0.5)
        if kind == 3:
            return AnyValue(bytes_value=rng.randbytes(rng.choice([0, 1, 40])))
        if kind == 6:
            array = AnyValue()
            array.array_value.SetInParent()
            array.array_value.values.extend(self.value(depth - 1) for _ in range(rng.randrange(4)))
            return array
        if kind == 7:
            pairs = AnyValue()
            pairs.kvlist_value.SetInParent()
            pairs.kvlist_value.values.extend(
                self.key_value(depth - 1) for _ in range(rng.randrange(4)))
            return pairs
        return AnyValue(string_value=self.word()) if rng.random() < 0.95 else AnyValue()

    def word(self) -> str:
        rng = self.rng
        return rng.choice([rng.choice(WORDS), rng.choice(WORDS[2:4]), rng.randbytes(6).hex()])

    def state(self) -> str:
        return self.rng.choice(["", "", "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7"])
