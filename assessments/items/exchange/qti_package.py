"""QTI packages: read whatever tool wrote them, and written so that reading again gives the very same items.

QTI cannot say all that an item here holds (both languages, reasons, units, rubrics with anchors). A package written
here therefore has beside each item's XML, for other tools, a JSON file with the whole content and its digest; reading
takes that file where the digest is true, and the XML where there is none.
"""

import hashlib
import io
import json
import logging
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from assessments.items.exchange.archive import LARGEST_ARCHIVE, open_archive
from assessments.items.exchange.media_files import Files
from assessments.items.exchange.outcomes import MOST_QUESTIONS, Draft, ExchangeError, Note, Outcome, shorten
from assessments.items.exchange.qti_read import is_item, read_item
from assessments.items.exchange.qti_write import item_xml, manifest_xml
from assessments.items.exchange.xml_input import MOST_IN_PACKAGE, ElementBudget, read_xml
from assessments.items.file_types import FileRefused
from assessments.items.media import CAPTIONS, files_of
from assessments.items.media_files import ALL_MEDIA, SAMPLES, read_sample
from assessments.items.problems import ContentError, UnknownItemType
from assessments.items.registry import item_type

logger = logging.getLogger(__name__)
FORMAT = "thang-item-1"
MEDIA_FOLDER = "media/"
"""Of a package; below it files lie under the paths that contents name."""
ROOM_FOR_TEXT = 20 * 1024 * 1024
"""Of the largest archive, for all that is no file of media."""
EVERY_FILE = (*ALL_MEDIA, CAPTIONS)
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class PackedItem:
    """An item as it goes out."""

    code: str
    competency: str
    level: int
    seconds: int
    content: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """SHA-256 of all that the item says."""
        data = [self.competency, self.level, self.seconds, self.content]
        return hashlib.sha256(json.dumps(data, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def write_package(items: Iterable[PackedItem], read: Callable[[str], bytes | None] = read_sample) -> bytes:
    """A QTI 3 package, byte for byte the same for the same items, with the files of their media.

    read: gives the bytes of a file by the path that contents name. Raises ExchangeError: too_large for a package that
    could not be brought back.
    """
    buffer = io.BytesIO()
    packed = sorted(items, key=lambda item: item.code)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:

        def add(name: str, text: str) -> None:
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), text.encode(), zipfile.ZIP_DEFLATED)

        shown = {item.code: files_of(item.content) for item in packed}
        there: set[str] = set()
        for path in sorted({path for paths in shown.values() for path in paths}):
            data = read(path)
            if data is not None:
                there.add(path)
                archive.writestr(zipfile.ZipInfo(f"{MEDIA_FOLDER}{path}", _EPOCH), data, zipfile.ZIP_STORED)
            if buffer.tell() > LARGEST_ARCHIVE - ROOM_FOR_TEXT:
                raise ExchangeError("too_large")
        brought = {code: [each for each in paths if each in there] for code, paths in shown.items()}
        add("imsmanifest.xml", manifest_xml(brought))
        for item in packed:
            add(f"items/{item.code}.xml", item_xml(item.code, item.content))
            companion = {
                "format": FORMAT,
                "code": item.code,
                "competency": item.competency,
                "level": item.level,
                "seconds": item.seconds,
                "digest": item.digest,
                "content": item.content,
            }
            add(f"items/{item.code}.json", json.dumps(companion, ensure_ascii=False, indent=1, sort_keys=True))
    return buffer.getvalue()


def read_package(data: bytes) -> list[Outcome]:
    """The items of a package, each with what becomes of it. Raises ExchangeError."""
    archive = open_archive(data, (".xml", ".json"))
    files, shown = archive.files, Files(archive.read)
    budget = ElementBudget(MOST_IN_PACKAGE)
    outcomes = []
    for path, content in sorted(files.items()):
        if not path.lower().endswith(".xml"):
            continue
        companion = files.get(f"{path[: -len('.xml')]}.json")
        whole = _whole(companion, shown) if companion is not None else None
        if len(outcomes) == MOST_QUESTIONS:
            raise ExchangeError("too_many_questions")
        if whole is not None:
            outcomes.append(whole)
            continue
        try:
            root = read_xml(content, budget)
        except ExchangeError as error:
            outcomes.append(Outcome(shorten(path), None, (Note(error.reason, error.detail),)))
            continue
        if is_item(root):
            outcomes.append(_read(root, shown.beside(path), path))
    if not outcomes:
        raise ExchangeError("no_questions")
    return outcomes


def _read(root: Element, files: Files, path: str) -> Outcome:
    """What becomes of an item; a fault of the reader spoils that item alone."""
    try:
        return read_item(root, files)
    except Exception:
        logger.exception("An item of a package could not be read")
        return Draft(path).refused("not_readable")


def _whole(data: bytes, shown: Files) -> Outcome | None:
    """The item that a JSON file written here holds; None for any other file, or one that was changed since."""
    try:
        found = json.loads(data)
        if found["format"] != FORMAT:
            return None
        module = item_type(found["content"]["kind"])
        content = module.parse_content(found["content"]).to_dict()
        item = PackedItem(found["code"], found["competency"], found["level"], found["seconds"], content)
        if item.digest != found["digest"]:
            return None
    except ContentError as error:
        return Draft("").refused("does_not_fit", str(error)[:80])
    except (ValueError, KeyError, TypeError, UnknownItemType, RecursionError):
        return None
    brought, notes = _brought(content, shown)
    return Outcome(item.code, content, notes, item.level, item.seconds, item.competency, files=brought)


def _brought(content: Mapping[str, Any], shown: Files) -> tuple[dict[str, bytes], tuple[Note, ...]]:
    """The files of a content that the package has, each what its name says; what is not there is noted.

    A file that the bank has already need not come: what is missing everywhere is refused when it is to be published.
    """
    brought, notes = {}, []
    for path in files_of(content):
        if path.startswith(SAMPLES):
            continue
        try:
            file, data = shown.take(f"{MEDIA_FOLDER}{path}", EVERY_FILE)
        except FileRefused:
            file = None
        if file is not None and file.path == path:
            brought[path] = data
        else:
            notes.append(Note("medium_missing", path))
    return brought, tuple(notes)
