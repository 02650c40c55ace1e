"""What Grafana's Tempo data source does, request by request, on one address: save and test, trace
by id, search and its streams, completion with names that are encoded twice, the queries of Traces
Drilldown."""

from __future__ import annotations

import json
import time
import urllib.parse

import grpc
import tempopb
from driver.answers import canonical, rows
from driver.results import check, check_equal
from driver.server import Server
from driver.spans import request_of
from google.protobuf import json_format
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status, TracesData

PROTOBUF = {"Accept": "application/protobuf"}
MIB = 1024 * 1024


def test_save_and_test(server: Server):
    check_equal(server.request("tempo", "GET", "/api/echo")[::2], (200, b"echo"))
    status, _, body = server.request("tempo", "GET", "/api/status/buildinfo")
    check_equal(status, 200)
    version = tuple(int(part) for part in json.loads(body)["version"].split("."))
    check(version >= (2, 7, 0), f"features go by the version: {version}")
    # The trial stream: the first message, or the end, within the last 15 minutes.
    now = int(time.time())
    with channel(server) as grpc_channel:
        messages = list(search(grpc_channel, Query="{}", start=now - 900, end=now, Limit=1))
    check_equal([len(each.traces) for each in messages], [0])


def test_trace_by_id(server: Server):
    sent = send_shop(server, traces=3)
    for _ in ("in the head", "in parts"):
        for trace_id, request in sent.items():
            now = int(time.time())
            for ranged in ("", f"?start={now - 3600}&end={now + 3600}"):
                status, headers, body = server.request(
                    "tempo", "GET", f"/api/v2/traces/{trace_id}{ranged}", headers=PROTOBUF)
                check_equal((status, headers["content-type"]), (200, "application/protobuf"))
                answer = tempopb.type("TraceByIDResponse").FromString(body)
                check_equal((answer.status, answer.message), (0, ""), "complete")
                check_equal(rows(traces_data(answer.trace)), rows(request))
            # Zeros at the front may be left out.
            short = server.request("tempo", "GET", f"/api/v2/traces/{trace_id.lstrip('0')}",
                                   headers=PROTOBUF)[2]
            answer = tempopb.type("TraceByIDResponse").FromString(short)
            check_equal(rows(traces_data(answer.trace)), rows(request))
        server.flush()
    # Not known: an empty trace, and of the first version 404, which Grafana falls back to on 404.
    status, _, body = server.request("tempo", "GET", "/api/v2/traces/abc", headers=PROTOBUF)
    check_equal(status, 200)
    check_equal(len(tempopb.type("TraceByIDResponse").FromString(body).trace.resourceSpans), 0)
    check_equal(server.request("tempo", "GET", "/api/traces/abc", headers=PROTOBUF)[::2],
                (404, b""))


def test_search(server: Server):
    sent = send_shop(server, traces=30)
    found = http_search(server, "{ span.http.response.status_code >= 500 }", limit=20, spss=3)
    check_equal([each["traceID"] for each in found["traces"]], list(sent)[::-1][:20], "newest 20")
    trace = found["traces"][0]
    check_equal((trace["rootServiceName"], trace["rootTraceName"]), ("frontend", "GET /cart"))
    check_equal(trace["serviceStats"], {"frontend": {"spanCount": 2},
                                        "cart": {"spanCount": 2, "errorCount": 1}})
    spanset = trace["spanSets"][0]
    check_equal(spanset["matched"], 1)
    span, = spanset["spans"]
    check_equal((span["name"], span["durationNanos"]), ("select", "20000000"))
    check_equal(span["attributes"], [{"key": "http.response.status_code",
                                      "value": {"intValue": "500"}}])
    for url in ("/api/search?tags=service.name%3Dcart+error%3Dtrue&minDuration=1ms&limit=5",
                "/api/search?service.name=cart&limit=5"):
        status, _, body = server.request("tempo", "GET", url)
        check_equal((status, len(json.loads(body)["traces"])), (200, 5), url)


