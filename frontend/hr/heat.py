"""The heat map's table: what stands in which row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from frontend.design.heat import cell_drawer
from reports.api import GapReport, GapRow, Named, heat_entries, name_reader, named_rows

ROWS = 40
"""So many parts of a unit stand on one page."""


@dataclass(frozen=True, slots=True)
class HeatRow:
    """What a part is called; `url` is empty where there is no page behind it."""

    label: str
    url: str
    row: GapRow


@dataclass(frozen=True, slots=True)
class HeatMap:
    """What has a figure to show: rows by competencies. page, rows: of the parts. folded: those without any figure."""

    competencies: Sequence[Named]
    whole: GapRow
    page: Page[tuple[str, GapRow]]
    rows: Sequence[HeatRow]
    folded: Sequence[HeatRow]

    @property
    def head(self) -> SafeString:
        """The heads of the table's columns."""
        name = name_reader()
        return SafeString("".join([_head(each.pk, each.code, name(each)) for each in self.competencies]))

    @property
    def body(self) -> SafeString:
        """The rows of the table: the whole, then the parts of this page."""
        heads = [f"<strong>{_('Whole unit')}</strong>"]
        for number, each in enumerate(self.rows, start=2):
            label = escape(each.label)
            heads.append(f'<a id="row-{number}" href="{escape(each.url)}">{label}</a>' if each.url else label)
        draw = cell_drawer()
        rows = heat_entries([self.whole, *(each.row for each in self.rows)], [each.pk for each in self.competencies])
        return SafeString(
            "\n".join(
                f'<tr><th scope="row">{head}</th>{"".join([draw(*entry) for entry in entries])}</tr>'
                for head, entries in zip(heads, rows, strict=True)
            )
        )


def heat_map(
    report: GapReport,
    *,
    order: str = "need",
    query: str = "",
    page: str | None = None,
    page_of: Callable[[str], str] | None = None,
) -> HeatMap:
    """Return the unit as a whole, and what it is made of: units below and own staff, or position groups.

    Parts and competencies of which no cell shows a figure are left out. order: `need`, `name`, or `coverage` with the
    least assessed first. query: of the addresses that rows lead to. page: the number of the page of parts. page_of:
    returns where the row of a unit leads, by its code; None for the unit's own page.
    """
    whole = GapRow(report.unit, {each.competency.pk: each.gap for each in report.competencies})
    parts = named_rows(report, by_name=order == "name")
    if order == "coverage":
        parts.sort(key=lambda part: part[1].coverage)
    # Of what is hidden of the whole every part is hidden as well, so the whole tells which competencies are shown.
    competencies = [each.competency for each in report.competencies if each.gap.required]
    ending = f"?{query}" if query else ""

    def named(label: str, row: GapRow) -> HeatRow:
        is_unit = bool(report.children) and row is not report.own
        return HeatRow(label, (page_of or _page_of)(row.of.code) + ending if is_unit else "", row)

    chosen = Paginator([part for part in parts if part[1].required], ROWS).get_page(page)
    folded = [named(*part) for part in parts if not part[1].required]
    return HeatMap(competencies, whole, chosen, [named(*part) for part in chosen], folded)


@lru_cache(maxsize=4096)
def _head(pk: int, code: str, name: str) -> str:
    return (
        f'<th scope="col"><a id="head-{pk}" href="#competency-{pk}">{escape(code)}'
        f'<span class="visually-hidden"> {escape(name)}</span></a></th>'
    )


@lru_cache(maxsize=4096)
def _page_of(code: str) -> str:
    if not (code.isascii() and code.isalnum()):
        return reverse("hr:unit", args=[code])
    before, after = _page_round_code()
    return f"{before}{code}{after}"


@cache
def _page_round_code() -> tuple[str, str]:
    """What stands before and after a code in the address of a unit's page: each page has dozens, most of them new."""
    before, _code, after = reverse("hr:unit", args=["CODE"]).rpartition("CODE")
    return before, after
