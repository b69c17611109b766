"""Every unit below a unit as one sheet of rows: what the pages of all these units say."""

from collections.abc import Callable, Iterator
from typing import IO

import xlsxwriter
from django.utils.translation import gettext as _

from organisation.api import UnitTree, unit_tree
from organisation.models import Unit
from reports.domain.export_rows import figure_heads
from reports.domain.export_sheets import SheetWriter
from reports.domain.gap_report import gap_report
from reports.domain.gaps import GapReport, GapRow, Named, named_rows

MOST_ROWS = 1_048_575
"""Rows of a sheet below its head."""


def write_subtree_xlsx(file: IO[bytes], unit: Unit, *, published: bool, on_page: Callable[[int, int], None]) -> None:
    """Write the workbook, in the reader's language and in constant memory.

    A unit's figures are those on the page above it, and own staff are those on its own, so what pages hide is hidden
    here. Each page is as of the moment it was read. on_page: told how many pages have been read, and of how many.
    Raises UnitNotInForce when the structure changes meanwhile, and ValueError where the rows do not fit on a sheet.
    """
    pages = _Pages(unit_tree(), unit.pk, published, on_page)
    top = pages.read(unit.pk)
    with xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False}) as book:
        writer = SheetWriter(book)
        sheet = writer.sheet(_("All units"), freeze=(1, 2), widths=[12, 40, 12, 8, 44, *[13] * 7])
        heads = [_("Unit code"), _("Unit"), _("Code of the unit above"), _("Competency code"), _("Competency")]
        writer.heads(sheet, 0, [*heads, *figure_heads()])
        line = 0
        for above, name, row, competencies in pages.rows(top):
            for each in competencies:
                gap = row.gap(each.pk)
                if gap.required != 0:
                    line += 1
                    if line > MOST_ROWS:
                        raise ValueError("more rows than a sheet holds")
                    writer.row(sheet, line, (row.of.code, name, above, each.code, each.name), gap)
        sheet.autofilter(0, 0, max(line, 1), len(heads) + 6)
        writer.notes(top)


class _Pages:
    """Reads the pages of a subtree one after the other: of its top, and of each unit that has units below."""

    def __init__(self, tree: UnitTree, top: int, published: bool, on_page: Callable[[int, int], None]) -> None:
        self._with_units = {pk for pk in tree.subtree(top) if pk == top or tree.children(pk)}
        self._published, self._on_page, self._read = published, on_page, 0

    def read(self, pk: int) -> GapReport:
        report = gap_report(Unit(pk=pk), published=self._published)
        self._read += 1
        self._on_page(self._read, len(self._with_units))
        return report

    def rows(self, report: GapReport, *, is_top: bool = True) -> Iterator[tuple[str, str, GapRow, list[Named]]]:
        """Yield the code of the unit above, the row's name, the row and its competencies; units stand before what is
        below them.
        """
        competencies = sorted((each.competency for each in report.competencies), key=lambda each: each.pk)
        if is_top:
            whole = GapRow(report.unit, {each.competency.pk: each.gap for each in report.competencies})
            yield report.trail[-1].code if report.trail else "", report.unit.name, whole, competencies
        for name, row in named_rows(report) if report.children else ():
            yield report.unit.code, name, row, competencies
            if row is not report.own and row.of.pk in self._with_units:
                yield from self.rows(self.read(row.of.pk), is_top=False)
