"""Whether a port is taken."""

from __future__ import annotations

import socket

from fieldstone.server.net.ports import answers


def test_a_port_answers_only_while_somebody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert answers("127.0.0.1", port)
    assert not answers("127.0.0.1", port)
