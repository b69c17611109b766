"""Uploaded files between dry run and confirmation: private, bound to who brought them, gone after an hour."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

from django.conf import settings

from organisation.domain.imports.reading import KeptReading
from organisation.models import User

MAX_AGE_SECONDS = 60 * 60


def keep_upload(user: User, chunks: Iterable[bytes], name: str) -> UUID:
    """Keep the file for its user and return the key to find it by. Files that are past their hour are removed."""
    drop_expired_uploads()
    key = uuid4()
    path = _path(user, key)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    with path.open("wb") as kept:
        for chunk in chunks:
            kept.write(chunk)
    path.with_suffix(".name").write_text(name[:200], encoding="utf-8")
    return key


def open_upload(user: User, key: UUID) -> tuple[BinaryIO, str] | None:
    """Return the user's file, open for reading, and its name; None when it is not theirs, expired or dropped."""
    drop_expired_uploads()
    path = _path(user, key)
    try:
        return path.open("rb"), path.with_suffix(".name").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def reading_of(user: User, key: UUID) -> KeptReading:
    """Return where what was read of the user's file is kept, as private as the file and no longer than it."""
    return KeptReading(_path(user, key))


def is_kept(user: User, key: UUID) -> bool:
    """Say whether the user's file is still there."""
    drop_expired_uploads()
    return _path(user, key).exists()


def drop_upload(user: User, key: UUID) -> None:
    """Remove the user's file, if it is still there, and what was read of it."""
    for path in _root().glob(f"{user.pk}/{key}.*"):
        path.unlink(missing_ok=True)


def drop_expired_uploads() -> None:
    """Remove every kept file that is older than an hour."""
    oldest = time.time() - MAX_AGE_SECONDS
    for path in _root().glob("*/*"):
        try:
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)
        except FileNotFoundError:
            continue


def _root() -> Path:
    return Path(settings.STATE_DIR) / "imports"


def _path(user: User, key: UUID) -> Path:
    return _root() / str(user.pk) / f"{key}.upload"
