"""Media of other tools: what a question's markup shows, brought along with its file, checked as an upload is."""

import base64
import binascii
import html
import io
import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from assessments.items.exchange.outcomes import Draft
from assessments.items.file_types import FileRefused
from assessments.items.media import CAPTIONS, MOST_MEDIA, VIDEO
from assessments.items.media_files import ALL_MEDIA, MediaFile, check_media_file, medium_of
from assessments.items.wording import composed

LONGEST_WORDS = 1000
MOST_LOOKED_AT = 40
"""References of one question, of those too that do not come."""
_TAG = re.compile(r"<(img|audio|video|source|track|a|/audio|/video|/a)\b([^<>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""(?<![a-z-])([a-z-]{1,20})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE
)
_PLUGIN = "@@PLUGINFILE@@/"
_RECORDING = (".mp3", ".ogg", ".m4a", ".mp4", ".webm")
_DATA = re.compile(r"data:([a-z]{1,20}/[a-z0-9.+-]{1,40});base64,")
_ENDINGS = {"audio/mpeg": "mp3", "audio/mp4": "m4a"}
"""By content type, where the ending is not its second half."""
_FETCHED = ("http:", "https:", "//")


@dataclass(frozen=True, slots=True)
class Reference:
    """What a question shows. alt: its words as far as the file has them. decorates: it says nothing by intent."""

    address: str
    alt: str = ""
    decorates: bool = False
    captions: str = ""


@dataclass(frozen=True, slots=True)
class Files:
    """Files that questions may show, each read and checked once however many show it.

    read: gives the bytes of a path, None where there is none. resolve: makes a path of an address.
    """

    read: Callable[[str], bytes | None]
    resolve: Callable[[str], str] = str
    checked: dict[tuple[str, tuple[str, ...]], tuple[MediaFile, bytes] | FileRefused] = field(default_factory=dict)

    def take(self, address: str, types: tuple[str, ...]) -> tuple[MediaFile, bytes]:
        """A checked file and its bytes. Raises FileRefused, `missing` where there is none."""
        path = self.resolve(address)
        if (path, types) not in self.checked:
            try:
                self.checked[path, types] = _check(path, self.read(path), types)
            except FileRefused as refusal:
                self.checked[path, types] = refusal
        found = self.checked[path, types]
        if isinstance(found, FileRefused):
            raise FileRefused(found.reason)
        return found

    def beside(self, item_path: str) -> "Files":
        """The same files for an item at a path of the package, whose addresses are relative to it."""
        folder = posixpath.dirname(item_path)

        def resolve(address: str) -> str:
            bare = unquote(address.partition("?")[0].partition("#")[0])
            return posixpath.normpath(posixpath.join(folder, bare))

        return replace(self, resolve=resolve)


NO_FILES = Files(lambda path: None)
"""Of a question that came alone: no file but those within addresses."""


def bring_media(draft: Draft, references: Sequence[Reference], files: Files) -> None:
    """Put what a question shows into its draft; what cannot come, and what words are still to be written, is noted."""
    for reference in dict.fromkeys(references[:MOST_LOOKED_AT]):
        if len(draft.media) == MOST_MEDIA:
            draft.note("too_many_media", str(MOST_MEDIA))
            return
        file = _take(draft, reference.address, files)
        if file is None:
            continue
        words = composed(" ".join(reference.alt.split()))[:LONGEST_WORDS]
        medium = medium_of(file, {"vi": words, "en": words})
        if reference.decorates and "alt" in medium:
            medium = {name: each for name, each in medium.items() if name != "alt"} | {"decorative": True}
        elif not words:
            draft.note("alternative_to_write")
        if file.type == VIDEO and reference.captions:
            captions = _take(draft, reference.captions, files, (CAPTIONS,))
            medium |= {"captions": {"vi": captions.path, "en": captions.path}} if captions else {}
        draft.media.append(medium)


