"""W3C Bitstring Status List 1.0: one bit for each credential, published as a signed list.

Bit 0 is the most significant bit of the first byte (section 4). A list has at least 131,072 bits so that
asking for it tells little about whom one asks for; indexes should be given out at random.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from fieldstone.credential import multibase
from fieldstone.credential.contexts import CREDENTIALS_V2
from fieldstone.credential.errors import KeyFormatError, StatusError
from fieldstone.credential.proofs import timestamp

MIN_BITS: Final = 131_072
MAX_BYTES: Final = 2 * 1024 * 1024
PURPOSES: Final = frozenset({"revocation", "suspension"})


def encode_list(positions: Iterable[int], *, bits: int = MIN_BITS) -> str:
    """`encodedList` with the bits at `positions` set: `u` and base64url of gzip; raises StatusError."""
    if bits < MIN_BITS or bits % 8 or bits > MAX_BYTES * 8:
        raise StatusError("bad_list", f"A list needs a multiple of 8 bits, at least {MIN_BITS}.")
    data = bytearray(bits // 8)
    for position in positions:
        if not 0 <= position < bits:
            raise StatusError("bad_index", f"The list has no bit {position}.")
        data[position >> 3] |= 0x80 >> (position & 7)
    return "u" + multibase.base64url_encode(gzip.compress(bytes(data), mtime=0))


def decode_list(encoded: object) -> bytes:
    """The bits of an `encodedList`; raises StatusError, also where it is too short or too large."""
    if not isinstance(encoded, str) or encoded[:1] != "u":
        raise StatusError("bad_list", "The list is not multibase base64url text.")
    try:
        packed = multibase.base64url_decode(encoded[1:])
        unpacker = zlib.decompressobj(wbits=31)
        data = unpacker.decompress(packed, MAX_BYTES + 1)
    except (KeyFormatError, zlib.error):
        raise StatusError("bad_list", "The list cannot be unpacked.") from None
    if len(data) > MAX_BYTES:
        raise StatusError("bad_list", f"The list is larger than {MAX_BYTES} bytes.")
    if not unpacker.eof or unpacker.unused_data:
        raise StatusError("bad_list", "The list cannot be unpacked.")
    if len(data) * 8 < MIN_BITS:
        raise StatusError("bad_list", f"The list has fewer than {MIN_BITS} bits.")
    return data


def bit(data: bytes, index: int) -> bool:
    """Bit `index` of a list, counted from the most significant bit of the first byte; raises StatusError."""
    if not 0 <= index < len(data) * 8:
        raise StatusError("bad_index", f"The list has no bit {index}.")
    return bool(data[index >> 3] & (0x80 >> (index & 7)))


def build_list(
    *,
    url: str,
    issuer: str,
    purpose: str,
    positions: Iterable[int],
    valid_from: datetime,
    valid_until: datetime | None = None,
    bits: int = MIN_BITS,
) -> dict[str, Any]:
    """The unsigned BitstringStatusListCredential to publish at `url`; `issuer` is the DID that signs it.

    Raises StatusError.
    """
    if purpose not in PURPOSES:
        raise StatusError("bad_purpose", f"{purpose} is not revocation or suspension.")
    return {
        "@context": [CREDENTIALS_V2],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": timestamp(valid_from),
        **({} if valid_until is None else {"validUntil": timestamp(valid_until)}),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "encodedList": encode_list(positions, bits=bits),
        },
    }
