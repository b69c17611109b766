"""QTI packages: read whatever tool wrote them, and written so that reading again gives the very same items.

QTI cannot say all that an item here holds (both languages, reasons, units, rubrics with anchors). A package written
here therefore has beside each item's XML, for other tools, a JSON file with the whole content and its digest; reading
takes that file where the digest is true, and the XML where there is none.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assessments.items.exchange.archive import read_archive
from assessments.items.exchange.outcomes import Draft, ExchangeError, Note, Outcome, shorten
from assessments.items.exchange.qti_read import is_item, read_item
from assessments.items.exchange.qti_write import item_xml, manifest_xml
from assessments.items.exchange.xml_input import MOST_IN_PACKAGE, ElementBudget, read_xml
from assessments.items.problems import ContentError, UnknownItemType
from assessments.items.registry import item_type

FORMAT = "thang-item-1"
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


def write_package(items: Iterable[PackedItem]) -> bytes:
    """A QTI 3 package, byte for byte the same for the same items."""
    buffer = io.BytesIO()
    packed = sorted(items, key=lambda item: item.code)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:

        def add(name: str, text: str) -> None:
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), text.encode(), zipfile.ZIP_DEFLATED)

        add("imsmanifest.xml", manifest_xml([item.code for item in packed]))
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
    files = read_archive(data, (".xml", ".json"))
    budget = ElementBudget(MOST_IN_PACKAGE)
    outcomes = []
    for path, content in sorted(files.items()):
        if not path.lower().endswith(".xml"):
            continue
        companion = files.get(f"{path[: -len('.xml')]}.json")
        whole = _whole(companion) if companion is not None else None
        if whole is not None:
            outcomes.append(whole)
            continue
        try:
            root = read_xml(content, budget)
        except ExchangeError as error:
            outcomes.append(Outcome(shorten(path), None, (Note(error.reason, error.detail),)))
            continue
        if is_item(root):
            outcomes.append(read_item(root))
    if not outcomes:
        raise ExchangeError("no_questions")
    return outcomes


def _whole(data: bytes) -> Outcome | None:
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
    return Outcome(item.code, content, (), item.level, item.seconds, item.competency)