def _take(draft: Draft, address: str, files: Files, types: tuple[str, ...] = ALL_MEDIA) -> MediaFile | None:
    """The checked file of an address, its bytes with the draft; None for one that does not come, which is noted."""
    if address.lower().startswith(_FETCHED):
        draft.note("medium_elsewhere", address[:80])
        return None
    inside = _DATA.match(address)
    ending = _ENDINGS.get(inside[1], posixpath.basename(inside[1])) if inside else ""
    name = f"inside.{ending}" if inside else posixpath.basename(unquote(address))[:80]
    try:
        if inside:
            file, content = _check(name, decode_base64(address[inside.end() :]), types)
        else:
            file, content = files.take(address, types)
    except FileRefused as refusal:
        if refusal.reason == "missing":
            draft.note("medium_missing", name)
        else:
            draft.note("medium_refused", f"{name}: {refusal.reason}")
        return None
    draft.files[file.path] = content
    return file


def _check(name: str, content: bytes | None, types: tuple[str, ...]) -> tuple[MediaFile, bytes]:
    if content is None:
        raise FileRefused("missing")
    return check_media_file(name, io.BytesIO(content), types), content


def decode_base64(text: str) -> bytes | None:
    """The bytes that a text stands for; None for what is no base64."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


# --- markup of Moodle -------------------------------------------------------------------------------------------------
def take_apart(markup: str) -> tuple[list[Reference], str]:
    """What HTML shows (pictures, audio, video, links to recordings, which Moodle plays in their place), and the rest.

    What stands between the tags of a recording is for browsers that cannot play it, and goes too.
    """
    found: list[Reference] = []
    rest: list[str] = []
    inside = ""  # the tag that ends the recording being read
    source = alt = captions = ""
    kept_from = 0
    for tag in _TAG.finditer(markup):
        name = tag[1].lower()
        given = {} if name[0] == "/" else _attributes(tag[2])
        address = given.get("src", "")
        if inside:
            source = source or (address if name == "source" else "")
            captions = captions or (address if name == "track" else "")
            if name == inside:
                found.append(Reference(source, alt, captions=captions))
                kept_from, inside = tag.end(), ""
            continue
        link = given.get("href", "").partition("?")[0]
        is_recording = name in ("audio", "video") or (link.startswith(_PLUGIN) and link.lower().endswith(_RECORDING))
        if is_recording or name == "img":
            rest.append(markup[kept_from : tag.start()])
            kept_from = tag.end()
        if is_recording:
            inside, source, alt, captions = f"/{name}", link or address, given.get("aria-label", ""), ""
        elif name == "img":
            found.append(Reference(address, given.get("alt", ""), given.get("role") in ("presentation", "none")))
        if len(found) > MOST_LOOKED_AT:
            break
    if inside:
        found.append(Reference(source, alt, captions=captions))
    rest.append(markup[kept_from:])
    return [each for each in found if each.address], "".join(rest)


def _attributes(text: str) -> dict[str, str]:
    found = ((each[1].lower(), each[2] or each[3] or each[4] or "") for each in _ATTRIBUTE.finditer(text))
    return {name: html.unescape(value) for name, value in found}


def files_within(asked: Element) -> Files:
    """The files that a question's text in Moodle holds."""
    held = {posixpath.join(each.get("path", "/"), each.get("name", "")): each for each in asked.findall("file")}

    def read(path: str) -> bytes | None:
        element = held.get(path)
        if element is None or element.get("encoding") != "base64":
            return None
        return decode_base64(element.text or "")

    def resolve(address: str) -> str:
        return "/" + unquote(address.removeprefix(_PLUGIN).partition("?")[0]) if address.startswith(_PLUGIN) else ""

    return Files(read, resolve)


# --- elements of QTI --------------------------------------------------------------------------------------------------
def shown_by(element: Element, name: str, words: str) -> Reference | None:
    """What an element (`img`, `object`, `audio`, `video`, as `name` says) shows; None where it names no file.

    words: those that stand in its place, of all but `img`, which has its own.
    """
    if name == "img":
        address, alt = element.get("src", ""), element.get("alt", "")
        return Reference(address, alt, element.get("role") in ("presentation", "none")) if address else None
    if name == "object":
        address = element.get("data", "")
        return Reference(address, words) if address else None
    inside = list(element.iter())
    sources = [element.get("src", ""), *(each.get("src", "") for each in inside if _is(each, "source"))]
    captions = next((each.get("src", "") for each in inside if _is(each, "track")), "")
    return next((Reference(each, words, captions=captions) for each in sources if each), None)


def _is(element: Element, name: str) -> bool:
    return isinstance(element.tag, str) and element.tag.rpartition("}")[2] == name
