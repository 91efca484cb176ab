"""Signed statements: a DSSE envelope around the exact bytes of a statement.

Source: DSSE v1 (PAE = "DSSEv1" SP len(type) SP type SP len(body) SP body).  What is verified is what is
used: the statement is parsed from the very bytes whose signature was checked.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from syzygy.base.errors import FormatError, IntegrityError
from syzygy.base.hashing import canonical_json
from syzygy.exchange.keys import PublicKey, SigningKey
from syzygy.exchange.strict_json import read_object

PAYLOAD_TYPE = "application/vnd.syzygy.statement+json"


@dataclass(frozen=True)
class OpenedStatement:
    """A statement whose signature was checked.

    Attributes
    ----------
    statement : mapping
        The parsed statement.
    signer : str or None
        The partner whose trusted key signed it; None when the key is not among the trusted ones.
    key_id : str
        SHA-256 of the key named in the envelope.
    """

    statement: Mapping[str, object]
    signer: str | None
    key_id: str


def pre_authentication(payload_type: str, payload: bytes) -> bytes:
    """Return the bytes that are signed.

    Examples
    --------
    >>> pre_authentication("http://example.com/HelloWorld", b"hello world")
    b'DSSEv1 29 http://example.com/HelloWorld 11 hello world'
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def seal_statement(statement: Mapping[str, object], key: SigningKey) -> bytes:
    """Sign a statement and return the envelope as JSON text."""
    payload = canonical_json(statement).encode()
    signature = key.sign(pre_authentication(PAYLOAD_TYPE, payload))
    envelope = {
        "payloadType": PAYLOAD_TYPE,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": key.public.key_id, "sig": base64.b64encode(signature).decode()}],
    }
    return canonical_json(envelope).encode() + b"\n"


def open_statement(content: bytes, trusted: Sequence[PublicKey], *, where: str) -> OpenedStatement:
    """Check an envelope and return its statement.

    Raises
    ------
    FormatError
        Not an envelope of ours.
    IntegrityError
        A trusted key is named but its signature does not fit: the statement was altered.
    """
    envelope = read_object(content, where=where)
    if envelope.get("payloadType") != PAYLOAD_TYPE:
        raise FormatError(
            "unknown kind of envelope", value=envelope.get("payloadType"), allowed=PAYLOAD_TYPE, where=where
        )
    payload = _decode(envelope.get("payload"), where)
    signatures = envelope.get("signatures")
    if not isinstance(signatures, list) or len(signatures) != 1 or not isinstance(signatures[0], dict):
        raise FormatError("an envelope has one signature", allowed="one signature", where=where)
    key_id = str(signatures[0].get("keyid"))
    signature = _decode(signatures[0].get("sig"), where)
    key = next((key for key in trusted if key.key_id == key_id), None)
    if key is not None and not key.verify(signature, pre_authentication(PAYLOAD_TYPE, payload)):
        raise IntegrityError(
            "the signature does not fit the statement",
            value=f"key of {key.partner}",
            allowed="the bytes that were signed",
            where=where,
            hint="it was altered after signing: ask for a new copy",
        )
    return OpenedStatement(read_object(payload, where=where), key.partner if key else None, key_id)


def _decode(text: object, where: str) -> bytes:
    try:
        return base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError) as error:
        raise FormatError("not base64", value=str(text)[:40], allowed="base64", where=where) from error
