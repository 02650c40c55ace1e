"""One HTTP/2 connection by hand: frames as no gRPC library would send them."""

from __future__ import annotations

import socket
import struct
import time

import h2.config
import h2.connection
import h2.events


def frame(message: bytes, compressed: int = 0) -> bytes:
    """A gRPC message behind its five bytes."""
    return struct.pack(">BI", compressed, len(message)) + message


class Answer:
    def __init__(self):
        self.headers: dict[str, str] = {}  # with the trailers
        self.body = b""
        self.ended = False
        self.reset: int | None = None

    @property
    def grpc_status(self) -> int:
        return int(self.headers["grpc-status"])


class Http2Connection:
    """Opens streams and collects what is answered on each."""

    def __init__(self, address: str, byte_by_byte: bool = False):
        host, port = address.rsplit(":", 1)
        self.address = address
        self.socket = socket.create_connection((host, int(port)), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        config = h2.config.H2Configuration(header_encoding="utf-8",
                                           validate_outbound_headers=False)
        self.connection = h2.connection.H2Connection(config)
        self.connection.initiate_connection()
        self.byte_by_byte = byte_by_byte
        self.send()
        self.answers: dict[int, Answer] = {}
        self.goaway = False

    def __enter__(self) -> Http2Connection:
        return self

    def __exit__(self, *_) -> None:
        self.socket.close()

    def send(self) -> None:
        data = self.connection.data_to_send()
        step = 1 if self.byte_by_byte else max(1, len(data))
        for at in range(0, len(data), step):
            self.socket.sendall(data[at:at + step])

    def open(self, path: str, extra: dict[str, str] | None = None) -> int:
        """The headers of a gRPC call, or of what `extra` makes of it."""
        stream = self.connection.get_next_available_stream_id()
        headers = {":method": "POST", ":scheme": "http", ":path": path,
                   ":authority": self.address, "content-type": "application/grpc",
                   "te": "trailers"} | (extra or {})
        self.connection.send_headers(stream, list(headers.items()))
        self.answers[stream] = Answer()
        self.send()
        return stream

    def data(self, stream: int, data: bytes, end: bool = False) -> None:
        """One DATA frame."""
        self.connection.send_data(stream, data, end_stream=end)
        self.send()

    def wait(self, stream: int, seconds: float = 20) -> Answer:
        """Until the stream has ended."""
        answer = self.answers[stream]
        deadline = time.monotonic() + seconds
        while not answer.ended:
            self.socket.settimeout(max(0.001, deadline - time.monotonic()))
            received = self.socket.recv(65536)
            if not received:
                raise ConnectionError("the server closed the connection")
            for event in self.connection.receive_data(received):
                self._note(event)
            self.send()
        return answer

    def _note(self, event) -> None:
        self.goaway |= isinstance(event, h2.events.ConnectionTerminated)
        answer = self.answers.get(getattr(event, "stream_id", 0) or 0)
        if answer is None:
            return
        if isinstance(event, (h2.events.ResponseReceived, h2.events.TrailersReceived)):
            answer.headers |= dict(event.headers)
        elif isinstance(event, h2.events.DataReceived):
            answer.body += event.data
            self.connection.acknowledge_received_data(event.flow_controlled_length,
                                                      event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            answer.ended = True
        elif isinstance(event, h2.events.StreamReset):
            answer.ended, answer.reset = True, event.error_code
