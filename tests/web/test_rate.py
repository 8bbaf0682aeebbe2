"""Limits count the address of the client, not that of a proxy in front."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from fieldstone.server.web.shared.rate import TooOften, address_of, limit


@pytest.mark.parametrize(
    ("behind", "forwarded", "expected"),
    [
        (False, "", "192.0.2.1"),
        (False, "198.51.100.7", "192.0.2.1"),  # anybody can write this header; without a proxy it means nothing
        (True, "", "192.0.2.1"),
        (True, "198.51.100.7", "198.51.100.7"),
        (True, "203.0.113.9, 198.51.100.7", "198.51.100.7"),  # what the visitor wrote stands before what the proxy saw
    ],
)
def test_whose_address_it_is(behind: bool, forwarded: str, expected: str, settings: object) -> None:
    settings.BEHIND_PROXY = behind  # type: ignore[attr-defined]
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    assert address_of(RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", **headers)) == expected


@pytest.mark.django_db
def test_one_address_too_often_leaves_others_alone(settings: object) -> None:
    settings.BEHIND_PROXY = True  # type: ignore[attr-defined]
    often = RequestFactory().get("/", HTTP_X_FORWARDED_FOR="198.51.100.7")
    other = RequestFactory().get("/", HTTP_X_FORWARDED_FOR="198.51.100.8")
    for _ in range(2):
        limit(often, "knock", times=2, seconds=60)
    with pytest.raises(TooOften):
        limit(often, "knock", times=2, seconds=60)
    limit(other, "knock", times=2, seconds=60)
