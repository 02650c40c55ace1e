"""The OpenTelemetry SDK for JavaScript, over gRPC and HTTP, protobuf and JSON, plain and gzip: each
span that it exports is answered equal, in every form and through every stage of its life."""

from __future__ import annotations

import pathlib
import shutil

import emitters
from driver.results import Skip
from driver.server import Server

# Where ./dev test installs it.
PROGRAM = pathlib.Path(__file__).resolve().parents[3] / "build" / "clients-js" / "emit.mjs"


def emit(server: Server, protocol: str, endpoint: str, *options: str) -> None:
    if not PROGRAM.exists() or not shutil.which("node"):
        raise Skip("no emit.mjs: it needs Node and npm")
    emitters.emit(server, ["node", str(PROGRAM)], protocol, endpoint, *options)


def test_grpc(server: Server):
    emit(server, "grpc", server.url("grpc"))


def test_grpc_gzip(server: Server):
    emit(server, "grpc", server.url("grpc"), "--gzip")


def test_http_protobuf(server: Server):
    emit(server, "http/protobuf", server.url("otlp", "/v1/traces"))


def test_http_protobuf_gzip(server: Server):
    emit(server, "http/protobuf", server.url("otlp", "/v1/traces"), "--gzip")


def test_http_json(server: Server):
    emit(server, "http/json", server.url("otlp", "/v1/traces"))


def test_http_json_gzip(server: Server):
    emit(server, "http/json", server.url("otlp", "/v1/traces"), "--gzip")


def test_http_json_on_the_port_of_all(server: Server):
    emit(server, "http/json", server.url("http", "/insert/opentelemetry/v1/traces"))
