"""W3C Bitstring Status List 1.0: a bit, or a few, for each credential, published as a signed list.

Bit 0 is the most significant bit of the first byte (section 4); the value of an entry of several bits stands at its
index times their number, most significant bit first (section 3.2). A list has at least 131,072 entries so that asking
for it tells little about whom one asks for; indexes should be given out at random.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from fieldstone.credential import multibase
from fieldstone.credential.contexts import CREDENTIALS_V2
from fieldstone.credential.errors import KeyFormatError, StatusError
from fieldstone.credential.proofs import timestamp

MIN_BITS: Final = 131_072
MAX_BYTES: Final = 2 * 1024 * 1024
MAX_SIZE: Final = 8
_HEX: Final = re.compile(r"0x[0-9a-fA-F]{1,4}")
PURPOSES: Final = frozenset({"revocation", "suspension", "refresh", "message"})


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


def encode_values(values: Mapping[int, int], *, size: int, bits: int | None = None) -> str:
    """`encodedList` of entries of `size` bits, with each index's value; raises StatusError."""
    check_size(size)
    positions: list[int] = []
    for index, value in values.items():
        if not 0 <= value < 2**size:
            raise StatusError("bad_value", f"An entry of {size} bits cannot say {value}.")
        positions += [index * size + place for place in range(size) if value >> (size - 1 - place) & 1]
    return encode_list(positions, bits=MIN_BITS * size if bits is None else bits)


def check_size(size: object) -> int:
    """The number of bits of an entry; raises StatusError for one that is no number from 1 to MAX_SIZE."""
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= MAX_SIZE:
        raise StatusError("bad_entry", f"An entry has 1 to {MAX_SIZE} bits.")
    return size


def decode_list(encoded: object, *, size: int = 1) -> bytes:
    """The bits of an `encodedList` of entries of `size` bits; raises StatusError, also for its length."""
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
    check_length(data, size)
    return data


def check_length(data: bytes, size: int) -> None:
    """Raises StatusError for a list too short to hide in: of fewer than MIN_BITS entries of `size` bits."""
    if len(data) * 8 < MIN_BITS * size:
        raise StatusError("bad_list", f"The list has fewer than {MIN_BITS} entries.")


def bit(data: bytes, index: int) -> bool:
    """Bit `index` of a list, counted from the most significant bit of the first byte; raises StatusError."""
    if not 0 <= index < len(data) * 8:
        raise StatusError("bad_index", f"The list has no bit {index}.")
    return bool(data[index >> 3] & (0x80 >> (index & 7)))


def value(data: bytes, index: int, *, size: int = 1) -> int:
    """The value of entry `index` in a list of entries of `size` bits; raises StatusError."""
    if size == 1:
        return int(bit(data, index))
    start = index * size
    if index < 0 or start + size > len(data) * 8:
        raise StatusError("bad_index", f"The list has no entry {index}.")
    return sum(bit(data, start + place) << (size - 1 - place) for place in range(size))


def messages(entry: Mapping[str, Any], size: int) -> dict[int, str]:
    """What each value of an entry of `size` bits means (section 2.1); raises StatusError where it does not say so."""
    stated = entry.get("statusMessage")
    if stated is None and size == 1:
        return {0: "unset", 1: "set"}
    if not isinstance(stated, list) or not all(isinstance(item, dict) for item in stated):
        raise StatusError("bad_entry", "The credential does not say what the values of its status mean.")
    found = {
        int(item["status"], 16): item["message"]
        for item in stated
        if isinstance(item.get("status"), str)
        and _HEX.fullmatch(item["status"])
        and isinstance(item.get("message"), str)
    }
    if len(stated) != 2**size or found.keys() != set(range(2**size)):
        raise StatusError("bad_entry", "The credential does not say what each value of its status means.")
    return found


def build_list(
    *,
    url: str,
    issuer: str,
    purpose: str | Sequence[str],
    positions: Iterable[int] = (),
    values: Mapping[int, int] | None = None,
    size: int = 1,
    valid_from: datetime,
    valid_until: datetime | None = None,
    bits: int | None = None,
    ttl: timedelta | None = None,
) -> dict[str, Any]:
    """The unsigned BitstringStatusListCredential to publish at `url`; `issuer` is the DID that signs it.

    Either the `positions` of bits that are set, or the `values` of entries of `size` bits. `ttl` tells readers for how
    long not to ask again. Raises StatusError.
    """
    purposes = [purpose] if isinstance(purpose, str) else list(purpose)
    if not purposes or not PURPOSES.issuperset(purposes):
        raise StatusError("bad_purpose", f"{purposes} are not purposes that we know.")
    if values is None and size == 1:
        encoded = encode_list(positions, bits=MIN_BITS if bits is None else bits)
    else:
        encoded = encode_values(values or {}, size=size, bits=bits)
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
            "statusPurpose": purposes[0] if len(purposes) == 1 else purposes,
            **({} if ttl is None else {"ttl": ttl // timedelta(milliseconds=1)}),
            "encodedList": encoded,
        },
    }


def lasts(subject: Mapping[str, Any]) -> timedelta | None:
    """For how long a list asks to be kept (its `ttl`, section 2.2); None where it does not say, or not sensibly."""
    ttl = subject.get("ttl")
    if isinstance(ttl, bool) or not isinstance(ttl, int) or not 0 < ttl <= 10**12:
        return None
    return timedelta(milliseconds=ttl)
