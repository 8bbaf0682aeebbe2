"""Identifiers that somebody sent."""

from __future__ import annotations

from typing import Any

import pytest

from fieldstone.server.ledger.ids import new_id, uuid_of


def test_an_identifier_comes_back_as_it_is() -> None:
    one = new_id()
    assert uuid_of(one) == uuid_of(str(one)) == uuid_of(one.hex.upper()) == one


@pytest.mark.parametrize("sent", ["", "7", None, "hours:7", "x" * 36, "\x00", "01a20b7f-12d0-7890-ada1-b20501efdeb"])
def test_what_is_no_identifier_is_none(sent: Any) -> None:
    assert uuid_of(sent) is None
