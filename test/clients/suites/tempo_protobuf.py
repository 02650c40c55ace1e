"""Tempo's answers as protobuf say what its JSON says, read by protobuf's own runtime: random
spans, every endpoint, from memory and from parts."""

from __future__ import annotations

import json
import time
import urllib.parse

import tempopb
from driver.answers import canonical
from driver.results import check, check_equal
from driver.server import Server
from driver.spans import Generator
from google.protobuf import json_format

SEARCHES = [
    {"q": "{}", "limit": 50},
    {"q": "{ status = error }", "spss": 100},
    {"q": "{ kind = server } | by(name) | select(duration, span.key.1, resource.service.name)"},
    {"q": "{} | count() > 2 | avg(duration) > 1ns", "limit": 5},
    {"q": "{ name = `nothing has this name` }"},
]
# Path and the message that answers it.
LISTS = [
    ("/api/search/tags", "SearchTagsResponse"),
    ("/api/search/tags?scope=span&limit=3", "SearchTagsResponse"),
    ("/api/v2/search/tags", "SearchTagsV2Response"),
    ("/api/v2/search/tags?scope=resource", "SearchTagsV2Response"),
    ("/api/search/tag/key.1/values", "SearchTagValuesResponse"),
    ("/api/v2/search/tag/span.key.1/values", "SearchTagValuesV2Response"),
    ("/api/v2/search/tag/status/values", "SearchTagValuesV2Response"),
    ("/api/v2/search/tag/name/values", "SearchTagValuesV2Response"),
    ("/api/v2/search/tag/span.nothing/values", "SearchTagValuesV2Response"),
]
METRICS = ["{} | rate()", "{} | count_over_time() by (name, kind)",
           "{} | quantile_over_time(duration, 0.5, 0.9) by (resource.service.name)",
           "{} | histogram_over_time(duration)", "{ name = `nothing` } | avg_over_time(duration)"]


def test_says_what_json_says(server: Server):
    began = int(time.time())
    status, _, body = server.request(
        "otlp", "POST", "/v1/traces", Generator("tempo").request(300, 60).SerializeToString(),
        {"Content-Type": "application/x-protobuf"})
    check_equal(status, 200, body)
    for _ in ("in the head", "in parts"):
        counts = [check_same(server, "/api/search?" + urllib.parse.urlencode(search),
                             "SearchResponse").traces for search in SEARCHES]
        check(all(counts[:4]) and not counts[4], [len(each) for each in counts])
        for path, message in LISTS:
            check_same(server, path, message)
        for trace in counts[0][:10]:
            check_same(server, f"/api/v2/traces/{trace.traceID}", "TraceByIDResponse")
            check_same(server, f"/api/traces/{trace.traceID}", "Trace")
        check_same(server, "/api/v2/traces/1", "TraceByIDResponse")
        for query in METRICS:
            # Ends that do not move between the two answers.
            parameters = {"q": query, "start": began - 7200, "end": began + 60}
            check_same(server, "/api/metrics/query_range?" + urllib.parse.urlencode(
                parameters | {"exemplars": 10, "step": "5m"}), "QueryRangeResponse")
            check_same(server, "/api/metrics/query?" + urllib.parse.urlencode(parameters),
                       "QueryInstantResponse")
        server.flush()


def check_same(server: Server, path: str, message: str):
    """The answer, which is the same in both forms."""
    status, headers, body = server.request("tempo", "GET", path,
                                           headers={"Accept": "application/protobuf"})
    check_equal((status, headers["content-type"]), (200, "application/protobuf"), body[:300])
    answer = tempopb.type(message).FromString(body)
    status, headers, body = server.request("tempo", "GET", path)
    check_equal((status, headers["content-type"]), (200, "application/json"), body[:300])
    document = json.loads(body)
    if "batches" in document:
        document["resourceSpans"] = document.pop("batches")
    expected = json_format.ParseDict(document, tempopb.type(message)())
    check(canonical(answer) == canonical(expected),
          f"GET {path}: protobuf says\n{answer}\nand JSON\n{expected}"[:4000])
    return answer
