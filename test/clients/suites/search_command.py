"""`spoor search` with tags and with TraceQL: the same traces in every form of output, and errors
that show the place."""

from __future__ import annotations

import json
import subprocess

from driver.results import check, check_equal
from driver.server import Server
from driver.spans import plain_span, request_of


def test_tables_trees_json_and_errors(server: Server):
    ids = [number.to_bytes(16, "big") for number in (1, 2, 3)]
    for trace_id in ids:
        request = request_of(plain_span(trace_id, name=f"GET /{trace_id[-1]}"), service="shop")
        status, _, body = server.request("otlp", "POST", "/v1/traces", request.SerializeToString(),
                                         {"Content-Type": "application/x-protobuf"})
        check_equal((status, body), (200, b""))
    newest_first = [trace_id.hex() for trace_id in ids[::-1]]
    for query in ("http.route=/plain", "{ span.http.route = `/plain` }", "({} | count() = 1)"):
        code, out, _ = search(server, query)
        check_equal(code, 0, query)
        rows = out.splitlines()
        check_equal([identifier for row in rows for identifier in newest_first
                     if identifier in row], newest_first, out)
        check("1 spans" in rows[0] and "shop" in rows[0] and "GET /3" in rows[0], rows[0])
        code, out, _ = search(server, query, "--output=tree")
        check(code == 0 and [f"GET /{number}" in out for number in (1, 2, 3)] == [True] * 3, out)
    found = json.loads(search(server, "{}", "--output=json", "--limit=2")[1])
    check_equal([each["traceID"] for each in found["traces"]], newest_first[:2])
    check_equal(search(server, "{ name = `nothing` }")[:2], (0, ""))

    code, out, errors = search(server, "{ name = }")
    check_equal((code, out), (1, ""))
    check(errors.endswith("{ name = }\n         ^\n"), errors)
    check_equal(search(server, "{}", "--service=shop")[0], 2)


def search(server: Server, *arguments: str) -> tuple[int, str, str]:
    done = subprocess.run([server.spoor, "search", *arguments,
                           "--client.address=" + server.address("http")],
                          capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr
