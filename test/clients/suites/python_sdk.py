"""The OpenTelemetry SDK for Python, over gRPC and HTTP, plain and gzip: each span that it exports
is answered equal, in every form and through every stage of its life."""

from __future__ import annotations

import logging

from driver.answers import check_life
from driver.results import Skip, check_equal
from driver.server import Server
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

try:
    import grpc
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as OverGrpc
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as OverHttp
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import SpanLimits, TracerProvider
    from opentelemetry.sdk.trace.export import (BatchSpanProcessor, SimpleSpanProcessor,
                                                SpanExporter, SpanExportResult)
    MISSING = ""
except ImportError as error:
    MISSING = str(error)
    SpanExporter = object


# It warns of every attribute that our limits cut.
logging.getLogger("opentelemetry").setLevel(logging.ERROR)


class Recorder(SpanExporter):
    """Hands spans on and keeps their OTLP, made by the SDK's own encoder."""

    def __init__(self, exporter):
        self.exporter = exporter
        self.sent = ExportTraceServiceRequest()
        self.failures = 0

    def export(self, spans):
        self.sent.MergeFrom(encode_spans(spans))
        result = self.exporter.export(spans)
        self.failures += result is not SpanExportResult.SUCCESS
        return result

    def shutdown(self):
        self.exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self.exporter.force_flush(timeout_millis)


def test_grpc(server: Server):
    emit(server, OverGrpc(endpoint=server.address("grpc"), insecure=True))


def test_grpc_gzip(server: Server):
    emit(server, OverGrpc(endpoint=server.address("grpc"), insecure=True,
                          compression=grpc.Compression.Gzip))


def test_http(server: Server):
    emit(server, OverHttp(endpoint=server.url("otlp", "/v1/traces")))


def test_http_gzip(server: Server):
    emit(server, OverHttp(endpoint=server.url("otlp", "/v1/traces"), compression=Compression.Gzip))


def test_http_deflate(server: Server):
    emit(server, OverHttp(endpoint=server.url("otlp", "/v1/traces"),
                          compression=Compression.Deflate))


def test_http_on_the_port_of_all(server: Server):
    emit(server, OverHttp(endpoint=server.url("http", "/insert/opentelemetry/v1/traces")))


def test_each_span_in_a_request_of_its_own(server: Server):
    emit(server, OverGrpc(endpoint=server.address("grpc"), insecure=True), traces=3, batched=False)


def emit(server: Server, exporter, traces: int = 12, batched: bool = True) -> None:
    if MISSING:
        raise Skip(MISSING)
    recorder = Recorder(exporter)
    limits = SpanLimits(max_span_attributes=16, max_events=4, max_links=2, max_event_attributes=2,
                        max_link_attributes=1, max_attribute_length=1000)
    provider = TracerProvider(span_limits=limits, resource=Resource.create(
        {"service.name": "emit-python", "process.pid": 42, "list": ["a", "b"]},
        schema_url="https://opentelemetry.io/schemas/1.30.0"))
    provider.add_span_processor(BatchSpanProcessor(recorder) if batched
                                else SimpleSpanProcessor(recorder))
    for number in range(traces):
        make_trace(provider, number)
    provider.shutdown()
    check_equal(recorder.failures, 0, "exports that failed")
    check_equal(spans_in(recorder.sent), traces * 4, "spans that were exported")
    check_life(server, recorder.sent)


def spans_in(request: ExportTraceServiceRequest) -> int:
    return sum(len(of_scope.spans) for of_resource in request.resource_spans
               for of_scope in of_resource.scope_spans)


def make_trace(provider, number: int) -> None:
    outer = provider.get_tracer("emit.outer", "1.2.3", "https://opentelemetry.io/schemas/1.26.0",
                                attributes={"outer": True})
    inner = provider.get_tracer("emit.inner")
    with outer.start_as_current_span(f"GET /items/{number}", kind=trace.SpanKind.SERVER,
                                     attributes=every_type(number)) as root:
        link = trace.Link(root.get_span_context(), {"why": "batch", "over": "the limit"})
        for kind in (trace.SpanKind.CLIENT, trace.SpanKind.PRODUCER, trace.SpanKind.INTERNAL):
            with inner.start_as_current_span("step caf\u00e9", kind=kind,
                                             links=[link] * 3) as span:
                for event in range(6):
                    span.add_event("event", {"number": event, "text": "", "dropped": True})
                span.record_exception(ValueError("out of \u4e2d\u6587"))
                span.set_status(trace.StatusCode.ERROR, "out of items")
        root.set_status(trace.StatusCode.OK)


def every_type(number: int) -> dict:
    return {
        "string": "caf\u00e9", "empty": "", "int": number - 2**63, "large": 2**63 - 1,
        "double": -0.0, "small": 5e-324, "infinite": float("inf"), "nan": float("nan"),
        "bool": False, "bytes": b"\x00\xff", "strings": ["a", "", "c"], "ints": [0, -1, 2**40],
        "doubles": [0.1, 1e300], "bools": [True, False], "none": [], "long": "x" * 5000,
        "over the limit": "dropped",
    }
