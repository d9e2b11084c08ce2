"""A real S3 server on loopback, `rclone serve s3`, and a gate before it that fails requests or kills who sends them."""

import contextlib
import http.client
import http.server
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

KEY, SECRET = "a-key", "a-secret"
STARTS = 20.0  # seconds within which the server must answer
ENDS = 60.0  # seconds within which requests must end whose sender was killed
DOWN = b"<?xml version='1.0'?><Error><Code>InternalError</Code><Message>the gate is shut</Message></Error>"


def server() -> str | None:
    """The program rclone with `serve s3` in it (1.65 or newer), or None. That of this environment comes first."""
    for found in (str(Path(sys.executable).with_name("rclone")), shutil.which("rclone")):
        if found and Path(found).is_file():
            asked = subprocess.run([found, "serve", "s3", "--help"], capture_output=True, text=True, check=False)
            if "--auth-key" in asked.stdout:
                return found
    return None


class Gate(http.server.ThreadingHTTPServer):
    """Passes requests on to the server. `before` sees the number and method of each, and says whether it passes."""

    daemon_threads = True

    def __init__(self, behind: int) -> None:
        super().__init__(("127.0.0.1", 0), Passing)
        self.behind = behind
        self.lock = threading.Lock()
        # rclone refuses an object when it is making the folder for another at that moment: one in 60 of four at a time.
        self.writing = threading.Lock()
        self.connections = set[tuple[str, int]]()  # that are open, by their other ends
        self.open()

    def open(self) -> None:
        """Let all pass, and count from 0."""
        self.passed: list[str] = []
        self.before: Callable[[int, str], bool] = lambda number, method: True
        self.cuts = False  # send half of each object, and end the connection

    def is_open(self, method: str) -> bool:
        with self.lock:
            self.passed.append(method)
            return self.before(len(self.passed) - 1, method)


class Passing(http.server.BaseHTTPRequestHandler):
    """One connection through the gate."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # which holds what follows the headers back, for 40 ms each time
    server: Gate

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.client_address)

    def finish(self) -> None:
        try:
            super().finish()
        finally:
            self.server.connections.discard(self.client_address)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing is logged."""

    def passed_on(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, headers, answer = 500, [("Content-Type", "application/xml")], DOWN
        if self.server.is_open(self.command):
            behind = http.client.HTTPConnection("127.0.0.1", self.server.behind, timeout=60)
            in_turn = contextlib.nullcontext() if self.command in ("GET", "HEAD") else self.server.writing
            with in_turn, contextlib.closing(behind):
                behind.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    behind.putheader(name, value)
                behind.endheaders(content)
                response = behind.getresponse()
                status, headers, answer = response.status, response.getheaders(), response.read()
        is_bare = self.command == "HEAD" or status in (204, 304)
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("transfer-encoding", "connection") and (
                is_bare or name.lower() != "content-length"
            ):
                self.send_header(name, value)
        if not is_bare:
            self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.server.cuts and self.command == "GET" and "?" not in self.path:
            answer = answer[: len(answer) // 2]
            self.close_connection = True
        if not is_bare:
            self.wfile.write(answer)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = passed_on  # noqa: N815 -- the names that the library calls


@contextlib.contextmanager
def serving(rclone: str, folder: Path) -> Iterator[Gate]:
    """Serve the buckets below a folder, through a gate, for the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "buckets").mkdir()
    command = [rclone, "serve", "s3", "--addr", f"127.0.0.1:{port}", "--auth-key", f"{KEY},{SECRET}"]
    command += ["--vfs-cache-mode", "writes", "--vfs-write-back", "0s", "--cache-dir", str(folder / "cache")]
    command += ["--config", str(folder / "rclone.conf"), str(folder / "buckets")]
    with (folder / "server.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            wait_for(port, process)
            gate = Gate(port)
            threading.Thread(target=gate.serve_forever, daemon=True).start()
            try:
                yield gate
            finally:
                gate.shutdown()
                gate.server_close()
        finally:
            process.terminate()


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Wait until a server answers. Raises AssertionError when it ends, or does not begin."""
    end = time.monotonic() + STARTS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError("rclone serve s3 does not answer")


def settings_for(gate: Gate) -> dict[str, str]:
    """The environment in which the store is found. What is refused is not tried again, so that tests do not wait."""
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{gate.server_address[1]}",
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def killed_at(gate: Gate, number: int, run: list[str], environment: dict[str, str]) -> bool:
    """Start a program and kill it (-9) when it sends its PUT of this number. Returns whether it came to that.

    What it had sent by then may still be on its way to the server, and is waited for.
    """
    gate.open()
    others = set(gate.connections)
    puts: list[int] = []
    with subprocess.Popen(run, stderr=subprocess.DEVNULL, env=os.environ | environment) as process:

        def before(_: int, method: str) -> bool:
            if method == "PUT":
                puts.append(1)
                if len(puts) > number:
                    process.send_signal(signal.SIGKILL)
                    return False
            return True

        gate.before = before
        process.wait()
    end = time.monotonic() + ENDS
    while gate.connections - others:
        assert time.monotonic() < end, "requests of a program that was killed do not end"
        time.sleep(0.01)
    gate.open()
    return len(puts) > number
