"""Signatures in the file formats of minisign, so that any minisign checks a release.

Formats: https://jedisct1.github.io/minisign/ (section "Signature format" and the two
on keys).  All numbers in them are little-endian.

* public key: ``Ed`` + key id (8 bytes) + Ed25519 public key (32);
* secret key: ``Ed`` + ``Sc`` or two zero bytes + ``B2`` + salt (32) + operations limit
  (8) + memory limit (8) + [key id (8) + seed and public key (64) + BLAKE2b-256 (32)],
  the bracket XORed with a scrypt stream where there is a passphrase;
* signature: ``ED`` + key id + Ed25519 signature of the BLAKE2b-512 of the data, then a
  trusted comment and a second signature that covers the first one and that comment.

Only the prehashed form (``ED``) is written and accepted: one form fewer to attack.
Base64 is read strictly: a text that decodes to the same bytes without being what an
encoder writes is refused, so no bit of those lines can be changed unseen.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from casegraph.errors import FixEnvironment, FixInput, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

SIGNATURE_COMMENT: Final = "signature from a casegraph release key"
"""The comment of the signatures written here; minisign lets anybody change it later."""

_COMMENT: Final = "untrusted comment: "
_TRUSTED: Final = "trusted comment: "
_KEY_TYPE: Final = b"Ed"
_PREHASHED: Final = b"ED"
_NO_KDF: Final = b"\0\0"
_SCRYPT: Final = b"Sc"
_BLAKE2B: Final = b"B2"
_KEY_ID_BYTES: Final = 8
_SEED_BYTES: Final = 32
_SIGNATURE_BYTES: Final = 64
_SECRET: Final = struct.Struct("<2s2s2s32sQQ8s64s32s")
_BOX_BYTES: Final = 104
_SIGNATURE_LINES: Final = 4
_KEY_LINES: Final = 2


@dataclass(frozen=True, slots=True)
class ScryptCost:
    """How dear one try at a passphrase is: operations, and memory in bytes.

    The default is minisign's own (``crypto_pwhash_*_SENSITIVE``): 1 GiB and seconds.
    """

    operations: int = 1 << 25
    memory_bytes: int = 1 << 30

    def stream(self, passphrase: str, salt: bytes) -> bytes:
        """Return the 104 bytes that hide a secret key; libsodium picks N and p like this."""
        block = 8
        operations = max(self.operations, 1 << 15)
        if operations < self.memory_bytes // 32:
            rounds, blocks = _power_of_two(operations // (block * 4)), 1
        else:
            rounds = _power_of_two(self.memory_bytes // (block * 128))
            blocks = max(1, min(operations // 4 // rounds, (1 << 30) - 1) // block)
        try:
            return hashlib.scrypt(
                passphrase.encode(),
                salt=salt,
                n=rounds,
                r=block,
                p=blocks,
                maxmem=min(128 * block * (rounds + blocks + 4), (1 << 31) - 1),
                dklen=_BOX_BYTES,
            )
        except (MemoryError, ValueError, OverflowError) as error:
            mebibytes = 128 * block * rounds >> 20
            message = f"The passphrase of a key needs {mebibytes} MiB of free memory."
            raise FixEnvironment(
                message, hint="Free some memory, or sign on a machine that has more."
            ) from error


def _power_of_two(limit: int) -> int:
    """Return the power of two that libsodium's search ends at: at least 2, above limit / 2."""
    rounds = 2
    while rounds <= limit // 2:
        rounds *= 2
    return rounds


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What a reader needs to check a signature: 8 bytes of id, 32 of key."""

    key_id: bytes
    key: bytes

    @property
    def name(self) -> str:
        """The id as minisign prints it: hexadecimal, without leading zeros."""
        return f"{int.from_bytes(self.key_id, 'little'):X}"

    @property
    def line(self) -> str:
        """The key as one word, as ``minisign -P`` takes it."""
        return base64.b64encode(_KEY_TYPE + self.key_id + self.key).decode()

    def to_text(self) -> str:
        """Return the whole ``minisign.pub`` file, byte for byte as minisign writes it."""
        return f"{_COMMENT}minisign public key {self.name}\n{self.line}\n"

    @classmethod
    def from_text(cls, text: str) -> PublicKey:
        """Read a public key file, or the bare word that stands in one.

        Raises FixInput where it is neither.
        """
        lines = text.splitlines()
        if len(lines) == _KEY_LINES and lines[0].startswith(_COMMENT):
            lines = lines[1:]
        raw = _decode(lines[0]) if len(lines) == 1 else None
        head = len(_KEY_TYPE) + _KEY_ID_BYTES
        if raw is None or len(raw) != head + _SEED_BYTES or raw[:2] != _KEY_TYPE:
            message = "This is not a minisign public key."
            raise FixInput(
                message,
                hint="Give the two lines of a minisign.pub file, or the word that begins with RW.",
            )
        return cls(raw[2:head], raw[head:])


@dataclass(frozen=True, slots=True)
class SecretKey:
    """What signs; never shown by ``repr``."""

    key_id: bytes
    seed: bytes = field(repr=False)

    @classmethod
    def generate(cls, random: Callable[[int], bytes] = secrets.token_bytes) -> SecretKey:
        """Return a new key; ``random`` is given a number of bytes."""
        return cls(random(_KEY_ID_BYTES), random(_SEED_BYTES))

    @property
    def public(self) -> PublicKey:
        """The half that may be shown."""
        key = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return PublicKey(self.key_id, key.public_bytes_raw())

    def to_text(
        self,
        *,
        passphrase: str | None = None,
        cost: ScryptCost | None = None,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> str:
        """Return the secret key file; without a passphrase the key stands in it readably.

        minisign leaves the checksum of an unencrypted key empty, and so do we.
        """
        pair = self.seed + self.public.key
        if passphrase is None:
            packed = _SECRET.pack(
                _KEY_TYPE, _NO_KDF, _BLAKE2B, bytes(32), 0, 0, self.key_id, pair, bytes(32)
            )
            return _secret_text(packed, "minisign secret key")
        cost = cost or ScryptCost()
        salt = random(32)
        box = self.key_id + pair + _checksum(self.key_id, pair)
        packed = _SECRET.pack(
            *(_KEY_TYPE, _SCRYPT, _BLAKE2B, salt, cost.operations, cost.memory_bytes),
            *_split(_xor(box, cost.stream(passphrase, salt))),
        )
        return _secret_text(packed, "minisign encrypted secret key")

    @classmethod
    def from_text(cls, text: str, *, passphrase: str | None = None) -> SecretKey:
        """Read a secret key file of ours or of minisign.

        Raises FixInput where it is none, where a passphrase is needed, or the wrong one.
        """
        lines = text.splitlines()
        raw = _decode(lines[1]) if len(lines) == _KEY_LINES else None
        if raw is None or len(raw) != _SECRET.size or raw[:2] != _KEY_TYPE:
            raise FixInput(
                "This is not a minisign secret key.", hint="Make one with: casegraph key DIRECTORY"
            )
        _, kdf, checksum, salt, operations, memory, *box = _SECRET.unpack(raw)
        if kdf not in {_NO_KDF, _SCRYPT} or checksum != _BLAKE2B:
            raise FixInput(
                "This secret key is of a kind that casegraph does not know.",
                hint="Make a new one with: casegraph key DIRECTORY",
            )
        if kdf == _SCRYPT:
            cost = ScryptCost(operations, memory)
            box = list(_open_box(b"".join(box), cost, salt, passphrase))
        key_id, pair, _ = box
        key = cls(key_id, pair[:_SEED_BYTES])
        if key.public.key != pair[_SEED_BYTES:]:
            raise FixInput(
                "This secret key is damaged: its two halves do not belong together.",
                hint="Take it from your backup.",
            )
        return key


def sign(data: bytes, key: SecretKey, *, trusted_comment: str) -> str:
    """Return the signature file of ``data``; the same input gives the same bytes.

    Raises FixInput where the comment is not one line.
    """
    if not trusted_comment.isprintable():
        raise FixInput(
            "The trusted comment of a signature is one line of printable text.",
            hint="Leave out line breaks and control characters.",
        )
    signer = Ed25519PrivateKey.from_private_bytes(key.seed)
    signature = signer.sign(_digest(data))
    whole = signer.sign(signature + trusted_comment.encode())
    head = base64.b64encode(_PREHASHED + key.key_id + signature).decode()
    return (
        f"{_COMMENT}{SIGNATURE_COMMENT}\n{head}\n"
        f"{_TRUSTED}{trusted_comment}\n{base64.b64encode(whole).decode()}\n"
    )


def check(data: bytes, signature_text: str, public_key: PublicKey) -> Problem | None:
    """Return None where the signature holds, else what is wrong with it.

    Codes: ``signature-malformed``, ``signature-wrong-key``, ``signature-altered`` (the
    signature file itself), ``signed-data-altered`` (that file is whole, the data differ).
    """
    parts = _parse_signature(signature_text)
    if parts is None:
        return Problem("signature-malformed", "This is not a prehashed minisign signature.")
    key_id, signature, comment, whole = parts
    if key_id != public_key.key_id:
        signer = PublicKey(key_id, b"").name
        return Problem(
            "signature-wrong-key",
            f"It is signed with the key {signer}, not with the key {public_key.name}.",
            hint="Compare the key with one that the publisher gave you by another way.",
        )
    if not _holds(public_key, whole, signature + comment):
        return Problem(
            "signature-altered",
            f"The signature was not made with the key {public_key.name}, or has been changed.",
        )
    if not _holds(public_key, signature, _digest(data)):
        return Problem("signed-data-altered", "The signed file is not what was signed.")
    return None


def untrusted_comment(signature_text: str) -> str:
    """Return the first comment of a signature file, which no signature protects."""
    return signature_text.split("\n", 1)[0].removeprefix(_COMMENT)


def _parse_signature(text: str) -> tuple[bytes, bytes, bytes, bytes] | None:
    """Return key id, signature, trusted comment and second signature, or None."""
    lines = text.split("\n")
    if len(lines) != _SIGNATURE_LINES + 1 or lines.pop():
        return None
    if not (lines[0].startswith(_COMMENT) and lines[2].startswith(_TRUSTED)):
        return None
    head, whole = _decode(lines[1]), _decode(lines[3])
    start = len(_PREHASHED) + _KEY_ID_BYTES
    if head is None or len(head) != start + _SIGNATURE_BYTES or head[:2] != _PREHASHED:
        return None
    if whole is None or len(whole) != _SIGNATURE_BYTES:
        return None
    comment = lines[2].removeprefix(_TRUSTED).encode("utf-8", "surrogatepass")
    return head[2:start], head[start:], comment, whole


def _holds(key: PublicKey, signature: bytes, data: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key.key).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _open_box(
    box: bytes, cost: ScryptCost, salt: bytes, passphrase: str | None
) -> tuple[bytes, bytes, bytes]:
    """Return key id, key pair and checksum of an encrypted secret key."""
    if passphrase is None:
        raise FixInput(
            "This secret key is protected by a passphrase.",
            hint="Run the command in a terminal, where it is asked for.",
        )
    key_id, pair, checksum = _split(_xor(box, cost.stream(passphrase, salt)))
    if not hmac.compare_digest(checksum, _checksum(key_id, pair)):
        raise FixInput(
            "This is not the passphrase of the secret key.",
            hint="Try again; capital letters matter.",
        )
    return key_id, pair, checksum


def _checksum(key_id: bytes, pair: bytes) -> bytes:
    return hashlib.blake2b(_KEY_TYPE + key_id + pair, digest_size=32).digest()


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=64).digest()


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def _split(box: bytes) -> tuple[bytes, bytes, bytes]:
    end = _KEY_ID_BYTES + 2 * _SEED_BYTES
    return box[:_KEY_ID_BYTES], box[_KEY_ID_BYTES:end], box[end:]


def _secret_text(packed: bytes, comment: str) -> str:
    return f"{_COMMENT}{comment}\n{base64.b64encode(packed).decode()}\n"


def _decode(text: str) -> bytes | None:
    """Decode base64 that is exactly what an encoder writes, unused bits included."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if base64.b64encode(raw).decode() == text else None
