"""XML of others, read in bounded memory: no entities, no document type, no endless depth or attributes."""

import html
import io
import re
from dataclasses import dataclass
from itertools import islice
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]  # it ships no types
from defusedxml.ElementTree import iterparse  # type: ignore[import-untyped]  # nor here

from assessments.items.exchange.outcomes import MOST_PARTS, ExchangeError
from assessments.items.wording import composed

LARGEST_XML = 20 * 1024 * 1024
DEEPEST = 60
MOST_ELEMENTS = 150_000
"""More than 2000 questions of Moodle have; reading them takes about a second."""
MOST_IN_PACKAGE = 200_000
"""Elements of all documents of a package together: 100 for each of 2000 questions."""
CHUNK = 1024 * 1024
LONGEST_ATTRIBUTE = 20_000
TAG = re.compile(r"<[/!?A-Za-z][^<>]{0,2000}>")
"""Markup; `3 < 5 and 7 > 2` is none."""
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6])\b[^<>]{0,200}>", re.IGNORECASE)


@dataclass(slots=True)
class ElementBudget:
    """How many elements may still be read, of one document or of all in a package."""

    left: int = MOST_ELEMENTS


class _Chunks(io.BytesIO):
    """Large pieces: the parser looks at a tag that is not complete anew with each piece, so with small ones a huge
    attribute takes time by the square.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(CHUNK)


def read_xml(data: bytes, budget: ElementBudget | None = None) -> Element:
    """The root of a document; its elements are taken from the budget.

    Raises ExchangeError: too_large, not_xml, forbidden_xml (DTD or entities), too_deep (or too many elements).
    """
    budget = ElementBudget() if budget is None else budget
    if len(data) > LARGEST_XML:
        raise ExchangeError("too_large")
    if budget.left < 0:
        raise ExchangeError("too_deep")
    depth = 0
    root: Element | None = None
    try:
        for event, element in iterparse(_Chunks(data), events=("start", "end"), forbid_dtd=True):
            if event == "start":
                root = element if root is None else root
                depth += 1
                budget.left -= 1
                if any(len(value) > LONGEST_ATTRIBUTE for value in element.attrib.values()):
                    raise ExchangeError("too_large", "attribute")
            else:
                depth -= 1
            if depth > DEEPEST or budget.left < 0:
                raise ExchangeError("too_deep")
    except DefusedXmlException:
        raise ExchangeError("forbidden_xml") from None
    except (ParseError, ValueError, LookupError, UnicodeError) as error:
        if isinstance(error, ExchangeError):
            raise
        raise ExchangeError("not_xml", str(error)[:80]) from None
    if root is None:
        raise ExchangeError("not_xml")
    return root


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""


def has_too_many_parts(question: Element) -> bool:
    """Whether a question has more elements than one may have; without looking at all of them."""
    return next(islice(question.iter(), MOST_PARTS, None), None) is not None


def plain_text(markup: str) -> str:
    """HTML as plain text: breaks are kept, everything else of the markup goes; letters are composed."""
    text = TAG.sub("", _BREAK.sub("\n", markup))
    text = composed(html.unescape(text)).replace("\xa0", " ")
    return "\n".join(line for line in (" ".join(line.split()) for line in text.splitlines()) if line)


def inner_text(element: Element) -> str:
    """What stands in an element, children and all, as plain text."""
    return plain_text(_markup(element))


def _markup(element: Element) -> str:
    parts = [html.escape(element.text or "", quote=False)]
    for child in element:
        name = local(child)
        parts.append(f"{_markup(child)}{'<br>' if name in ('p', 'div', 'br', 'li') else ''}")
        parts.append(html.escape(child.tail or "", quote=False))
    return "".join(parts)