def test_streamed_searches(server: Server):
    sent = send_shop(server, traces=120)
    for name in ("tempo", "http"):
        with channel(server, name) as grpc_channel:
            for limit, query in ((0, "{}"), (50, "{ status = error }"), (500, "{} >> {}"),
                                 (7, "{ kind = server } | by(resource.service.name)")):
                messages = list(search(grpc_channel, Query=query, Limit=limit, **last_hour()))
                ids = [trace.traceID for each in messages for trace in each.traces]
                check_equal(ids, list(sent)[::-1][:limit or 20], query)
                check(all(each.ByteSize() <= MIB for each in messages), "long messages")
                jobs = [(each.metrics.completedJobs, each.metrics.totalJobs) for each in messages]
                check(jobs == sorted(jobs) and jobs[-1][0] == jobs[-1][1] > 0, jobs)
                # The same as HTTP says, with the same spans.
                expected = json_format.ParseDict(
                    http_search(server, query, limit=limit or 20, spss=3),
                    tempopb.type("SearchResponse")())
                check_equal([canonical(trace) for each in messages for trace in each.traces],
                            [canonical(trace) for trace in expected.traces], query)


def test_streamed_completion(server: Server):
    send_shop(server, traces=2)
    with channel(server) as grpc_channel:
        for method, request, path, answer in (
                ("SearchTags", {"scope": "span"}, "/api/search/tags?scope=span",
                 "SearchTagsResponse"),
                ("SearchTagsV2", {}, "/api/v2/search/tags", "SearchTagsV2Response"),
                ("SearchTagValues", {"tagName": "service.name"},
                 "/api/search/tag/service.name/values", "SearchTagValuesResponse"),
                ("SearchTagValuesV2", {"tagName": "resource.service.name", "query": "{}"},
                 "/api/v2/search/tag/resource.service.name/values", "SearchTagValuesV2Response")):
            kind = "SearchTagValuesRequest" if "Values" in method else "SearchTagsRequest"
            messages = list(stream(grpc_channel, method, tempopb.type(kind)(**request), answer))
            check_equal(len(messages), 1, method)
            messages[0].ClearField("metrics")
            expected = json_format.ParseDict(ask(server, path), tempopb.type(answer)())
            expected.ClearField("metrics")
            check_equal(messages[0], expected, method)


def test_metrics_and_their_streams(server: Server):
    send_shop(server, traces=40)
    now = int(time.time())
    with channel(server) as grpc_channel:
        for query in ("{} | rate()", "{ status = error } | count_over_time() by (name)",
                      "{} | quantile_over_time(duration, 0.9) by (resource.service.name)",
                      "{} | histogram_over_time(duration) with (exemplars = true)"):
            fields = {"query": query, "start": (now - 900) * 10**9, "end": (now + 1) * 10**9}
            for method, path, extra in (("MetricsQueryRange", "query_range", {"exemplars": 5}),
                                        ("MetricsQueryInstant", "query", {})):
                answer = method.removeprefix("Metrics") + "Response"
                request = tempopb.type(method.removeprefix("Metrics") + "Request")(
                    **fields, **extra, **({"step": 15 * 10**9} if extra else {}))
                parts = list(stream(grpc_channel, method, request, answer))
                check_equal(len(parts), 1, query)
                document = ask(server, f"/api/metrics/{path}?" + urllib.parse.urlencode(
                    {"q": query, "start": now - 900, "end": now + 1, "step": "15s", **extra}))
                expected = json_format.ParseDict(document, tempopb.type(answer)())
                check_equal(canonical(parts[0]), canonical(expected), f"{method} {query}")
                check(len(parts[0].series) > 0, query)
    errors = ask(server, "/api/metrics/query?" + urllib.parse.urlencode(
        {"q": "{ status = error } | count_over_time()", "start": now - 900, "end": now + 1}))
    check_equal(errors["series"][0]["value"], 40)


