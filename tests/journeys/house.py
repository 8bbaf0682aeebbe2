"""The product as it runs on a box: the web server and the worker as processes, on a data folder of their own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def own_database() -> Iterator[str]:
    """A new PostgreSQL database beside the one the tests use, or "" where they use SQLite."""
    url = os.environ.get("FIELDSTONE_DATABASE_URL", "")
    if not url:
        yield ""
        return
    import psycopg

    name = f"house_{uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    parts = urlsplit(url)
    try:
        yield urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


class House:
    """A data folder, a web server and a worker. Every process that is started here is ended here."""

    def __init__(self, data: Path, database: str = "") -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("FIELDSTONE_", "DJANGO_", "COV"))},
            "DJANGO_SETTINGS_MODULE": "fieldstone.server.config.settings",
            "FIELDSTONE_DATA": str(data),
            "FIELDSTONE_DATABASE_URL": database,
            "FIELDSTONE_BASE_URL": self.url,
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
            "PYTHONUNBUFFERED": "1",
        }
        self.worker = ["django", "worker"]
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        data.mkdir(parents=True, exist_ok=True)

    def run(self, *arguments: str, given: str | None = None) -> str:
        """A Python module to its end; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", *arguments], env=self.environment, cwd=ROOT, input=given, text=True,
            capture_output=True, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, f"{arguments}: {done.stderr[-3000:]}"
        return done.stdout

    def start(self, name: str) -> None:
        """Start "web" or "worker"; the web server answers when this returns."""
        arguments = {
            "web": ["django", "serve", "--no-worker", "--port", str(self.port)],
            "worker": self.worker,
        }[name]
        log = (self.data / f"{name}.log").open("ab")
        self.running[name] = subprocess.Popen(
            [sys.executable, "-m", *arguments], env=self.environment, cwd=ROOT, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
        log.close()
        if name == "web":
            self.wait()

    def wait(self, seconds: float = 40) -> None:
        """Until the web server answers `/healthz` well."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            process = self.running["web"]
            assert process.poll() is None, f"the web server ended by itself:\n{self.said('web')}"
            with suppress(OSError, HTTPException):
                if Visitor(self.url).get("/healthz").status == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(f"the web server does not answer:\n{self.said('web')}")

    def said(self, name: str) -> str:
        """The last of what a process printed."""
        return (self.data / f"{name}.log").read_text(errors="replace")[-3000:]

    def kill(self, name: str) -> None:
        """`kill -9` of a process and of everything that it started."""
        process = self.running.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def close(self) -> None:
        """End what still runs."""
        for name in list(self.running):
            self.kill(name)


class Answer:
    """An HTTP answer, read whole."""

    def __init__(self, status: int, headers: Any, body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self) -> str:
        """The body as words."""
        return self.body.decode("utf-8", "replace")

    @property
    def location(self) -> str:
        """Where a redirect leads, without its anchor."""
        return str(self.headers.get("Location", "")).split("#")[0]


class Visitor:
    """A small browser without script: cookies, forms, one connection for each request."""

    def __init__(self, url: str, **cookies: str) -> None:
        self.host = url.removeprefix("http://")
        self.cookies = dict(cookies)

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """One request. Raises OSError or HTTPException when nobody answers, or not to the end."""
        line = HTTPConnection(self.host, timeout=30)
        try:
            cookies = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
            line.request(method, path, body or None, {**headers, **({"Cookie": cookies} if cookies else {})})
            got = line.getresponse()
            answer = Answer(got.status, got.headers, got.read())
        finally:
            line.close()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def get(self, path: str) -> Answer:
        """Read a page."""
        return self.ask("GET", path)

    def post(self, path: str, fields: dict[str, str], files: dict[str, tuple[str, bytes]] | None = None, **headers: str) -> Answer:
        """Send a form, with the token that the cookie holds."""
        mark = uuid4().hex
        rows = {"csrfmiddlewaretoken": self.cookies.get("csrftoken", ""), **fields}
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in rows.items()
            if name != "end"
        ]
        for name, (title, content) in (files or {}).items():
            head = f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{title}"\r\nContent-Type: image/jpeg\r\n\r\n'
            parts.append(head.encode() + content + b"\r\n")
        if "end" in rows:
            parts.append(f'--{mark}\r\nContent-Disposition: form-data; name="end"\r\n\r\n{rows["end"]}\r\n'.encode())
        body = b"".join(parts) + f"--{mark}--\r\n".encode()
        kind = f"multipart/form-data; boundary={mark}"
        return self.ask("POST", path, body, **{"Content-Type": kind, "Origin": f"http://{self.host}", **headers})

    def hidden(self, html: str) -> dict[str, str]:
        """The hidden fields of a page."""
        found = {}
        for tag in re.findall(r'<input[^>]*type="hidden"[^>]*>', html):
            name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
            if name:
                found[name[1]] = value[1] if value else ""
        return found
