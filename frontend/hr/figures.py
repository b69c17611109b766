"""The figures of each competency as markup: a page has dozens of rows, and nested templates take long over them."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from django.template.defaultfilters import floatformat
from django.utils.html import conditional_escape as escape
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from frontend.design.bars import draw_bars, draw_interval
from frontend.design.ladder import BANDS
from frontend.design.words import band_name, safe_percent, whole
from reports.api import CompetencyGap, Share, name_reader

_TENTH = Decimal("0.1")


def draw_rows(shown: Sequence[CompetencyGap], people_url: str, people_query: str = "") -> SafeString:
    """Return a table's rows.

    people_url: of the people behind the figures, empty for who may not see them. people_query: which of them, as an
    address says it.
    """
    required, assessed, below, shortfall, people = (
        escape(label)
        for label in (
            _("Required (people)"),
            _("Assessed (people)"),
            _("Below requirement"),
            _("Shortfall (levels)"),
            _("People"),
        )
    )
    some = f"&amp;{escape(people_query)}" if people_query else ""
    listed, unassessed, not_assessed = pgettext("of people", "List"), _("%(count)s not assessed"), _("Not assessed")
    name = name_reader()
    rows = []
    for each in shown:
        pk, gap = each.competency.pk, each.gap
        code, label, query = _words_of(each.competency.code, name(each.competency))
        url = f"{people_url}?{query}{some}"
        counted = whole(gap.assessed)
        if gap.coverage is not None:
            counted += f" ({safe_percent(gap.coverage)})"
        if people_url and gap.unassessed:
            counted += (
                f'<div><a id="unassessed-{pk}" href="{url}&amp;show=not-assessed">'
                f'{unassessed % {"count": whole(gap.unassessed)}}<span class="visually-hidden"> {code}</span></a></div>'
            )
        link = (
            f'<td class="text-nowrap no-print" data-label="{people}"><a id="people-{pk}" href="{url}">{listed}'
            f'<span class="visually-hidden"> {code} {label}</span></a></td>'
        )
        rows.append(
            f'<tr><th scope="row" id="competency-{pk}">{code} {label}</th>'
            f'<td class="number" data-label="{required}">{whole(gap.required)}</td>'
            f'<td class="number" data-label="{assessed}"><div>{counted}</div></td>'
            f'<td data-label="{below}">{_draw_share(gap.below) if gap.below else not_assessed}</td>'
            f'<td class="number" data-label="{shortfall}">{_levels(gap.shortfall) if gap.below else "–"}</td>'
            f"{link if people_url else ''}</tr>"
        )
    return SafeString("\n".join(rows))


@lru_cache(maxsize=4096)
def _words_of(code: str, name: str) -> tuple[str, str, str]:
    """Return a competency's code and name as markup, and the query that asks for it, as a part of an address."""
    return escape(code), escape(name), escape(urlencode({"competency": code}))


def _levels(shortfall: float | None) -> str:
    """Return `floatformat` of levels with one digit."""
    return _tenths(Decimal(repr(shortfall)).quantize(_TENTH, ROUND_HALF_UP), get_language())


@lru_cache(maxsize=1024)
def _tenths(number: Decimal, _language: str | None) -> str:
    """`_language` is that of now, in which a number is written: it tells one answer from another."""
    return floatformat(number, 1)


def _draw_share(below: Share) -> str:
    estimate, low, high = map(safe_percent, below)
    words = f'<span class="text-nowrap" aria-hidden="true">{estimate} ({low}–{high})</span>'
    return f"<div>{words}{draw_interval(*below)}</div>"


def draw_distributions(shown: Sequence[CompetencyGap]) -> SafeString:
    """Return a card for each competency that anybody was assessed in: the shares of the assessed people by band."""
    name = name_reader()
    names = [escape(band_name(band)) for band in range(1, BANDS + 1)]
    return SafeString(
        "".join(
            f'<div class="card"><h3 class="card__title fs-6">{escape(each.competency.code)} '
            f"{escape(name(each.competency))}</h3>"
            f"{draw_bars(names, [band / each.gap.assessed for band in bands])}</div>"
            for each in shown
            if (bands := each.gap.bands) and each.gap.assessed
        )
    )
