"""Token Status Lists, which the `status` claim of an SD-JWT VC names (draft-ietf-oauth-status-list section 8.3).

Their entries are of 1, 2, 4 or 8 bits, counted from the *least* significant bit of each byte: the other way round than
those of Bitstring Status Lists. Only lists that the credential's own issuer signed are believed.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from fieldstone.credential import jwt, methods, multibase
from fieldstone.credential.errors import KeyFormatError, StatusError
from fieldstone.credential.resolver import Resolver
from fieldstone.credential.status import MAX_BYTES

TYPE: Final = "statuslist+jwt"
VALID, INVALID, SUSPENDED = 0, 1, 2


def ask(entry: Mapping[str, Any], issuer: str, resolver: Resolver, at: datetime) -> int:
    """The status of a credential whose `status_list` claim is `entry`: VALID, INVALID, SUSPENDED or another number.

    Raises StatusError where the list cannot be believed; ParseError, ProofError, KeyFormatError, Missing, Unreachable.
    """
    url, index = entry.get("uri"), entry.get("idx")
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        raise StatusError("bad_entry", "The credential does not say where its list of withdrawals is.")
    if isinstance(index, bool) or not isinstance(index, int) or index < 0:
        raise StatusError("bad_entry", "The credential does not say which entry of the list is its own.")
    token = jwt.read(resolver.fetch(url).decode(errors="replace"))
    kind = jwt.check_head(token, frozenset({TYPE}))
    method = methods.find_issuers(token.header.get("kid"), issuer, resolver)
    if method.key.kind != kind or not jwt.signature_matches(token, method.key):
        raise StatusError("list_not_verified", "The list of withdrawals could not be trusted.")
    if method.controller != issuer or methods.ASSERTION not in method.purposes:
        raise StatusError("list_of_another", "The list of withdrawals is signed by someone other than the issuer.")
    claims, end = token.claims, jwt.moment(token.claims.get("exp"))
    if token.type != TYPE or claims.get("sub") != url or jwt.moment(claims.get("iat")) is None:
        raise StatusError("wrong_list", "What was answered is not this list of withdrawals.")
    if "exp" in claims and (end is None or at > end):
        raise StatusError("list_not_verified", "The list of withdrawals is out of date.")
    found = claims.get("status_list")
    return value(found if isinstance(found, dict) else {}, index)


def value(found: Mapping[str, Any], index: int) -> int:
    """Entry `index` of a `status_list` claim with its `bits` and `lst`; raises StatusError."""
    bits, packed = found.get("bits"), found.get("lst")
    if type(bits) is not int or bits not in {1, 2, 4, 8} or not isinstance(packed, str):
        raise StatusError("bad_list", "The list has another form.")
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(multibase.base64url_decode(packed), MAX_BYTES + 1)
    except (KeyFormatError, zlib.error):
        raise StatusError("bad_list", "The list cannot be unpacked.") from None
    if len(data) > MAX_BYTES or not unpacker.eof or unpacker.unused_data:
        raise StatusError("bad_list", "The list cannot be unpacked, or is too large.")
    place = index * bits
    if place >= len(data) * 8:
        raise StatusError("bad_index", f"The list has no entry {index}.")
    return data[place >> 3] >> (place & 7) & (1 << bits) - 1
