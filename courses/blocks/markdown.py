"""Running text: CommonMark with tables, headings from level 2, no raw HTML, no pictures of its own."""

import hashlib
import html as entities
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from ..reader import LOCALES, Reader, join

REQUIRED = LOCALES
OPTIONAL: tuple[str, ...] = ()

_TAGS = set(
    "a blockquote br code em h2 h3 h4 hr li ol p pre strong table tbody td th thead tr ul".split()  # noqa: SIM905
)
_SCHEMES = {"http", "https", "mailto"}
_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}, "th": {"scope", "class"}, "td": {"class"}}
_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
_HEAD = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_TABLE_WORD = {"vi": "Bảng", "en": "Table"}
_ALIGNMENTS = {"text-align:center": "text-center", "text-align:right": "number"}


def parse(raw: dict[str, Any], path: str, reader: Reader) -> dict[str, Any]:
    """`vi` and `en` name the text's files; `{"vi": text, "en": text}` is stored."""
    content = {}
    for locale in LOCALES:
        name = reader.text(raw[locale], join(path, locale), 200)
        content[locale] = reader.read_text(name, join(path, locale)).strip() if name else ""
        if name and content[locale]:
            for problem in faults(content[locale]):
                reader.problem("", problem, file=name)
    return content


def faults(text: str) -> list[str]:
    """What an author must change in a text: headings above level 2 or skipped, and pictures."""
    found = []
    level = 1
    for token in _parser().parse(text):
        line = f"line {token.map[0] + 1}: " if token.map else ""
        if token.type == "heading_open":
            here = int(token.tag[1])
            if here < 2 or here > 4 or here > level + 1:
                found.append(f"{line}a heading of level {here} after level {level}; headings run from ## to ####")
            level = max(here, 1)
        for child in token.children or ():
            if child.type == "image":
                found.append(f"{line}a picture needs an image block, with its alternative text in both languages")
    return found


def render(content: dict[str, Any], locale: str) -> dict[str, Any]:
    """`{"html"}`: safe HTML of the text in one language. Wide tables scroll in a frame that a keyboard can reach."""
    return {"html": _TABLE.sub(lambda found: _framed(found[0], _TABLE_WORD[locale]), to_html(content[locale]))}


def _framed(table: str, word: str) -> str:
    """A table in a frame that is named for screen readers by the table's column heads."""
    heads = ", ".join(entities.unescape(_TAG.sub("", head)) for head in _HEAD.findall(table))
    label = entities.escape(f"{word}: {heads}")
    framed = table.replace("<table>", '<table class="table">', 1)
    return f'<div class="table-scroll" role="group" tabindex="0" aria-label="{label}">{framed}</div>'


def identity(content: dict[str, Any]) -> str:
    return hashlib.sha256("\0".join(content[locale] for locale in LOCALES).encode()).hexdigest()


def to_html(text: str) -> str:
    """HTML of a CommonMark text with tables: raw HTML is shown as text, and only known tags and attributes remain.

    Alignment of table cells becomes a class, for the pages allow no style attributes.
    """
    html: str = _parser().render(text)
    return nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="noopener noreferrer")


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.add_render_rule("th_open", _cell)
    parser.add_render_rule("td_open", _cell)
    return parser


def _cell(self: RendererProtocol, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    token = tokens[index]
    attributes = ' scope="col"' if token.tag == "th" else ""
    alignment = _ALIGNMENTS.get(str(token.attrGet("style") or ""))
    if alignment:
        attributes += f' class="{alignment}"'
    return f"<{token.tag}{attributes}>"
