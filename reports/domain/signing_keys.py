"""The key that this instance signs its publications with: given by the installation, or made and kept here, sealed."""

import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from organisation.api import record_audit
from organisation.models import User
from reports.domain.publication_format import fingerprint
from reports.models import SigningKey

_LOCK = 0x7369676E  # "sign"
_PURPOSE = b"thang signing key"
_NONCE_BYTES = 12


class NoKey(LookupError):
    """There is no key to sign with."""


def new_key() -> str:
    """Return a new private key for PUBLISHING_KEY."""
    return b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()


def is_key_given() -> bool:
    """Say whether the installation gives the key, so that none that is kept here is used."""
    return bool(settings.PUBLISHING_KEY)


def publishing_key() -> Ed25519PrivateKey:
    """Return the instance's own private key. Raises NoKey."""
    if not is_key_given():
        return _kept_key()
    try:
        return Ed25519PrivateKey.from_private_bytes(b64decode(settings.PUBLISHING_KEY, validate=True))
    except ValueError:
        raise NoKey("PUBLISHING_KEY is not set, or is no key") from None


@transaction.atomic
def make_signing_key(actor: User, address: str | None = None) -> SigningKey:
    """Make a key pair and keep it, in place of the one before, which is retired at once."""
    _be_alone()
    _retire()
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    made = SigningKey.objects.create(public_key=public, sealed=_seal(private.private_bytes_raw()), made_by=actor)
    record_audit(actor=actor, action="signing_key_made", target=fingerprint(public), address=address)
    return made


@transaction.atomic
def retire_signing_key(actor: User, address: str | None = None) -> bool:
    """Forget the private key, so that nothing is signed with it again; say whether there was one."""
    _be_alone()
    public = _retire()
    if public:
        record_audit(actor=actor, action="signing_key_retired", target=fingerprint(public), address=address)
    return bool(public)


def _retire() -> bytes:
    held = SigningKey.objects.filter(retired_at=None).first()
    if held is None:
        return b""
    SigningKey.objects.filter(pk=held.pk).update(retired_at=timezone.now(), sealed=b"")
    return bytes(held.public_key)


def _be_alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _kept_key() -> Ed25519PrivateKey:
    held = SigningKey.objects.filter(retired_at=None).first()
    if held is None:
        raise NoKey("PUBLISHING_KEY is not set, or is no key")
    sealed = bytes(held.sealed)
    for cipher in _ciphers():
        try:
            private = cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _PURPOSE)
        except InvalidTag:
            continue
        return Ed25519PrivateKey.from_private_bytes(private)
    raise NoKey("the key was sealed under another SECRET_KEY")


def _seal(private: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + next(_ciphers()).encrypt(nonce, private, _PURPOSE)


def _ciphers() -> Iterator[AESGCM]:
    """Yield the cipher of SECRET_KEY, then those of the ones before it."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        drawn = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(str(secret).encode())
        yield AESGCM(drawn)
