"""Documents in PDF: Be Vietnam Pro embedded, A4, numbered pages. Nothing is ever fetched to make one."""

import io
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from fontpkg_be_vietnam_pro import ROOT
from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph

REGULAR, BOLD = "BeVietnamPro-Regular", "BeVietnamPro-SemiBold"
MARGIN = 16 * mm
INK, QUIET, LINE, ACCENT = (HexColor(code) for code in ("#15272B", "#4A5D61", "#C9D5D3", "#0A5A61"))
PORTRAIT_WIDTH = A4[0] - 2 * MARGIN
"""Points of an upright page between its margins."""
LANDSCAPE_WIDTH = A4[1] - 2 * MARGIN
_BODY = ParagraphStyle("body", fontName=REGULAR, fontSize=9.5, leading=14, textColor=INK, spaceAfter=3)
_SMALL = ParagraphStyle("cell", _BODY, fontSize=8, leading=10.5, spaceAfter=0)
STYLES = {
    style.name: style
    for style in (
        _BODY,
        _SMALL,
        ParagraphStyle("title", _BODY, fontName=BOLD, fontSize=18, leading=24),
        ParagraphStyle(
            "heading", _BODY, fontName=BOLD, fontSize=12.5, textColor=ACCENT, spaceBefore=12, keepWithNext=1
        ),
        ParagraphStyle("item", _BODY, leftIndent=14),
        ParagraphStyle("note", _SMALL, textColor=QUIET, spaceAfter=3),
        ParagraphStyle("head", _SMALL, fontName=BOLD, textColor=white),
    )
}


def text(words: str, style: str = "body", *, bold: str = "", number: int | None = None) -> Paragraph:
    """Return a paragraph of plain words, never read as markup. bold: words to stand before it in semi-bold."""
    _register_fonts()
    start = f'<font name="{BOLD}">{_plain(bold)}</font> ' if bold else ""
    return Paragraph(start + _plain(words), STYLES[style], bulletText=f"{number}." if number else None)


def build_pdf(title: str, story: Sequence[Flowable]) -> bytes:
    """Return the document. `NextPageTemplate("wide")` in the story turns its further pages on their side."""
    _register_fonts()
    file = io.BytesIO()
    document = BaseDocTemplate(file, pagesize=A4, title=title, author="Thang", lang=get_language() or "vi")
    for name, size in (("tall", A4), ("wide", landscape(A4))):
        frame = Frame(MARGIN, MARGIN, size[0] - 2 * MARGIN, size[1] - 2 * MARGIN, 0, 0, 0, 0)
        document.addPageTemplates(PageTemplate(name, [frame], pagesize=size))
    document.build(list(story), canvasmaker=_NumberedCanvas)
    return file.getvalue()


@cache
def _register_fonts() -> None:
    """Make the two weights known to reportlab; each document embeds the letters it uses."""
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, ROOT / "files" / f"{name}.ttf"))


def _plain(words: str) -> str:
    return escape(unicodedata.normalize("NFC", words))


class _NumberedCanvas(Canvas):
    """Holds pages back until their number is known, then writes a foot on each."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, page in enumerate(self._pages, start=1):
            self.__dict__.update(page)
            self.setFont(REGULAR, 8)
            self.setFillColor(QUIET)
            self.drawString(MARGIN, 9 * mm, self._doc.info.title[:100])
            of = _("Page %(number)s of %(count)s") % {"number": number, "count": len(self._pages)}
            self.drawRightString(self._pagesize[0] - MARGIN, 9 * mm, of)
            super().showPage()
        super().save()
