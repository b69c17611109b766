"""The part of every question's form that holds the media beside its stem, and the keeping of files that forms bring."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from assessments.api import FileRefused, keep_media_file
from assessments.items.content import LOCALES
from assessments.items.media import CAPTIONS, MEDIA_ENDINGS, MOST_MEDIA, PICTURE, VIDEO
from assessments.items.media_files import ALL_MEDIA, MediaFile
from assessments.items.problems import ContentProblem
from frontend.author.forms.loose import Loose
from frontend.author.forms.nodes import Node, Problems, Words, join
from frontend.author.forms.rows import Rows, anchor
from organisation.models import User

PER_LANGUAGE = ("file", "bytes", "captions")
_WORDS = Words(name="words", label=_("The same in words"), rows=3)


def accept_of(*types: str) -> str:
    """Return the endings of types of files as the attribute `accept` takes them."""
    return ",".join(f".{ending}" for each in types for ending in MEDIA_ENDINGS[each])


def file_field(label: Any, hint: Any, types: tuple[str, ...], *, required: bool) -> Loose:
    """Return a field by which a file is chosen."""
    widget = forms.FileInput(attrs={"accept": accept_of(*types)})
    return Loose(label=label, help_text=hint, required=required, widget=widget)


@dataclass(frozen=True, kw_only=True)
class MediumNode(Node):
    """A picture, sound or film: its file for each language, kept as soon as it is sent, and its words."""

    kind: str = "medium"

    def read(self, post: QueryDict, path: str) -> Any:
        value: dict[str, Any] = {name: post.get(join(path, name), "") for name in ("type", "width", "height")}
        for name in PER_LANGUAGE:
            value[name] = {locale: post.get(f"{path}.{name}.{locale}", "") for locale in LOCALES}
        return value | {"decorative": f"{path}.decorative" in post, "words": _WORDS.read(post, f"{path}.words")}

    def load(self, value: Any) -> Any:
        source = value if isinstance(value, Mapping) else {}
        loaded: dict[str, Any] = {name: str(source.get(name, "")) for name in ("type", "width", "height")}
        for name in PER_LANGUAGE:
            loaded[name] = {locale: str(source.get(name, {}).get(locale, "")) for locale in LOCALES}
        words = _WORDS.load(source.get("alt", source.get("transcript")))
        return loaded | {"decorative": source.get("decorative", False), "words": words}

    def dump(self, value: Any, path: str, problems: Problems) -> Any:
        found = {"type": value["type"], "file": dict(value["file"])}
        if value["type"] == PICTURE:
            found |= {side: _whole(value[side]) for side in ("width", "height")}
            return found | ({"decorative": True} if value["decorative"] else {"alt": dict(value["words"])})
        captions = {"captions": dict(value["captions"])} if any(value["captions"].values()) else {}
        sizes = {locale: _whole(value["bytes"][locale]) for locale in LOCALES}
        return found | {"bytes": sizes, "transcript": dict(value["words"])} | captions

    def fields(self, value: Any, path: str, root: Any) -> dict[str, tuple[forms.Field, Any]]:
        labels = {"vi": _("File with Vietnamese words"), "en": _("File with English words")}
        hints = {
            "vi": _(
                "Picture: PNG, JPEG or WebP, 3 MB at most. Audio: MP3, OGG or M4A, 5 MB. Video: MP4 or WebM, 10 MB."
            ),
            "en": _("Of the same kind. Without one the other is shown in both languages."),
        }
        found: dict[str, tuple[forms.Field, Any]] = {}
        for locale in LOCALES:
            hint = _("Choose one only to replace what is there.") if value["file"][locale] else hints[locale]
            field = file_field(labels[locale], hint, ALL_MEDIA, required=locale == "vi")
            found[f"{path}.upload.{locale}"] = field, None
        found |= _WORDS.fields(value["words"], f"{path}.words", root)
        if value["type"] in ("", PICTURE):
            label, hint = _("It only decorates"), _("Only for a picture that says nothing. Leave its words empty then.")
            tick = Loose(label=label, help_text=hint, required=False, widget=forms.CheckboxInput())
            found[f"{path}.decorative"] = tick, value["decorative"]
        if value["type"] == VIDEO:
            titles = {"vi": _("Captions in Vietnamese"), "en": _("Captions in English")}
            for locale in LOCALES:
                field = file_field(titles[locale], _("A WebVTT file, if there is one."), (CAPTIONS,), required=False)
                found[f"{path}.captions_upload.{locale}"] = field, None
        return found

    def view(self, form: Any, value: Any, path: str) -> dict[str, Any]:
        hidden = {join(path, name): value[name] for name in ("type", "width", "height")}
        hidden |= {f"{path}.{name}.{locale}": value[name][locale] for name in PER_LANGUAGE for locale in LOCALES}
        names = [f"{path}.captions_upload.{locale}" for locale in LOCALES] if value["type"] == VIDEO else []
        return {
            "kind": self.kind,
            "hidden": hidden.items(),
            "uploads": [form[f"{path}.upload.{locale}"] for locale in LOCALES],
            "captions": [form[name] for name in names],
            "words": _WORDS.view(form, value["words"], f"{path}.words"),
            "decorative": form[f"{path}.decorative"] if value["type"] in ("", PICTURE) else None,
            "shown": _shown(value),
            "refresh": f"refresh:{anchor(path)}",
            "anchor": anchor(path),
        }


MEDIA = Rows(
    name="media",
    label=_("Pictures, audio and video"),
    hint=_(
        "They stand below the question, in this order. The same in words says what a picture shows, or all that is "
        "said and heard in a recording: whoever has only the words must be able to answer as well. A draft may wait "
        "for them; publication does not."
    ),
    one=_("Picture, audio or video"),
    add=_("Add a picture, audio or video"),
    most=MOST_MEDIA,
    movable=True,
    parts=(MediumNode(),),
)
MEDIA_PLACES = (
    (r"^media\[(\d+)\]\.(?:file|bytes)\.(vi|en)$", r"media[\1].upload.\2"),
    (r"^media\[(\d+)\]\.(?:type|file|bytes|width|height)$", r"media[\1].upload.vi"),
    (r"^media\[(\d+)\]\.(?:alt|transcript)\.(vi|en)$", r"media[\1].words.\2"),
    (r"^media\[(\d+)\]\.captions\.(vi|en)$", r"media[\1].captions_upload.\2"),
)


def take_media(request: HttpRequest, value: dict[str, Any], author: User, problems: Problems) -> None:
    """Keep the media that came with a form and put them into its value; what is not taken is noted."""
    for place, medium in enumerate(value["media"]):
        path = f"media[{place}]"
        for locale in LOCALES:
            file = keep_file(request, f"{path}.upload.{locale}", author, problems)
            if file is not None:
                _put(medium, file, locale, f"{path}.upload.{locale}", problems)
            captions = keep_file(request, f"{path}.captions_upload.{locale}", author, problems, (CAPTIONS,))
            if captions is not None:
                _for_both(medium["captions"], locale, captions.path)


def keep_file(
    request: HttpRequest, name: str, author: User, problems: Problems, types: tuple[str, ...] = ALL_MEDIA
) -> MediaFile | None:
    """Return the file of a field, kept; None when none came, or one that is not taken, which is noted."""
    file = request.FILES.get(name)
    if not isinstance(file, UploadedFile):
        return None
    try:
        return keep_media_file(file.name or "", file, author=author, types=types)
    except FileRefused as refusal:
        problems.append(ContentProblem(name, refusal.reason, file.name or ""))
    return None


def _put(medium: dict[str, Any], file: MediaFile, locale: str, name: str, problems: Problems) -> None:
    """Show a kept file in a language. One for Vietnamese begins anew; one for English must be alike."""
    size = {"width": str(file.width), "height": str(file.height)} if file.type == PICTURE else {}
    if locale == "en" and medium["file"]["vi"]:
        if file.type != medium["type"] or size != {side: medium[side] for side in size}:
            problems.append(ContentProblem(name, "another_size" if file.type == medium["type"] else "another_kind"))
            return
    elif file.type != medium["type"]:
        medium |= {"file": dict.fromkeys(LOCALES, ""), "captions": dict.fromkeys(LOCALES, "")}
        medium |= {"bytes": dict.fromkeys(LOCALES, ""), "decorative": medium["decorative"] and file.type == PICTURE}
    elif size != {side: medium[side] for side in size}:
        medium["file"]["en"] = ""
    medium |= {"type": file.type, **size}
    _for_both(medium["file"], locale, file.path)
    if file.type != PICTURE:
        _for_both(medium["bytes"], locale, str(file.size))


def _for_both(found: dict[str, str], locale: str, value: str) -> None:
    """Set a language's value, and the other's where it has none; English follows Vietnamese that it was the same as."""
    other = "en" if locale == "vi" else "vi"
    if not found[other] or (locale == "vi" and found["en"] == found["vi"]):
        found[other] = value
    found[locale] = value


def _shown(value: dict[str, Any]) -> dict[str, Any]:
    """The medium as the form shows it: a draft of the player's view."""
    file = value["file"]["vi"] or value["file"]["en"]
    return {"type": value["type"], "file": file, "bytes": value["bytes"]["vi"]} if file else {}


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
