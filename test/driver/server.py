"""The real binary as a process of a test: started on free ports, killed, started again."""

from __future__ import annotations

import http.client
import json
import pathlib
import ssl
import subprocess
import time

# What the server calls its listeners in its log.
LISTENERS = {
    "OTLP over gRPC": "grpc",
    "OTLP over HTTP": "otlp",
    "Jaeger API": "jaeger",
    "Tempo API": "tempo",
    "everything over HTTP": "http",
}
PORT_OPTIONS = ("http-port", "otlp-grpc-port", "otlp-http-port", "jaeger-port", "tempo-port")
START_SECONDS_MAX = 60
HOST = "127.0.0.1"


class StartFailed(Exception):
    """The server ended before it was ready."""


class Server:
    """One data directory and the process that serves it. Each start takes new free ports."""

    def __init__(self, spoor: str, directory: pathlib.Path, options: list[str] | None = None):
        self.spoor = spoor
        self.directory = directory
        self.options = options or []
        self.ports: dict[str, int] = {}
        self.process: subprocess.Popen[bytes] | None = None
        self.tls: ssl.SSLContext | None = None  # for a server that was started with TLS
        self.log_path = directory.with_name(directory.name + ".log")

    def start(self, options: list[str] | None = None) -> Server:
        self.ports = self._wait_for_ports(self.spawn(options))
        return self

    def spawn(self, options: list[str] | None = None) -> int:
        """Starts it and does not wait; the size of the log before."""
        if options is not None:
            self.options = options
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log_path, "ab") as log:
            offset = log.tell()
            self.process = subprocess.Popen(serve_command(self.spoor, self.directory, self.options),
                                            stdout=log, stderr=log)
        return offset

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def restart_after_kill(self, options: list[str] | None = None) -> None:
        self.kill()
        self.start(options)

    def stop(self, timeout_seconds: float = 60) -> int:
        assert self.process is not None
        self.process.terminate()
        try:
            return self.process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def address(self, name: str) -> str:
        return f"{HOST}:{self.ports[name]}"

    def url(self, name: str, path: str = "") -> str:
        return f"{'https' if self.tls else 'http'}://{self.address(name)}{path}"

    def request(self, name: str, method: str, path: str, body: bytes | None = None,
                headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
        """One request over a connection of its own: status, headers in lower case, body."""
        connection = http.client.HTTPSConnection(
            HOST, self.ports[name], timeout=60, context=self.tls) if self.tls else \
            http.client.HTTPConnection(HOST, self.ports[name], timeout=60)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            answer = response.read()
            return (response.status,
                    {key.lower(): value for key, value in response.getheaders()}, answer)
        finally:
            connection.close()

    def flush(self) -> None:
        status, _, body = self.request("http", "POST", "/internal/force_flush")
        assert status == 200, f"force_flush answered {status}: {body[:200]!r}"

    def merge(self) -> None:
        status, _, body = self.request("http", "POST", "/internal/force_merge")
        # Refused while it stops, or when retention took the day meanwhile.
        assert status in (200, 499, 503), f"force_merge answered {status}: {body[:200]!r}"

    def status(self) -> dict:
        return json.loads(self.request("http", "GET", "/status")[2])

    def metric(self, name: str) -> float:
        """The sum over all labels."""
        text = self.request("http", "GET", "/metrics")[2].decode()
        rows = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        return sum(float(value) for key, value in rows if key.split("{")[0] == name)

    def memory_bytes(self, field: str) -> int:
        """VmRSS or VmHWM."""
        return process_memory_bytes(self.pid, field)

    def _wait_for_ports(self, offset: int) -> dict[str, int]:
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            text = self.log_path.read_bytes()[offset:]
            ports = ports_of(text)
            if len(ports) == len(LISTENERS):
                return ports
            if not self.running():
                raise StartFailed(text.decode(errors="replace"))
            time.sleep(0.005)
        self.kill()
        raise StartFailed(f"not ready in {START_SECONDS_MAX} s: {text.decode(errors='replace')}")


def serve_command(spoor: str, directory: pathlib.Path, options: list[str]) -> list[str]:
    ports = [f"--listen.{name}=0" for name in PORT_OPTIONS]
    return [spoor, "serve", f"--storage.path={directory}", "--listen.host=" + HOST, *ports,
            "--log.format=json", *options]


def ports_of(log: bytes) -> dict[str, int]:
    """The ports that the complete lines of a log name."""
    ports = {}
    for line in log.split(b"\n")[:-1]:
        if b'"msg":"listening"' in line:
            entry = json.loads(line)
            ports[LISTENERS[entry["what"]]] = int(entry["address"].rsplit(":", 1)[1])
    return ports


def process_memory_bytes(pid: int, field: str) -> int:
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    raise KeyError(field)


def reset_peak_memory(pid: int) -> None:
    """Makes VmHWM begin anew from what is resident now."""
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")
