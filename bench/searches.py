"""What the benchmark asks a filled server, as a Jaeger UI and Grafana ask it."""

from __future__ import annotations

import json
import time
import urllib.parse

SERVICE = "frontend"
HISTORY_SECONDS = 6 * 86_400

# In the order of the table; each is a row by its name.
NAMES = ["search: service", "search: service and tag", "search: duration",
         "search: nothing matches",
         "services", "operations", "summaries of 20", "dependencies over all",
         "search: the largest traces"]


# TraceQL, 20 newest; each is a row by its name.
TRACEQL = {
    "TraceQL: service": '{ resource.service.name = "frontend" }',
    "TraceQL: tag": "{ span.http.response.status_code = 500 }",
    "TraceQL: duration": "{ duration > 50ms }",
    "TraceQL: regex": '{ name =~ "GET .*" }',
    "TraceQL: rare": "{ status = error && duration > 30ms }",
    "TraceQL: structural":
        '{ resource.service.name = "frontend" } >> { status = error && duration > 10ms }',
}


def _legacy(**parameters: str) -> str:
    now = time.time()
    window = {"start": int((now - HISTORY_SECONDS) * 1e6), "end": int((now + 86_400) * 1e6),
              "limit": 20}
    return "/api/traces?" + urllib.parse.urlencode({**window, **parameters})


def _rfc3339(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def traceql_targets() -> dict[str, str]:
    """By name of the row, on the port of Tempo's API."""
    now = int(time.time())
    return {name: "/api/search?" + urllib.parse.urlencode(
                {"q": query, "limit": 20, "start": now - HISTORY_SECONDS, "end": now + 86_400})
            for name, query in TRACEQL.items()}


def targets() -> dict[str, str]:
    """By name of the row, on the port of Jaeger's API."""
    now = time.time()
    summaries = urllib.parse.urlencode({
        "query.serviceName": SERVICE, "query.searchDepth": 20,
        "query.startTimeMin": _rfc3339(now - HISTORY_SECONDS),
        "query.startTimeMax": _rfc3339(now + 86_400)})
    lookback = HISTORY_SECONDS * 1000
    return dict(zip(NAMES, [
        _legacy(service=SERVICE),
        _legacy(service=SERVICE, tags=json.dumps({"http.response.status_code": "500"})),
        _legacy(service=SERVICE, minDuration="5ms"),
        _legacy(service=SERVICE, minDuration="24h"),
        "/api/services",
        "/api/services/" + SERVICE + "/operations",
        "/api/v3/trace-summaries?" + summaries,
        f"/api/dependencies?endTs={int(now * 1000)}&lookback={lookback}",
        # About 2.4 MB of JSON, three to five times that of the others.
        _legacy(service=SERVICE, minDuration="50ms"),
    ]))
