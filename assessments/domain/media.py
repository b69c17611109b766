"""Media of questions: uploaded by authors, named by their digest, and never changed."""

import io
from collections.abc import Iterable, Mapping
from typing import IO, Any

from django.core.files.storage import default_storage
from django.db import transaction

from assessments.domain.storage import store
from assessments.items.media import PICTURE, files_of, missing_alternatives
from assessments.items.media_files import ALL_MEDIA, KEPT, MediaFile, check_media_file, read_sample
from assessments.items.problems import ContentError, ContentProblem
from assessments.models import Picture, Recording
from organisation.models import User


def keep_media_file(
    name: str, file: IO[bytes], *, author: User | None, types: tuple[str, ...] = ALL_MEDIA
) -> MediaFile:
    """Check a picture, sound, film or captions and keep it; the same bytes are kept once, whoever uploads them.

    Raises FileRefused as `check_media_file` does.
    """
    checked = check_media_file(name, file, types)
    found = {
        "content_type": checked.content_type,
        "sha256": checked.sha256,
        "size": checked.size,
        "author": author,
    }
    with transaction.atomic():
        if checked.type == PICTURE:
            found |= {"width": checked.width, "height": checked.height}
            is_new = Picture.objects.get_or_create(path=checked.path, defaults=found)[1]
        else:
            is_new = Recording.objects.get_or_create(path=checked.path, defaults=found)[1]
        if is_new and not _is_stored(checked):
            default_storage.delete(checked.path)
            store(checked.path, file)
    return checked


def _is_stored(checked: MediaFile) -> bool:
    """Whether the storage has the whole file, and not a part that was left when a machine went down."""
    return default_storage.exists(checked.path) and default_storage.size(checked.path) == checked.size


def keep_brought_files(files: Mapping[str, bytes], *, author: User) -> None:
    """Keep the files that came with a question, by the paths that its content names. Raises FileRefused."""
    for path, content in files.items():
        keep_media_file(path, io.BytesIO(content), author=author, types=(*ALL_MEDIA, "captions"))


def open_media_file(kept: Picture | Recording) -> IO[bytes]:
    """Open the bytes of a kept file. FileNotFoundError when the storage has lost them."""
    return default_storage.open(kept.path, "rb")


def read_media_file(path: str) -> bytes | None:
    """Return the bytes of a file that a content names, kept here or shipped; None where there is none."""
    if not path.startswith(KEPT):
        return read_sample(path)
    try:
        with default_storage.open(path, "rb") as file:
            content: bytes = file.read()
    except FileNotFoundError:
        return None
    return content


def media_sizes() -> dict[str, int]:
    """Return the octets of every file that is kept, by path. Two queries."""
    return {path: size for kind in (Picture, Recording) for path, size in kind.objects.values_list("path", "size")}


def check_media(content: Any) -> None:
    """Refuse a question that cannot be published with its media. At most two queries, none without kept files.

    Raises ContentError: alternative_missing for words that are still to be written, file_missing for a file that is not
    kept here.
    """
    problems = missing_alternatives(content)
    named = [path for path in files_of(content.to_dict()) if path.startswith(KEPT)]
    if named:
        problems += [ContentProblem("media", "file_missing", path) for path in _not_kept(named)]
    if problems:
        raise ContentError(problems)


def _not_kept(paths: Iterable[str]) -> list[str]:
    wanted = list(paths)
    kept: set[str] = set()
    for model in (Picture, Recording):
        kept.update(model.objects.filter(path__in=wanted).values_list("path", flat=True))
    return [path for path in wanted if path not in kept]
