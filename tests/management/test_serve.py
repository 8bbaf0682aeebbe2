"""`fieldstone serve`: it answers, and Ctrl+C ends all of its processes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def as_in_a_terminal() -> None:
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)


def healthz(port: int, within: float) -> object:
    ends = time.monotonic() + within
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                return json.load(answer)
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.2)


def all_ended(group: int, within: float) -> bool:
    ends = time.monotonic() + within
    while time.monotonic() < ends:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.slow
def test_it_answers_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    port = free_port()
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "FIELDSTONE_DATABASE_URL": ""}
    server = subprocess.Popen(
        [sys.executable, "-m", "fieldstone", "serve", "--data", str(tmp_path), "--port", str(port)],
        env=environment,
        preexec_fn=as_in_a_terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert healthz(port, within=60) == {"status": "ok"}
        os.killpg(server.pid, signal.SIGINT)  # a terminal sends it to every process of the group
        out, _ = server.communicate(timeout=30)
        assert server.returncode == 0, out
        assert f"Serving on http://127.0.0.1:{port}" in out
        assert "Traceback" not in out
        assert all_ended(server.pid, within=15)
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
