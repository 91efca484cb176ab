"""Keys of a node: one Ed25519 key pair per partner; the private half never leaves its file.

Source: RFC 8032 (Ed25519) through the library ``cryptography``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from syzygy.base.errors import IntegrityError, MissingDataError, StorageError
from syzygy.base.hashing import sha256_bytes
from syzygy.base.storage import read_bytes, write_bytes

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_MAX_KEY_BYTES = 16 << 10


def default_key_directory() -> Path:
    """Return the place of the keys: ``SYZYGY_KEYS``, or ``syzygy/keys`` in the user's data directory."""
    given = os.environ.get("SYZYGY_KEYS")
    if given:
        return Path(given)
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "syzygy" / "keys"


@dataclass(frozen=True)
class PublicKey:
    """The public half of a partner's key.

    Attributes
    ----------
    partner : str
        Whose it is, by the name of its file.
    raw : bytes
        32 bytes.
    """

    partner: str
    raw: bytes

    @property
    def key_id(self) -> str:
        """The SHA-256 of the raw key: what a signature names."""
        return sha256_bytes(self.raw)

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Return whether the signature is of this key over exactly this message."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class SigningKey:
    """A partner's private key, loaded for signing."""

    public: PublicKey
    _private: Ed25519PrivateKey

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of a message."""
        signature: bytes = self._private.sign(message)
        return signature


def create_key(directory: Path, partner: str) -> PublicKey:
    """Make a key pair: ``<partner>.key`` (readable by the owner only) and ``<partner>.pub``.

    Raises
    ------
    StorageError
        There is a key already (it is never overwritten), or the place is not writable.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    path = directory / f"{partner}.key"
    if path.exists():
        raise StorageError(
            "this partner has a key already",
            value=path,
            allowed="a new name or an empty place",
            hint="a key is never overwritten; move the old one away if it shall be replaced",
        )
    private = Ed25519PrivateKey.generate()
    content = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write_private(path, content)
    public = PublicKey(partner, private.public_key().public_bytes_raw())
    write_bytes(directory / f"{partner}.pub", public.raw.hex().encode() + b"\n")
    return public


def load_signing_key(directory: Path, partner: str) -> SigningKey:
    """Load the private key of a partner.

    Raises
    ------
    MissingDataError
        There is none.
    IntegrityError
        The file is not an Ed25519 key.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    path = directory / f"{partner}.key"
    if not path.exists():
        raise MissingDataError(
            "this partner has no key here",
            value=partner,
            allowed=f"a file {path.name}",
            where=str(directory),
            hint=f"make one with `syzygy node init {partner}`",
        )
    try:
        private = load_pem_private_key(read_bytes(path, limit=_MAX_KEY_BYTES), password=None)
    except ValueError as error:
        raise IntegrityError("the key file cannot be read", allowed="a PEM key", where=str(path)) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise IntegrityError("the key is of another kind", allowed="Ed25519", where=str(path))
    return SigningKey(PublicKey(partner, private.public_key().public_bytes_raw()), private)


def load_trusted_keys(directory: Path) -> tuple[PublicKey, ...]:
    """Load every ``*.pub`` of a directory; an empty tuple when there is none.

    Raises
    ------
    IntegrityError
        A file does not hold 64 hexadecimal digits.
    """
    keys = []
    for path in sorted(directory.glob("*.pub")) if directory.is_dir() else ():
        text = read_bytes(path, limit=_MAX_KEY_BYTES).decode("ascii", errors="replace").strip()
        try:
            raw = bytes.fromhex(text)
        except ValueError:
            raw = b""
        if len(raw) != 32:
            raise IntegrityError(
                "the public key cannot be read",
                value=text[:40],
                allowed="64 hexadecimal digits",
                where=str(path),
            )
        keys.append(PublicKey(path.stem, raw))
    return tuple(keys)


def _write_private(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise StorageError(
            f"the key cannot be written ({error.strerror})",
            value=path,
            allowed="a writable place",
            hint="choose another --keys",
        ) from error
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        os.fsync(stream.fileno())
