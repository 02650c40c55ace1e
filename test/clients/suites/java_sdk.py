"""The OpenTelemetry SDK for Java, over gRPC and HTTP, plain and gzip: each span that it exports is
answered equal, in every form and through every stage of its life."""

from __future__ import annotations

import pathlib
import shutil

import emitters
from driver.results import Skip
from driver.server import Server

# Where ./dev test builds it.
PROGRAM = pathlib.Path(__file__).resolve().parents[3] / "build" / "clients-java"


def emit(server: Server, protocol: str, endpoint: str, *options: str) -> None:
    if not (PROGRAM / "Emit.class").exists() or not shutil.which("java"):
        raise Skip("no Emit.class: it needs Java and Maven")
    # The first compiler alone: the program ends before the second one pays.
    java = ["java", "-XX:TieredStopAtLevel=1", "-cp", f"{PROGRAM}:{PROGRAM}/libs/*", "Emit"]
    emitters.emit(server, java, protocol, endpoint, *options)


def test_grpc(server: Server):
    emit(server, "grpc", server.url("grpc"))


def test_grpc_gzip(server: Server):
    emit(server, "grpc", server.url("grpc"), "--gzip")


def test_http(server: Server):
    emit(server, "http/protobuf", server.url("otlp", "/v1/traces"))


def test_http_gzip(server: Server):
    emit(server, "http/protobuf", server.url("otlp", "/v1/traces"), "--gzip")


def test_http_on_the_port_of_all(server: Server):
    emit(server, "http/protobuf", server.url("http", "/insert/opentelemetry/v1/traces"))
