"""Whether a port of this machine is taken."""

from __future__ import annotations

import socket


def answers(host: str, port: int) -> bool:
    """Whether somebody accepts a connection there now (waits one second at most)."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False