def test_bad_and_broken_off_streams(server: Server):
    send_shop(server, traces=200, padding=20_000)
    with channel(server) as grpc_channel:
        for fields, words in (({"Query": "{ .a = }"}, "1:8"), ({"Query": "{} | rate()"}, "metrics"),
                              ({"Limit": 300_000}, "262144"), ({"start": 9, "end": 3}, "start")):
            try:
                list(search(grpc_channel, **fields))
                raise AssertionError(f"{fields} was not refused")
            except grpc.RpcError as error:
                check_equal(error.code(), grpc.StatusCode.INVALID_ARGUMENT, error.details())
                check(words in error.details(), error.details())
        query = {"Query": "{ .padding != `` }", "Limit": 200, **last_hour()}
        # Broken off after the first message; the next call is served as if nothing had been.
        for _ in range(20):
            call = search(grpc_channel, **query)
            next(call)
            call.cancel()
        check_equal(sum(len(each.traces) for each in search(grpc_channel, **query)), 200)
        try:
            list(search(grpc_channel, timeout=0.001, **query))
        except grpc.RpcError as error:
            check_equal(error.code(), grpc.StatusCode.DEADLINE_EXCEEDED)


def test_tenants_together(server: Server):
    ours = send_shop(server, traces=3, tenant="ours")
    theirs = send_shop(server, traces=3, tenant="theirs")
    with channel(server) as grpc_channel:
        for tenant, ids in (("ours", list(ours)), ("theirs", list(theirs)), ("nobody", []),
                            ("theirs|ours", [*ours, *theirs])):
            messages = list(search(grpc_channel, tenant=tenant, Query="{}"))
            check_equal([trace.traceID for each in messages for trace in each.traces], ids[::-1],
                        tenant)
            found = ask(server, "/api/search?q={}", tenant)
            check_equal([each["traceID"] for each in found["traces"]], ids[::-1], tenant)
            for trace_id in [*ours, *theirs]:
                status = server.request("tempo", "GET", f"/api/traces/{trace_id}",
                                        headers={"X-Scope-OrgID": tenant})[0]
                check_equal(status, 200 if trace_id in ids else 404, tenant)


def test_completion(server: Server):
    send_shop(server, traces=2)
    scopes = {each["name"]: each.get("tags", [])
              for each in ask(server, "/api/v2/search/tags?limit=5000")["scopes"]}
    check("http.response.status_code" in scopes["span"], scopes)
    check("service.name" in scopes["resource"], scopes)
    check({"name", "status", "kind", "duration"} <= set(scopes["intrinsic"]), scopes)
    for tag, query, values in (
            ("resource.service.name", "{}", [("string", "cart"), ("string", "frontend")]),
            ("resource.service.name", "{ span.http.", [("string", "cart"), ("string", "frontend")]),
            ("name", '{ resource.service.name = "cart" }',
             [("string", "GET /"), ("string", "select")]),
            ("status", "{}", [("keyword", "error"), ("keyword", "ok"), ("keyword", "unset")]),
            ("span.http.response.status_code", "{}", [("int", "200"), ("int", "500")]),
            ("span.a b/c%d", "{}", [("bool", "true")])):
        name = urllib.parse.quote(urllib.parse.quote(tag, safe=""), safe="")
        found = ask(server, f"/api/v2/search/tag/{name}/values?limit=5000&q="
                    + urllib.parse.quote(query))
        check_equal([(each["type"], each["value"]) for each in found["tagValues"]], values, tag)
    found = ask(server, "/api/search/tag/service.name/values")
    check_equal(found["tagValues"], ["cart", "frontend"])


def test_traces_drilldown(server: Server):
    sent = send_shop(server, traces=4)
    primary = "nestedSetParent<0 && true"
    for query, spans in (
            (f"({{{primary}}} &>> {{ kind = server || status = error || duration > 15ms }}) || "
             f"({{{primary}}}) | select(status, resource.service.name, name, nestedSetParent, "
             "nestedSetLeft, nestedSetRight)", ["GET /cart", "cart.get", "GET /", "select"]),
            ("{true && status = error} | select(resource.service.name, event.exception.message, "
             "event.exception.type) with(most_recent=true)", ["select"])):
        found = http_search(server, query, limit=200, spss=20)
        check_equal([each["traceID"] for each in found["traces"]], list(sent)[::-1], query)
        for trace in found["traces"]:
            check_equal([span["name"] for span in trace["spanSets"][0]["spans"]], spans, query)
    span_found = found["traces"][0]["spanSets"][0]["spans"][0]
    attributes = {each["key"] for each in span_found["attributes"]}
    check({"service.name", "exception.message", "exception.type"} <= attributes, attributes)


