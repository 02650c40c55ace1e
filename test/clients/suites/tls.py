"""TLS with clients that know nothing of spoor: grpcio, urllib and Python's ssl against certificates
that the openssl command makes, and the terminal commands over it."""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.request

import grpc
from driver.answers import check_life
from driver.results import Skip, check, check_equal
from driver.server import HOST, Server, serve_command
from driver.spans import EXPORT, Generator, plain_span, request_of
from suites.starting import check_says, refused

PROTOBUF = {"Content-Type": "application/x-protobuf"}


class Authority:
    """Signs certificates for 127.0.0.1; all of them are files of one directory."""

    def __init__(self, directory: pathlib.Path, name: str = "authority"):
        if shutil.which("openssl") is None:
            raise Skip("no openssl command")
        self.directory, self.name = directory, name
        self.certificate = directory / f"{name}.crt"
        self.key = directory / f"{name}.key"
        self._run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                  "-subj", f"/CN={name}", "-days", "2", "-keyout", self.key,
                  "-out", self.certificate)

    def issue(self, name: str) -> tuple[pathlib.Path, pathlib.Path]:
        """The files of a certificate and its key."""
        certificate, key, request = (self.directory / f"{name}.{end}" for end in
                                     ("crt", "key", "csr"))
        self._run("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", key,
                  "-out", request)
        extensions = self.directory / "extensions"
        extensions.write_text(f"subjectAltName=IP:{HOST},DNS:localhost\n")
        self._run("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key,
                  "-CAcreateserial", "-days", "2", "-extfile", extensions, "-out", certificate)
        return certificate, key

    def _run(self, *arguments: object) -> None:
        done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, timeout=60)
        check_equal(done.returncode, 0, done.stderr.decode())


@contextlib.contextmanager
def with_tls(server: Server, *options: str):
    """Starts the server again, with TLS; gives its authority."""
    with tempfile.TemporaryDirectory(prefix="spoor-tls-") as directory:
        authority = Authority(pathlib.Path(directory))
        certificate, key = authority.issue("server")
        server.stop()
        server.tls = ssl.create_default_context(cafile=authority.certificate)
        extra = [option.format(ca=authority.certificate) for option in options]
        server.start([f"--tls.certificate={certificate}", f"--tls.key={key}", *extra])
        yield authority


def credentials(authority: Authority, *pair: pathlib.Path) -> grpc.ChannelCredentials:
    certificate, key = (path.read_bytes() for path in pair) if pair else (None, None)
    return grpc.ssl_channel_credentials(authority.certificate.read_bytes(), key, certificate)


def test_grpc(server: Server):
    with with_tls(server) as authority:
        request = Generator("tls grpc").request(spans=120, traces=8)
        with grpc.secure_channel(server.address("grpc"), credentials(authority)) as channel:
            export = channel.unary_unary(EXPORT)
            check_equal(export(request.SerializeToString(), timeout=30), b"")
        check_life(server, request)


def test_otlp_over_http(server: Server):
    with with_tls(server):
        request = Generator("tls http").request(spans=120, traces=8)
        url = server.url("otlp", "/v1/traces")
        check(url.startswith("https://"), url)
        with urllib.request.urlopen(
                urllib.request.Request(url, request.SerializeToString(), PROTOBUF),
                context=server.tls) as response:
            check_equal(response.status, 200)
        check_life(server, request)


