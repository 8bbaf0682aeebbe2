"""Keys behind another program: any key service (KMS), vault or token, by a program of a few lines.

The program is started once and reads one line of JSON for each question, and answers with one line:

    {"op": "make", "kind": "Ed25519", "label": "…"}        → {"name": "…", "public": "z6Mk…"}
    {"op": "sign", "name": "…", "data": "base64url"}       → {"signature": "base64url"}
    anything that cannot be done                           → {"error": "words"}

`public` is a Multikey. A signature is raw: 64 bytes of Ed25519, or r and s of ECDSA at fixed width over the SHA-256
(P-256) or SHA-384 (P-384) of `data`. Each one is checked with the public key before it is used. Lines on its standard
error go to ours. docs/keys.md has an example.
"""

from __future__ import annotations

import json
import os
import selectors
import shlex
import subprocess
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Final

from fieldstone import credential
from fieldstone.credential.multibase import base64url_decode, base64url_encode
from fieldstone.server.awards.keys.sealed import CannotOpen

SECONDS: Final = 15.0
LONGEST: Final = 64 * 1024
_running: dict[tuple[str, ...], Program] = {}
_starting = threading.Lock()


@dataclass
class Program:
    """One running program; a second question waits for the first. It is started again where it ended."""

    command: tuple[str, ...]
    seconds: float = SECONDS
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _owner: int = 0

    @classmethod
    def of(cls, line: str) -> Program:
        """The program of a command line, shared by all who ask; raises ValueError."""
        command = tuple(shlex.split(line))
        if not command:
            raise ValueError("FIELDSTONE_KEYS names no program.")
        with _starting:
            return _running.setdefault(command, cls(command))

    def make(self, kind: str, label: str) -> tuple[credential.PublicKey, str]:
        """A new key; raises CannotOpen."""
        answer = self.ask({"op": "make", "kind": kind, "label": label})
        try:
            public = credential.PublicKey.from_multikey(answer.get("public"))
        except credential.CredentialError:
            raise CannotOpen("The program that keeps the keys gave no public key.") from None
        if public.kind != kind or not isinstance(answer.get("name"), str):
            raise CannotOpen("The program that keeps the keys made another key than it was asked for.")
        return public, answer["name"]

    def signer(self, name: str, public: credential.PublicKey, did: str) -> credential.Signer:
        """What asks the program for each signature."""

        def sign(data: bytes) -> bytes:
            answer = self.ask({"op": "sign", "name": name, "data": base64url_encode(data)})
            try:
                return base64url_decode(str(answer.get("signature")))
            except credential.CredentialError:
                raise CannotOpen("The program that keeps the keys gave no signature.") from None

        return credential.RemoteKey.of(public, sign, did=did)

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """One question and its answer; raises CannotOpen where there is none within `seconds`."""
        with self._lock:
            try:
                line = self._exchange(json.dumps(question).encode() + b"\n")
                answer = json.loads(line)
            except (OSError, ValueError):
                self._end()
                raise CannotOpen("The program that keeps the keys does not answer.") from None
        if not isinstance(answer, dict) or "error" in answer:
            words = str(answer.get("error"))[:200] if isinstance(answer, dict) else "no answer"
            raise CannotOpen(f"The program that keeps the keys says: {words}")
        return answer

    def _exchange(self, line: bytes) -> bytes:
        process = self._started()
        assert process.stdin is not None and process.stdout is not None, "both are pipes"
        process.stdin.write(line)
        process.stdin.flush()
        deadline, answer = time.monotonic() + self.seconds, b""
        with selectors.DefaultSelector() as waiting:
            waiting.register(process.stdout, selectors.EVENT_READ)
            while not answer.endswith(b"\n"):
                if not waiting.select(max(0.0, deadline - time.monotonic())):
                    raise TimeoutError
                part = os.read(process.stdout.fileno(), LONGEST)
                if not part or len(answer) > LONGEST:
                    raise ConnectionError
                answer += part
        return answer

    def _started(self) -> subprocess.Popen[bytes]:
        """The running process; after a fork, one of our own."""
        if self._process is None or self._owner != os.getpid() or self._process.poll() is not None:
            self._process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self._owner = os.getpid()
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None and self._owner == os.getpid():
            process.kill()
            process.communicate()
