"""A sealed box: anybody with the public key can close it, only the village can open it (PROTOCOL.md §3.8).

    one-time P-256 key --ECDH--> secret --HKDF-SHA-256--> AES-256-GCM key
    box = one-time public key (65 bytes) | IV (12) | ciphertext and tag

P-256 and not X25519: WebCrypto has the first in every browser the phone app runs in, the second only in the newest.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

POINT, IV = 65, 12
INFO = b"zoufang-carry 1"
_CURVE = ec.SECP256R1()


class Unopened(Exception):
    """Closed for another key, or damaged."""


def new_key() -> bytes:
    """A private key, PKCS#8 DER."""
    return ec.generate_private_key(_CURVE).private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    )


def public_of(private: bytes) -> bytes:
    """The public half as an uncompressed point, 65 bytes."""
    return _load(private).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def open_box(private: bytes, box: bytes) -> bytes:
    """What was sealed. Raises `Unopened`."""
    point, iv, ciphertext = box[:POINT], box[POINT : POINT + IV], box[POINT + IV :]
    try:
        sender = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
        secret = _load(private).exchange(ec.ECDH(), sender)
        key = HKDF(SHA256(), 32, salt=point + public_of(private), info=INFO).derive(secret)
        return AESGCM(key).decrypt(iv, ciphertext, None)
    except (ValueError, InvalidTag) as error:
        raise Unopened from error


def _load(private: bytes) -> ec.EllipticCurvePrivateKey:
    key = load_der_private_key(private, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key
