"""A gap report as CSV: the rows of the workbook's list."""

import csv
import io

from django.utils.translation import gettext as _

from reports.domain.export_rows import Figure, figure_heads, figures_of, listed_rows, part_heads
from reports.domain.gaps import GapReport

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def export_gap_csv(report: GapReport) -> bytes:
    """Return the rows in UTF-8 with a byte order mark, so that spreadsheets read Vietnamese; headed in the reader's
    language, decimals with a point. A text that a spreadsheet would run as a formula has an apostrophe before it.
    """
    file = io.StringIO(newline="")
    lines = csv.writer(file)
    lines.writerow([*part_heads(report), _("Competency code"), _("Competency"), *figure_heads()])
    lines.writerows([_safe(each) for each in (*texts, *figures_of(gap))] for texts, gap in listed_rows(report))
    return file.getvalue().encode("utf-8-sig")


def _safe(value: Figure) -> Figure:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_SIGNS) else value
