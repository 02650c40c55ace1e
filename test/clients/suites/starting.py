"""Starting, refusing to start, and stopping: each refusal is one sentence that names the cause and
the way out, on a terminal's standard error."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from driver.answers import check_life, check_traces
from driver.results import Skip, check, check_equal
from driver.server import HOST, Server, serve_command
from driver.spans import Generator, plain_span, request_of

PROTOBUF = {"Content-Type": "application/x-protobuf"}


def refused(command: list[str], **options) -> str:
    """The one line that a start that fails prints."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30,
                          **options)
    check(done.returncode not in (0, -6, -11), f"exit code {done.returncode}")
    text = done.stderr.decode()
    check_equal(len(text.strip().splitlines()), 1, f"lines: {text}")
    return text


def check_says(text: str, *words: str) -> None:
    for word in words:
        check(word in text, f"no {word!r} in {text!r}")


def send(server: Server, seed: str) -> object:
    request = Generator(seed).request(spans=60, traces=4)
    answer = server.request("otlp", "POST", "/v1/traces", request.SerializeToString(), PROTOBUF)
    check_equal(answer[0], 200, answer)
    return request


def test_a_second_server_on_the_directory_is_refused(server: Server):
    sent = send(server, "second")
    text = refused(serve_command(server.spoor, server.directory, []))
    check_says(text, str(server.directory))
    check_traces(server, sent, "in the first server")
    server.restart_after_kill()  # a killed one leaves no lock behind
    check_life(server, sent)


def test_a_taken_port_is_refused_with_the_option_to_change(server: Server):
    for name, option in (("otlp", "listen.otlp-http-port"), ("grpc", "listen.otlp-grpc-port"),
                         ("http", "listen.http-port")):
        port = server.ports[name]
        with tempfile.TemporaryDirectory() as other:
            text = refused(serve_command(server.spoor, pathlib.Path(other),
                                         [f"--{option}={port}"]))
        check_says(text, str(port), f"--{option}")


def test_a_directory_that_cannot_be_made_is_refused(server: Server):
    file = server.directory.with_name("file")
    file.write_text("not a directory")
    check_says(refused(serve_command(server.spoor, file / "data", [])), str(file))
    check_says(refused(serve_command(server.spoor, file, [])), str(file))


def test_an_unwritable_directory_is_refused(server: Server):
    if os.getuid() != 0:
        raise Skip("needs root, to be somebody else")
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        binary = shutil.copy(server.spoor, place)
        data = pathlib.Path(place) / "data"
        data.mkdir(mode=0o755)
        text = refused(serve_command(binary, data, []), user=65534, group=65534, extra_groups=[])
        check_says(text, str(data), "ermission denied")
        text = refused(serve_command(binary, data / "deeper", []), user=65534, group=65534,
                       extra_groups=[])
        check_says(text, str(data), "ermission denied")


def test_an_unknown_option_is_refused_with_a_suggestion(server: Server):
    for wrong, right in (("--storage.pth=x", "storage.path"),
                         ("--listen.http-prot=1", "listen.http-port")):
        check_says(refused([server.spoor, "serve", wrong]), right)
    environment = os.environ | {"SPOOR_STORAGE_PAHT": "x"}
    check_says(refused([server.spoor, "serve"], env=environment), "SPOOR_STORAGE_PATH")
    config = server.directory.with_name("spoor.yaml")
    config.write_text("storage:\n  pathh: x\n")
    check_says(refused([server.spoor, "serve", f"--config={config}"]), "storage.path", "pathh")


def test_bad_values_are_refused(server: Server):
    for option, word in (("--listen.http-port=70000", "65535"), ("--wal.sync=never", "always"),
                         ("--storage.flush-age=banana", "duration"), ("--threads=-1", "threads")):
        check_says(refused([server.spoor, "serve", option]).lower(), word)
    check_says(refused([server.spoor, "sevre"]), "spoor help")


def test_options_by_file_environment_and_flag(server: Server):
    config = server.directory.with_name("spoor.yaml")
    config.write_text("storage: {path: from-file, flush-age: 7s}\nlog: {format: logfmt}\n")
    environment = os.environ | {"SPOOR_STORAGE_FLUSH_AGE": "8s", "SPOOR_THREADS": "3"}
    text = subprocess.run([server.spoor, "config", f"--config={config}", "--threads=4"],
                          env=environment, capture_output=True, check=True).stdout.decode()
    check_says(text, "from-file", "8s", "4", "logfmt")


def test_ready_health_and_status(server: Server):
    check_equal(server.request("http", "GET", "/health")[0], 200)
    check_equal(server.request("http", "GET", "/ready")[0], 200)
    status = server.status()
    check_equal((status["ready"], status["storage"]["path"]), (True, str(server.directory)))
    check_equal(status["storage"]["log"]["sync"], "always")


def test_a_stop_in_order_puts_all_into_parts(server: Server):
    sent = send(server, "stop")
    check_equal(server.stop(), 0, "exit code")
    server.start()
    check(server.status()["storage"]["parts"]["spans"] > 0, "spans in parts")
    check_equal(server.status()["storage"]["head"]["spans"], 0, "spans still in the head")
    check_life(server, sent)


def test_log_in_each_form(server: Server):
    for form, word in (("text", "ready"), ("logfmt", "level=info"), ("json", '"level":"info"')):
        server.stop()
        server.start()  # on its own; the other reads another directory
        with tempfile.TemporaryDirectory() as other:
            command = serve_command(server.spoor, pathlib.Path(other), [f"--log.format={form}"])
            process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
            text = b""
            while text.count(b"\n") < 6:
                text += process.stderr.readline()
            process.terminate()
            check_equal(process.wait(30), 0)
            check_says(text.decode(), word)


def test_trace_prints_a_tree(server: Server):
    root = plain_span(os.urandom(16), name="the-root")
    child = plain_span(root.trace_id, b"\2" * 8, name="the-child")
    child.parent_span_id = root.span_id
    body = request_of(root, child, service="the-service").SerializeToString()
    check_equal(server.request("otlp", "POST", "/v1/traces", body, PROTOBUF)[0], 200)
    command = [server.spoor, "trace", f"--client.address={server.address('http')}"]
    text = subprocess.run([*command, root.trace_id.hex()], capture_output=True,
                          check=True).stdout.decode()
    check_says(text, "the-root", "the-child", "the-service")
    check_says(refused([*command, "00" * 15 + "01"]), "0000000001")
    check_says(refused([server.spoor, "trace", f"--client.address={HOST}:1", "01"]), f"{HOST}:1")


def test_spans_go_into_parts_by_age(server: Server):
    server.stop()
    server.start(["--storage.flush-age=1s"])
    sent = send(server, "age")
    deadline = time.monotonic() + 20
    while server.status()["storage"]["head"]["spans"] and time.monotonic() < deadline:
        time.sleep(0.1)
    check(server.status()["storage"]["parts"]["spans"] > 0, "spans in parts")
    check_life(server, sent)
