"""The parts of a form that have to do with pictures: the picture itself, and places on it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from assessments.items.content import LOCALES
from assessments.items.media import PICTURE
from assessments.items.problems import ContentProblem
from frontend.author.forms.media import file_field, keep_file
from frontend.author.forms.nodes import Line, Node, Problems, Words, join
from frontend.numbers import read_whole
from organisation.models import User

_ALT = Words(name="alt", label=_("What the picture shows, for those who do not see it"), rows=2)


@dataclass(frozen=True, kw_only=True)
class PictureNode(Node):
    """A picture, a file for each language, kept as soon as it is sent; the form goes on with its path."""

    kind: str = "picture"

    def read(self, post: QueryDict, path: str) -> Any:
        file = {locale: post.get(f"{path}.file.{locale}", "") for locale in LOCALES}
        size = {side: post.get(f"{path}.{side}", "") for side in ("width", "height")}
        return {"file": file, **size, "alt": _ALT.read(post, join(path, "alt"))}

    def load(self, value: Any) -> Any:
        source = value if isinstance(value, Mapping) else {}
        return {
            "file": {locale: source.get("file", {}).get(locale, "") for locale in LOCALES},
            "width": str(source.get("width", "")),
            "height": str(source.get("height", "")),
            "alt": _ALT.load(source.get("alt")),
        }

    def dump(self, value: Any, path: str, problems: Problems) -> Any:
        sides = {side: read_whole(value[side]) or 0 for side in ("width", "height")}
        return {"file": dict(value["file"]), **sides, "alt": dict(value["alt"])}

    def fields(self, value: Any, path: str, root: Any) -> dict[str, tuple[forms.Field, Any]]:
        labels = {"vi": _("Picture with Vietnamese words"), "en": _("Picture with English words")}
        hints = {
            "vi": _("PNG, JPEG or WebP, at most 3 MB."),
            "en": _("Of the same size. Without one the other is shown in both languages."),
        }
        found: dict[str, tuple[forms.Field, Any]] = {}
        for locale in LOCALES:
            field = file_field(labels[locale], hints[locale], (PICTURE,), required=locale == "vi")
            found[f"{path}.upload.{locale}"] = field, None
        return found | _ALT.fields(value["alt"], join(path, "alt"), root)

    def view(self, form: Any, value: Any, path: str) -> dict[str, Any]:
        hidden = {f"{path}.file.{locale}": value["file"][locale] for locale in LOCALES}
        hidden |= {f"{path}.{side}": value[side] for side in ("width", "height")}
        return {
            "kind": self.kind,
            "hidden": hidden.items(),
            "uploads": [form[f"{path}.upload.{locale}"] for locale in LOCALES],
            "alt": _ALT.view(form, value["alt"], join(path, "alt")),
            "shown": value["file"]["vi"],
            "size": (value["width"], value["height"]),
        }


@dataclass(frozen=True, kw_only=True)
class Pixels(Line):
    """Whole numbers with commas between."""

    def load(self, value: Any) -> Any:
        return ", ".join(str(each) for each in value or [])

    def dump(self, value: Any, path: str, problems: Problems) -> Any:
        parts = [part.strip() for part in value.replace(";", ",").split(",") if part.strip()]
        return [int(part) if re.fullmatch("-?[0-9]{1,6}", part) else part for part in parts]


def take_pictures(request: HttpRequest, value: dict[str, Any], author: User, problems: Problems) -> None:
    """Keep the pictures that came with a form and put their paths into its value; what is not taken is noted."""
    if "image" not in value:
        return
    image = value["image"]
    for locale in LOCALES:
        name = f"image.upload.{locale}"
        picture = keep_file(request, name, author, problems, (PICTURE,))
        if picture is None:
            continue
        size = {"width": str(picture.width), "height": str(picture.height)}
        if locale == "en" and image["file"]["vi"] and size != {side: image[side] for side in size}:
            problems.append(ContentProblem(name, "another_size"))
            continue
        image["file"][locale] = picture.path
        image |= size
        if locale == "vi" and not image["file"]["en"]:
            image["file"]["en"] = picture.path
