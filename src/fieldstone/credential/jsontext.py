"""Strict JSON in, stable JSON out.

`loads` refuses what two readers could read differently: duplicate keys, NaN and Infinity, integers that a
64-bit float cannot hold, lone surrogates, a byte-order mark, text that is not UTF-8, and documents that are
too big or too deep. RFC 8785 (JCS) section 3.1 asks for the same restrictions.

Most texts say a value in the one way in which we would write it, and most values are made of plain objects, arrays and
texts. For those a quick reader and writer that are not strict by themselves (msgspec) are enough: a text that the
writer gives back byte for byte repeats no name and hides nothing. All others go the careful way (ADR 53).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from gc import get_referents
from typing import Any, Final, NoReturn

import msgspec
import rfc8785

from fieldstone.credential.errors import ParseError

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 64
MAX_INTEGER = 2**53 - 1


def loads(text: bytes | str, *, max_bytes: int = MAX_BYTES) -> Any:
    """Parse strict JSON; raises ParseError."""
    if len(text) > max_bytes:
        units = "bytes" if isinstance(text, bytes) else "characters"
        raise ParseError("too_big", f"The document is larger than {max_bytes} {units}.")
    try:
        data = text if isinstance(text, bytes) else text.encode()
        value = _READER.decode(data)
        if _WRITER.encode(value) == data and _LONG_NUMBER not in data.translate(_DIGITS):
            if len(data.translate(None, _NOT_OPENING)) > MAX_DEPTH:
                _check_depth(value)
            return value
    except (ValueError, RecursionError):
        pass  # what is wrong with it, if anything, the careful way says
    return _loads_carefully(text)


def _loads_carefully(text: bytes | str) -> Any:
    """As `loads`, with every rule looked at by itself."""
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError:
            raise ParseError("not_utf8", "The document is not UTF-8 text.") from None
    else:
        _text(text)
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        raise ParseError("too_deep", f"The document is nested deeper than {MAX_DEPTH} levels.") from None
    except ValueError as error:
        raise ParseError("not_json", f"The document is not JSON: {error}.") from None
    if "\\u" in text:  # only an escape can bring in half of a surrogate pair
        _check(value, texts=True)
    elif text.count("{") + text.count("[") > MAX_DEPTH:
        _check_depth(value)
    return value


def dumps(document: Mapping[str, Any]) -> bytes:
    """The document's bytes: compact UTF-8 JSON, members in the order they were put in.

    The same document always gives the same bytes, and `loads` gives the document back.
    Raises ParseError for values JSON cannot hold.
    """
    return dumps_value(document)


def dumps_value(value: Any) -> bytes:
    """As `dumps`, for any JSON value; raises ParseError."""
    data = written(value)
    return _dumps_carefully(value) if data is None else data


def _dumps_carefully(value: Any) -> bytes:
    """As `dumps_value`, with every rule looked at by itself."""
    _check(value, texts=False)
    try:
        return _ENCODER.encode(value).encode()
    except UnicodeEncodeError:
        raise ParseError("not_utf8", "The text holds half of a surrogate pair.") from None


def canonical(value: Any) -> bytes:
    """The JSON Canonicalization Scheme's bytes (RFC 8785); raises ParseError for values it cannot hold."""
    try:
        return rfc8785.dumps(value)
    except rfc8785.CanonicalizationError as error:
        raise ParseError("not_canonical", f"The document has no canonical JSON form: {error}.") from None


def check_tree(value: Any) -> None:
    """Refuse, in a value made of dicts and lists, all that strict JSON cannot carry; raises ParseError."""
    if written(value) is None:
        _check(value, texts=True)


def written(value: Any) -> bytes | None:
    """The bytes of a plain value (dicts, lists, text, true, false, null), which no other has; None for all others."""
    try:
        return _WRITER.encode(value) if _is_plain(value) else None
    except (TypeError, UnicodeEncodeError):  # a member named true or null, half of a surrogate pair
        return None


