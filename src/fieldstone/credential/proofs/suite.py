"""What proof suites have in common: a hash of the proof's options, then a hash of the document, signed together."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fieldstone.credential.contexts import Contexts
from fieldstone.credential.errors import ParseError
from fieldstone.credential.jsontext import canonical
from fieldstone.credential.templates import canonical_nquads

RDF: Final = "rdfc"
JSON: Final = "jcs"


@dataclass(frozen=True, slots=True)
class Suite:
    """A proof suite: its name, the form it signs, and the hash it uses with each kind of key.

    `legacy` suites have a proof type of their own instead of `DataIntegrityProof`; `verify_only` ones are never made.
    """

    name: str
    form: str
    hashes: Mapping[str, str]
    legacy: bool = False
    verify_only: bool = False

    def message(self, document: Mapping[str, Any], options: Mapping[str, Any], kind: str, contexts: Contexts) -> bytes:
        """The bytes to sign, for a key of `kind`; raises ParseError, JsonLdError or TooComplex."""
        name = self.hashes[kind]
        return self.options_digest(document, options, name, contexts) + self.digest(document, name, contexts)

    def options_digest(
        self, document: Mapping[str, Any], options: Mapping[str, Any], hash_name: str, contexts: Contexts
    ) -> bytes:
        """The first half: the proof without its value, read with the document's contexts."""
        if self.form == RDF and "@context" not in options:
            options = {"@context": document.get("@context"), **options}
        return self.digest(options, hash_name, contexts)

    def digest(self, part: Mapping[str, Any], hash_name: str, contexts: Contexts) -> bytes:
        """The hash of the canonical form of one part; raises ParseError, JsonLdError or TooComplex."""
        if self.form == RDF:
            try:
                nquads = canonical_nquads(part, contexts, hash_name)
                digest: bytes = getattr(hashlib, hash_name)(nquads).digest()
                return digest
            except UnicodeEncodeError:
                raise ParseError("not_utf8", "The text holds half of a surrogate pair.") from None
        return hashlib.new(hash_name, canonical(dict(part))).digest()
