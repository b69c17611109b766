"""XML of others, read in bounded memory: no entities, no document type, no endless depth or attributes."""

import html
import io
import re
import unicodedata
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]  # it ships no types
from defusedxml.ElementTree import iterparse  # type: ignore[import-untyped]  # nor here

from assessments.items.exchange.outcomes import ExchangeError

LARGEST_XML = 20 * 1024 * 1024
DEEPEST = 60
MOST_ELEMENTS = 150_000
"""More than 2000 questions of Moodle have; reading them takes about a second."""
LONGEST_ATTRIBUTE = 20_000
_TAG = re.compile(r"<[^<>]{0,2000}>")
_BREAK = re.compile(r"<\s*(?:br|/p|/div|/li)\b[^<>]{0,200}>", re.IGNORECASE)


def read_xml(data: bytes) -> Element:
    """The root of a document. Raises ExchangeError: too_large, not_xml, forbidden_xml (DTD or entities), too_deep."""
    if len(data) > LARGEST_XML:
        raise ExchangeError("too_large")
    depth = count = 0
    root: Element | None = None
    try:
        for event, element in iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True):
            if event == "start":
                root = element if root is None else root
                depth += 1
                count += 1
                if any(len(value) > LONGEST_ATTRIBUTE for value in element.attrib.values()):
                    raise ExchangeError("too_large", "attribute")
            else:
                depth -= 1
            if depth > DEEPEST or count > MOST_ELEMENTS:
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


def plain_text(markup: str) -> str:
    """HTML as plain text: breaks are kept, everything else of the markup goes; letters are composed."""
    text = _TAG.sub("", _BREAK.sub("\n", markup))
    text = unicodedata.normalize("NFC", html.unescape(text)).replace("\xa0", " ")
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
