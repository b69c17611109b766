"""A picture: a static file with an alternative text, and a caption where the picture needs one."""

import re
from pathlib import Path
from typing import Any

from ..reader import Reader, join

REQUIRED = ("src", "alt")
OPTIONAL = ("caption",)
TYPES = (".svg", ".png", ".jpg", ".jpeg", ".webp")
MAX_BYTES = 200 * 1024

_SVG_SIZE = re.compile(rb"<svg\b[^>]*?\bviewBox=[\"'][-\d.]+[ ,]+[-\d.]+[ ,]+([\d.]+)[ ,]+([\d.]+)[\"']")


def parse(raw: dict[str, Any], path: str, reader: Reader) -> dict[str, Any]:
    """`{"src", "alt", "caption", "width", "height"}`: texts in both languages, the size in pixels if the file says."""
    src = reader.text(raw["src"], join(path, "src"), 200)
    width, height = _size(src, join(path, "src"), reader) if src else (None, None)
    return {
        "src": src,
        "alt": reader.bilingual(raw["alt"], join(path, "alt"), 500),
        "caption": reader.bilingual(raw["caption"], join(path, "caption"), 500) if "caption" in raw else None,
        "width": width,
        "height": height,
    }


def _size(src: str, path: str, reader: Reader) -> tuple[int | None, int | None]:
    file: Path | None = reader.static_file(src)
    if Path(src).suffix.lower() not in TYPES:
        reader.problem(path, f"{src!r} is no picture; known types: {', '.join(TYPES)}")
    elif file is None:
        reader.problem(path, f"there is no static file {src!r}")
    elif file.stat().st_size > MAX_BYTES:
        reader.problem(path, f"{src!r} is larger than {MAX_BYTES // 1024} KB")
    else:
        found = _SVG_SIZE.search(file.read_bytes()[:2000]) if file.suffix.lower() == ".svg" else None
        if found:
            return round(float(found[1])), round(float(found[2]))
    return None, None


def render(content: dict[str, Any], locale: str) -> dict[str, Any]:
    """`{"src", "alt", "caption", "width", "height"}` in one language; caption and size may be None."""
    caption = content["caption"]
    return {
        "src": content["src"],
        "alt": content["alt"][locale],
        "caption": caption[locale] if caption else None,
        "width": content["width"],
        "height": content["height"],
    }


def identity(content: dict[str, Any]) -> str:
    return str(content["src"])