def test_versions_and_protocols_on_every_port(server: Server):
    with with_tls(server):
        for name in server.ports:
            for version, text in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"),
                                  (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
                for offered, agreed in ((["h2", "http/1.1"], "h2"), (["http/1.1"], "http/1.1"),
                                        (["http/1.1", "h2"], "h2")):
                    server.tls.minimum_version = server.tls.maximum_version = version
                    server.tls.set_alpn_protocols(offered)
                    with connected(server, name, server.tls) as peer:
                        check_equal((peer.version(), peer.selected_alpn_protocol()),
                                    (text, agreed), name)


@contextlib.contextmanager
def connected(server: Server, name: str, context: ssl.SSLContext):
    with socket.create_connection((HOST, server.ports[name]), timeout=10) as plain, \
            context.wrap_socket(plain, server_hostname=HOST) as peer:
        yield peer


def test_plain_clients_are_refused(server: Server):
    with with_tls(server):
        answer = Server.request(plain_view(server), "otlp", "GET", "/v1/traces")
        check_equal(answer[0], 400)
        check(b"TLS" in answer[2], answer)
        with grpc.insecure_channel(server.address("grpc")) as channel:
            try:
                channel.unary_unary(EXPORT)(b"", timeout=5)
                raise AssertionError("not refused")
            except grpc.RpcError as error:
                check_equal(error.code(), grpc.StatusCode.UNAVAILABLE)
        check(server.metric("spoor_net_tls_handshakes_failed_total") >= 2, "counted")


def plain_view(server: Server) -> Server:
    """The same ports without TLS."""
    view = Server(server.spoor, server.directory)
    view.ports = server.ports
    return view


def test_client_certificates(server: Server):
    with with_tls(server, "--tls.client-ca={ca}") as authority:
        pair = authority.issue("client")
        request = Generator("tls client").request(spans=20, traces=2).SerializeToString()
        with grpc.secure_channel(server.address("grpc"), credentials(authority, *pair)) as channel:
            check_equal(channel.unary_unary(EXPORT)(request, timeout=30), b"")
        with grpc.secure_channel(server.address("grpc"), credentials(authority)) as channel:
            try:
                channel.unary_unary(EXPORT)(request, timeout=5)
                raise AssertionError("not refused")
            except grpc.RpcError as error:
                check_equal(error.code(), grpc.StatusCode.UNAVAILABLE)
        server.tls.load_cert_chain(*pair)
        check_equal(server.metric("spoor_ingest_spans_total"), 20)


def test_a_new_certificate_without_restart(server: Server):
    with with_tls(server) as authority:
        address = (HOST, server.ports["otlp"])
        before = ssl.get_server_certificate(address)
        certificate, key = authority.issue("next")
        for new, old in ((key, "server.key"), (certificate, "server.crt")):
            shutil.copy(new, authority.directory / old)
        deadline = time.monotonic() + 30
        while (now := ssl.get_server_certificate(address)) == before:
            check(time.monotonic() < deadline, "the old certificate is still in force")
            time.sleep(0.1)
        check_equal(now.split(), certificate.read_text().split())
        check_equal(server.request("http", "GET", "/ready")[0], 200)


def test_trace_over_tls(server: Server):
    with with_tls(server) as authority:
        span = plain_span(b"\x5a" * 16, name="over-tls")
        body = request_of(span).SerializeToString()
        check_equal(server.request("otlp", "POST", "/v1/traces", body, PROTOBUF)[0], 200)
        command = [server.spoor, "trace", span.trace_id.hex(),
                   f"--client.address={server.url('http')}"]
        done = subprocess.run([*command, f"--tls.ca={authority.certificate}"], capture_output=True)
        check_says(done.stdout.decode(), "over-tls")
        check_says(refused(command), "certificate verify failed")
        stranger = Authority(authority.directory, "stranger")
        check_says(refused([*command, f"--tls.ca={stranger.certificate}"]), "verify failed")


def test_a_start_with_bad_files_is_refused(server: Server):
    with tempfile.TemporaryDirectory() as directory:
        authority = Authority(pathlib.Path(directory))
        certificate, key = authority.issue("server")
        _, other = authority.issue("other")
        for files, words in (((certificate, other), (str(other), "does not match")),
                             ((pathlib.Path("/none"), key), ("/none", "No such file")),
                             ((key, key), (str(key), "no certificate"))):
            options = [f"--tls.certificate={files[0]}", f"--tls.key={files[1]}"]
            text = refused(serve_command(server.spoor, pathlib.Path(directory) / "data", options))
            check_says(text, "--tls.certificate", *words)