def repeatable(value: Any) -> bytes | None:
    """The bytes of a value that `loads` gave or `check_tree` let pass, which no other such value has.

    None for one that the quick writer does not know, such as a kind of text of one's own.
    """
    try:
        return _WRITER.encode(value)
    except (TypeError, UnicodeEncodeError):
        return None


def could_name(start: bytes, text: bytes | None) -> bool:
    """Whether JSON text could name a member that begins with `start`, plain letters: no where they are not in it."""
    return text is None or b'"' + start in text or (b"\\" in text and b"\\u" in text)


def _is_plain(value: Any) -> bool:
    """Whether a value, in less than MAX_DEPTH levels, is nothing but dicts, lists, text, true, false and null.

    Python's garbage collector knows what an object holds. Of a dict these are its values, and also its members' names
    unless all of those are text.
    """
    level = [value]
    for _ in range(MAX_DEPTH):
        if not _PLAIN.issuperset(map(type, level)):
            return False
        level = get_referents(*level)
        if not level:
            return True
    return False


def _check(value: Any, *, texts: bool) -> None:
    """`check_tree`; without `texts`, the characters of texts are left to whoever encodes them."""
    level: list[Any] = []
    _scalar(value, level)
    for _ in range(MAX_DEPTH):
        inner: list[Any] = []
        for node in level:
            if isinstance(node, dict):
                _names(node)
                node = node.values()
            for item in node:
                kind = type(item)
                if kind is str:
                    if texts and not item.isascii():
                        _text(item)
                elif kind is dict or kind is list:
                    inner.append(item)
                else:
                    _scalar(item, inner)
        if not inner:
            return
        level = inner
    raise ParseError("too_deep", f"The document is nested deeper than {MAX_DEPTH} levels.")


def _names(node: dict[Any, Any]) -> None:
    try:
        _text("".join(node))
    except TypeError:
        raise ParseError("not_json", "Every member name must be text.") from None


def _scalar(node: Any, inner: list[Any]) -> None:
    """What is not a plain text: numbers, true, false, null, and things that look like one of all these."""
    if isinstance(node, dict | list):
        inner.append(node)
    elif isinstance(node, str):
        _text(node)
    elif isinstance(node, bool) or node is None:
        return
    elif isinstance(node, int):
        if abs(node) > MAX_INTEGER:
            raise ParseError("big_integer", "An integer is too large to be read alike everywhere.")
    elif isinstance(node, float):
        if not math.isfinite(node):
            raise ParseError("not_json", "NaN and Infinity are not JSON.")
    else:
        raise ParseError("not_json", f"A {type(node).__name__} is not a JSON value.")


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            item
            for node in level
            for item in (node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
            if isinstance(item, dict | list)
        ]
        if not level:
            return
    raise ParseError("too_deep", f"The document is nested deeper than {MAX_DEPTH} levels.")


def _text(text: str) -> None:
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ParseError("not_utf8", "The text holds half of a surrogate pair.") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ParseError("duplicate_key", "A member name appears twice in one object.")
    return result


def _constant(name: str) -> NoReturn:
    raise ParseError("not_json", f"{name} is not JSON.")


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > MAX_INTEGER:
        raise ParseError("big_integer", "An integer is too large to be read alike everywhere.")
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ParseError("not_json", "A number is too large.")
    return value


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, parse_float=_float
)
_ENCODER: Final = json.JSONEncoder(
    ensure_ascii=False,
    separators=(",", ":"),
    allow_nan=False,
    check_circular=False,  # check_tree has an end
)
_NOT_OPENING: Final = bytes(set(range(256)) - set(b"{["))
_DIGITS: Final = bytes.maketrans(b"123456789", b"000000000")
_LONG_NUMBER: Final = b"0" * len(str(MAX_INTEGER))
_PLAIN: Final = frozenset({dict, list, str, bool, type(None)})
_READER: Final = msgspec.json.Decoder()
_WRITER: Final = msgspec.json.Encoder()