# ---- what is sent and how it is asked ----------------------------------------------------------


def send_shop(server: Server, traces: int, padding: int = 0, tenant: str = "") -> dict:
    """Traces of two services and four spans; what was sent by trace id, oldest first."""
    sent = {}
    now = time.time_ns()
    for number in range(traces):
        trace_id = (0xab << 64 | now + number).to_bytes(16, "big")
        start = now - (traces - number) * 1_000_000
        spans = [span(trace_id, 1, 0, "GET /cart", Span.SPAN_KIND_SERVER, start, 100),
                 span(trace_id, 2, 1, "cart.get", Span.SPAN_KIND_CLIENT, start + 5, 90),
                 span(trace_id, 3, 2, "GET /", Span.SPAN_KIND_SERVER, start + 10, 80),
                 span(trace_id, 4, 3, "select", Span.SPAN_KIND_CLIENT, start + 20, 20)]
        spans[0].attributes.append(pair("http.response.status_code", int_value=200))
        spans[1].attributes.append(pair("a b/c%d", bool_value=True))
        spans[2].attributes.append(pair("padding", string_value="x" * padding))
        spans[3].attributes.append(pair("http.response.status_code", int_value=500))
        spans[3].status.CopyFrom(Status(code=Status.STATUS_CODE_ERROR, message="timeout"))
        event = spans[3].events.add(name="exception", time_unix_nano=start + 25)
        event.attributes.extend([pair("exception.message", string_value="timeout"),
                                 pair("exception.type", string_value="IOError")])
        request = request_of(*spans[:2], service="frontend")
        request.MergeFrom(request_of(*spans[2:], service="cart"))
        headers = {"Content-Type": "application/x-protobuf"}
        if tenant:
            headers["X-Scope-OrgID"] = tenant
        status, _, body = server.request("otlp", "POST", "/v1/traces", request.SerializeToString(),
                                         headers)
        check_equal((status, body), (200, b""))
        sent[trace_id.hex()] = request
    return sent


def span(trace_id: bytes, number: int, parent: int, name: str, kind: int, start: int,
         millis: int) -> Span:
    return Span(trace_id=trace_id, span_id=number.to_bytes(8, "big"), name=name, kind=kind,
                parent_span_id=parent.to_bytes(8, "big") if parent else b"",
                start_time_unix_nano=start, end_time_unix_nano=start + millis * 1_000_000)


def pair(key: str, **value) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(**value))


def traces_data(trace) -> TracesData:
    return TracesData.FromString(trace.SerializeToString())


def last_hour() -> dict[str, int]:
    now = int(time.time())
    return {"start": now - 3600, "end": now + 1}


def ask(server: Server, path: str, tenant: str = ""):
    headers = {"X-Scope-OrgID": tenant} if tenant else {}
    status, _, body = server.request("tempo", "GET", path, headers=headers)
    check_equal(status, 200, f"GET {path}: {body[:300]!r}")
    return json.loads(body)


def http_search(server: Server, query: str, limit: int, spss: int):
    return ask(server, "/api/search?" + urllib.parse.urlencode(
        {"q": query, "limit": limit, "spss": spss, **last_hour()}))


def channel(server: Server, name: str = "tempo") -> grpc.Channel:
    """At the address of the HTTP API, as Grafana dials it."""
    return grpc.insecure_channel(server.address(name),
                                 [("grpc.max_receive_message_length", 4 * MIB)])


def stream(grpc_channel: grpc.Channel, method: str, request, answer: str, tenant: str = "",
           timeout: float = 60):
    call = grpc_channel.unary_stream(
        f"/tempopb.StreamingQuerier/{method}",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=tempopb.type(answer).FromString)
    return call(request, timeout=timeout,
                metadata=[("x-scope-orgid", tenant)] if tenant else None)


def search(grpc_channel: grpc.Channel, tenant: str = "", timeout: float = 60, **fields):
    return stream(grpc_channel, "Search", tempopb.type("SearchRequest")(**fields),
                  "SearchResponse", tenant, timeout)
