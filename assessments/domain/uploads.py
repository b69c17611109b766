"""Files that people hand in: checked when they come, theirs alone, and claimed by an answer only as they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any
from uuid import UUID

from django.core.files.storage import default_storage

from assessments.domain.storage import store
from assessments.items.file_types import FileRefused, content_type_of, measure
from assessments.items.file_upload import KIND, LONGEST_NAME, MEGABYTE, FileUpload, UploadedFile
from assessments.items.problems import ResponseError
from assessments.models import Response, Upload
from organisation.models import Person

_NOT_IN_NAMES = frozenset('/\\:*?"<>|')
MOST_UNCLAIMED = 200
"""Files that one person may have handed in without an answer that counts; far more than any assessment asks for."""


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that an item takes: its name as it is kept, its type by its bytes, size in bytes, SHA-256."""

    name: str
    content_type: str
    size: int
    sha256: str

    def claim(self, key: str) -> dict[str, Any]:
        """The entry of an answer that names it."""
        return {"id": key, "name": self.name, "size": self.size, "sha256": self.sha256}


def check_file(content: FileUpload, name: str, file: IO[bytes]) -> CheckedFile:
    """Look whether an item takes a file. Nothing is kept.

    Raises FileRefused: type_not_taken, too_large, empty, and what `content_type_of` says.
    """
    name = safe_name(name)
    ending = PurePosixPath(name).suffix.removeprefix(".").lower()
    if ending not in content.types:
        raise FileRefused("type_not_taken")
    most = content.megabytes * MEGABYTE
    size, digest = measure(file, most)
    if size > most:
        raise FileRefused("too_large")
    if size == 0:
        raise FileRefused("empty")
    return CheckedFile(name, content_type_of(file, ending), size, digest)


def keep_upload(person: Person, content: FileUpload, name: str, file: IO[bytes]) -> Upload:
    """Check a file and keep it as the person's. Raises FileRefused, also `too_many` for one who has far too many."""
    checked = check_file(content, name, file)
    own = Upload.objects.filter(person=person)
    if own.count() >= MOST_UNCLAIMED and own.exclude(pk__in=_claimed_by(person)).count() >= MOST_UNCLAIMED:
        raise FileRefused("too_many")
    upload = Upload(
        person=person,
        name=checked.name,
        content_type=checked.content_type,
        size=checked.size,
        sha256=checked.sha256,
    )
    store(upload.stored_name, file)
    upload.save(force_insert=True)
    return upload


def _claimed_by(person: Person) -> set[str]:
    """The keys of the files that the person's answers name: of each question the answer that counts."""
    answers = Response.objects.filter(
        attempt__person=person, version__item__kind=KIND, status=Response.Status.ACCEPTED
    ).order_by("attempt_id", "version_id", "-sequence")
    values = answers.distinct("attempt_id", "version_id").values_list("value", flat=True)
    return {each["id"] for value in values for each in value["files"]}


def claim_uploads(person_pk: int, keys: Iterable[str]) -> list[dict[str, Any]]:
    """The entries of an answer that name the person's own files, in the order of the keys; others are left out."""
    wanted: dict[UUID, None] = {}
    for key in keys:
        try:
            wanted[UUID(key)] = None
        except ValueError:
            continue
    found = Upload.objects.filter(person_id=person_pk).in_bulk(list(wanted))
    own = [found[key] for key in wanted if key in found]
    return [{"id": str(each.pk), "name": each.name, "size": each.size, "sha256": each.sha256} for each in own]


def are_own_uploads(person_pk: int, entries: Iterable[dict[str, Any]]) -> bool:
    """Whether every file that an answer names is the person's own and is what the answer says of it."""
    listed = list(entries)
    return claim_uploads(person_pk, [str(each.get("id")) for each in listed]) == listed


def check_claims(person_pk: int | None, value: Any) -> None:
    """Refuse an answer, as its type read it, that names a file which is not the person's own, or not as it is.

    person_pk: None for one who is not known yet, who has no file. An answer that names no file passes without a query.
    Raises ResponseError: not_own.
    """
    named = [each.to_dict() for each in value if isinstance(each, UploadedFile)] if isinstance(value, tuple) else []
    if named and (person_pk is None or not are_own_uploads(person_pk, named)):
        raise ResponseError("files", "not_own")


def open_uploaded(upload: Upload) -> IO[bytes]:
    """Open the bytes of a file. FileNotFoundError when the storage has lost them."""
    return default_storage.open(upload.stored_name, "rb")


def safe_name(name: str) -> str:
    """The person's name for a file without folders, marks that file systems refuse, and dots before it."""
    name = name.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(" " if ord(char) < 32 or char in _NOT_IN_NAMES else char for char in name).strip().lstrip(".")
    stem, dot, ending = name.rpartition(".")
    room = LONGEST_NAME - len(ending) - 1
    return f"{stem[:room].rstrip()}{dot}{ending}" if dot else name[:LONGEST_NAME]
