"""Sheets of a workbook: how heads, rows of figures and notes look."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from reports.domain.export_rows import figures_of, notes_on
from reports.domain.gaps import Gap, GapReport

_HEAD = {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#0A5A61", "font_color": "#FFFFFF", "border": 1}


class SheetWriter:
    """Writes sheets into one xlsxwriter workbook. Every text is written as text."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.head = book.add_format(_HEAD)
        self.text = book.add_format({"text_wrap": True, "valign": "top"})
        self.quiet = book.add_format({"italic": True, "font_color": "#4A5D61"})
        self.share = book.add_format({"num_format": "0%"})
        self.decimal = book.add_format({"num_format": "0.0"})

    def sheet(self, name: str, freeze: tuple[int, int], widths: Sequence[int]) -> Any:
        """Return a new sheet, ready to be printed; its frozen rows stand on every printed page."""
        sheet = self.book.add_worksheet(name[:31])
        sheet.freeze_panes(*freeze)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        if freeze[0]:
            sheet.repeat_rows(0, freeze[0] - 1)
        return sheet

    def heads(self, sheet: Any, line: int, heads: Sequence[str]) -> None:
        for column, head in enumerate(heads):
            sheet.write_string(line, column, head, self.head)

    def row(self, sheet: Any, line: int, texts: Sequence[str], gap: Gap) -> None:
        """Write the texts and behind them the figures."""
        for column, text in enumerate(texts):
            sheet.write_string(line, column, text)
        self.figures(sheet, line, len(texts), gap)

    def figures(self, sheet: Any, line: int, column: int, gap: Gap) -> None:
        formats = (None, None, *[self.share] * 4, self.decimal)
        for place, (figure, shown_as) in enumerate(zip(figures_of(gap), formats, strict=True), start=column):
            if isinstance(figure, str):
                sheet.write_string(line, place, figure, self.quiet)
            elif figure is not None:
                sheet.write_number(line, place, figure, shown_as)

    def notes(self, report: GapReport) -> None:
        sheet = self.sheet(_("Notes"), freeze=(0, 0), widths=[110])
        for line, note in enumerate(notes_on(report)):
            sheet.write_string(line, 0, note, self.text)
