"""A gap report as an XLSX workbook or a PDF. What is suppressed on the page is suppressed here."""

import io
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from reports.domain.export_rows import (
    NEED_COLOURS,
    figure_heads,
    listed_rows,
    need_step,
    part_heads,
    title_of,
    why_none,
)
from reports.domain.export_sheets import SheetWriter
from reports.domain.gaps import GapReport, named_rows

_BAND_COLOURS = ("#B9D3D0", "#6FA8A6", "#2F7F83", "#0A5A61")


def export_gap_pdf(report: GapReport) -> bytes:
    """Return the document in the reader's language: three gaps in words, a picture, the figures, the heat map, notes.

    What is suppressed on the page is suppressed here. One query, for the standard.
    """
    from reports.domain.export_pdf import build_gap_pdf  # 7 MiB that a web worker does without until it is asked

    return build_gap_pdf(report)


def export_gap_xlsx(report: GapReport) -> bytes:
    """Return the workbook: summary, charts, heat map, all figures as a list, notes. In the reader's language.

    Every text is written as text, so a name that looks like a formula stays a name. Numbers are rounded to what is
    shown of them: shares to whole percents, expected people and levels to one decimal.
    """
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": title_of(report), "author": "Thang"})
    sheets = _Sheets(book, report)
    sheets.write_summary()
    sheets.write_charts()
    if sheets.rows:
        sheets.write_heat_map()
    sheets.write_list()
    sheets.notes(report)
    book.close()
    return file.getvalue()


class _Sheets(SheetWriter):
    """Writes the sheets of one workbook."""

    def __init__(self, book: Any, report: GapReport) -> None:
        super().__init__(book)
        self.report = report
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.rows = named_rows(report)
        self.need = [
            book.add_format(
                {
                    "num_format": "0%",
                    "bg_color": colour,
                    "font_color": "#FFFFFF" if step == 5 else "#15272B",
                    "border": 1,
                }
            )
            for step, colour in enumerate(NEED_COLOURS)
        ]

    def write_summary(self) -> None:
        sheet = self.sheet(_("Summary"), freeze=(3, 2), widths=[8, 48, *[13] * 11])
        sheet.write_string(0, 0, title_of(self.report), self.title)
        self.heads(
            sheet,
            2,
            [
                _("Competency code"),
                _("Competency"),
                *figure_heads(),
                _("Foundation (people)"),
                _("Intermediate (people)"),
                _("Advanced (people)"),
                _("Specialised (people)"),
            ],
        )
        for line, each in enumerate(self.report.competencies, start=3):
            sheet.write_string(line, 0, each.competency.code)
            sheet.write_string(line, 1, each.competency.name, self.text)
            self.figures(sheet, line, 2, each.gap)
            for column, people in enumerate(each.gap.bands or (), start=9):
                sheet.write_number(line, column, round(people, 1), self.decimal)

    def write_charts(self) -> None:
        """Draw what the summary says: shares below with their intervals, and people by band. Nothing hidden is drawn,
        for competencies without a share stand last.
        """
        shares = [below for each in self.report.competencies if (below := each.gap.below)]
        if not shares:
            return
        sheet = self.sheet(_("Charts"), freeze=(0, 0), widths=[])
        last = 2 + len(shares)
        names = [_("Summary"), 3, 1, last, 1]
        below = self.book.add_chart({"type": "bar"})
        below.add_series(
            {
                "name": _("Below requirement"),
                "categories": names,
                "values": [_("Summary"), 3, 5, last, 5],
                "fill": {"color": NEED_COLOURS[4]},
                "gap": 60,
                "x_error_bars": {
                    "type": "custom",
                    "plus_values": [round(round(each.high, 2) - round(each.estimate, 2), 2) for each in shares],
                    "minus_values": [round(round(each.estimate, 2) - round(each.low, 2), 2) for each in shares],
                },
            }
        )
        below.set_x_axis({"min": 0, "max": 1, "num_format": "0%"})
        below.set_legend({"none": True})
        bands = self.book.add_chart({"type": "bar", "subtype": "percent_stacked"})
        for band, colour in enumerate(_BAND_COLOURS):
            column = 9 + band
            bands.add_series(
                {
                    "name": [_("Summary"), 2, column],
                    "categories": names,
                    "values": [_("Summary"), 3, column, last, column],
                    "fill": {"color": colour},
                    "gap": 60,
                }
            )
        bands.set_legend({"position": "bottom"})
        height = 160 + 26 * len(shares)
        titles = (_("Share of assessed people below what their post requires"), _("Assessed people by band"))
        for place, (chart, title) in enumerate(zip((below, bands), titles, strict=True)):
            chart.set_title({"name": title, "name_font": {"size": 12}})
            chart.set_y_axis({"reverse": True, "num_font": {"size": 9}})
            chart.set_size({"width": 900, "height": height})
            sheet.insert_chart(place * (height // 20 + 2), 0, chart, {"description": title})

    def write_heat_map(self) -> None:
        sheet = self.sheet(_("Heat map"), freeze=(3, 2), widths=[12, 40, *[14] * len(self.report.competencies)])
        sheet.write_string(0, 0, _("Share of assessed people below what their post requires"), self.title)
        heads = [f"{each.competency.code} {each.competency.name}" for each in self.report.competencies]
        self.heads(sheet, 2, [*part_heads(self.report), *heads])
        for line, (name, row) in enumerate(self.rows, start=3):
            sheet.write_string(line, 0, row.of.code)
            sheet.write_string(line, 1, name, self.text)
            for column, each in enumerate(self.report.competencies, start=2):
                gap = row.gap(each.competency.pk)
                if gap.below:
                    sheet.write_number(
                        line, column, round(gap.below.estimate, 2), self.need[need_step(gap.below.estimate)]
                    )
                else:
                    sheet.write_string(line, column, why_none(gap), self.quiet)

    def write_list(self) -> None:
        sheet = self.sheet(_("All figures"), freeze=(1, 4), widths=[12, 36, 8, 48, *[13] * 7])
        heads = [*part_heads(self.report), _("Competency code"), _("Competency"), *figure_heads()]
        self.heads(sheet, 0, heads)
        line = 0
        for line, (texts, gap) in enumerate(listed_rows(self.report), start=1):
            self.row(sheet, line, texts, gap)
        sheet.autofilter(0, 0, max(line, 1), len(heads) - 1)
