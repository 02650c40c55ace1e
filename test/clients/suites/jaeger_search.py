"""Spans of the OpenTelemetry SDK for Python, looked for through both generations of Jaeger's API
as its UI and Grafana ask: found at once after the acknowledgement, from memory and from parts."""

from __future__ import annotations

import json
import time
import urllib.parse

from driver.results import Skip, check, check_equal
from driver.server import Server

try:
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    MISSING = ""
except ImportError as error:
    MISSING = str(error)

# How long after the acknowledgement a span may stay out of the results.
SECONDS_MAX = 1.0


def test_found_within_a_second(server: Server):
    began = time.time()
    ids = emit(server, traces=5)
    acknowledged = time.monotonic()
    found = legacy(server, service="shop-python", tags={"order.id": "3"})
    check_equal([each["traceID"] for each in found["data"]], [ids[3]], "by a tag")
    check(time.monotonic() - acknowledged < SECONDS_MAX, "found later than a second")
    check_equal(summaries(server, began)["summaries"][0]["traceId"], ids[-1], "newest first")
    check(time.monotonic() - acknowledged < 2 * SECONDS_MAX, "found later than a second")


def test_lists_searches_and_traces_in_head_and_parts(server: Server):
    began = time.time()
    ids = emit(server, traces=5)
    for _ in ("in the head", "in parts"):
        check_everything(server, ids, began)
        server.flush()
    server.restart_after_kill()
    check_everything(server, ids, began)


def check_everything(server: Server, ids: list[str], began: float) -> None:
    check_equal(ask(server, "/api/services")["data"], ["shop-python"], "services")
    check_equal(ask(server, "/api/v3/services"), {"services": ["shop-python"]}, "v3 services")
    operations = ask(server, "/api/v3/operations?service=shop-python")["operations"]
    check_equal({(each["name"], each["spanKind"]) for each in operations},
                {("checkout", "server"), ("charge", "client")}, "operations")

    failed = legacy(server, service="shop-python", tags={"error": "true"}, limit=20)
    check_equal(sorted(each["traceID"] for each in failed["data"]), sorted(ids[1::2]), "errors")
    above = legacy(server, service="shop-python", tags={"order.id>": "3"})
    check_equal(sorted(each["traceID"] for each in above["data"]), sorted(ids[3:]), "order.id>=3")

    page = summaries(server, began)
    check_equal([each["traceId"] for each in page["summaries"]], ids[::-1], "newest first")
    check_equal({each["spanCount"] for each in page["summaries"]}, {2}, "spans of each")
    check_equal({each["rootOperationName"] for each in page["summaries"]}, {"checkout"}, "roots")

    for trace_id in ids:
        data = ask(server, f"/api/traces/{trace_id}")["data"]
        spans = {each["operationName"]: each for each in data[0]["spans"]}
        check_equal(set(spans), {"checkout", "charge"}, "spans of a trace")
        check_equal(spans["charge"]["references"][0]["spanID"], spans["checkout"]["spanID"],
                    "the parent")


def emit(server: Server, traces: int) -> list[str]:
    """Ids in order of start; returns when all are acknowledged."""
    if MISSING:
        raise Skip(MISSING)
    exporter = OTLPSpanExporter(endpoint=server.url("otlp", "/v1/traces"))
    provider = TracerProvider(resource=Resource.create({"service.name": "shop-python"}))
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("shop")
    ids = []
    for number in range(traces):
        with tracer.start_as_current_span("checkout", kind=trace.SpanKind.SERVER,
                                          attributes={"order.id": number}) as root:
            ids.append(f"{root.get_span_context().trace_id:032x}")
            with tracer.start_as_current_span("charge", kind=trace.SpanKind.CLIENT) as span:
                if number % 2:
                    span.set_status(trace.StatusCode.ERROR, "declined")
    provider.shutdown()
    return ids


def ask(server: Server, path: str):
    status, _, body = server.request("jaeger", "GET", path)
    check_equal(status, 200, f"GET {path}: {body[:300]!r}")
    return json.loads(body)


def legacy(server: Server, tags: dict[str, str], **parameters):
    """As Grafana's data source searches."""
    parameters |= {"tags": json.dumps(tags), "start": int((time.time() - 3600) * 1e6),
                   "end": int((time.time() + 1) * 1e6)}
    return ask(server, "/api/traces?" + urllib.parse.urlencode(parameters))


def summaries(server: Server, began: float):
    """As Jaeger UI 2.20 fills its search page."""
    def iso(seconds: float) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))
    return ask(server, "/api/v3/trace-summaries?" + urllib.parse.urlencode({
        "query.serviceName": "shop-python", "query.startTimeMin": iso(began - 1),
        "query.startTimeMax": iso(time.time() + 2), "query.searchDepth": 20}))
