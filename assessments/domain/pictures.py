"""Pictures of questions: uploaded by authors, named by their digest, and never changed."""

from pathlib import PurePosixPath
from typing import IO

from django.core.files.storage import default_storage
from django.db import transaction

from assessments.domain.storage import measure, store
from assessments.items.file_types import FileRefused, content_type_of
from assessments.items.image_size import image_size
from assessments.items.media import LARGEST_SIDE
from assessments.models import Picture
from organisation.models import User

LARGEST_BYTES = 3 * 1024 * 1024
ENDINGS = ("png", "jpg", "jpeg", "webp")


def keep_picture(name: str, file: IO[bytes], *, author: User | None) -> Picture:
    """Check a picture and keep it; the same bytes are kept once, whoever uploads them.

    Drawings as SVG are not taken: they are programs. Raises FileRefused: type_not_taken, too_large, empty, too_wide,
    not_its_type.
    """
    ending = PurePosixPath(name).suffix.removeprefix(".").lower()
    if ending not in ENDINGS:
        raise FileRefused("type_not_taken")
    size, digest = measure(file, LARGEST_BYTES)
    if size > LARGEST_BYTES:
        raise FileRefused("too_large")
    if size == 0:
        raise FileRefused("empty")
    content_type = content_type_of(file, ending)
    width, height = image_size(file, ending)
    if max(width, height) > LARGEST_SIDE:
        raise FileRefused("too_wide")
    path = f"bank/{digest[:40]}.{ending}"
    with transaction.atomic():
        picture, is_new = Picture.objects.get_or_create(
            path=path,
            defaults={
                "content_type": content_type,
                "sha256": digest,
                "size": size,
                "width": width,
                "height": height,
                "author": author,
            },
        )
        if is_new and not default_storage.exists(path):
            store(path, file)
    return picture


def open_picture(picture: Picture) -> IO[bytes]:
    """Open the bytes of a picture. FileNotFoundError when the storage has lost them."""
    return default_storage.open(picture.path, "rb")
