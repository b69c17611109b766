"""How a gap cell looks: which of six steps of need its share falls on, and what stands in it."""

from bisect import bisect_right
from collections.abc import Callable
from itertools import pairwise

from django.utils.html import escape
from django.utils.translation import gettext as _

from frontend.design.words import safe_percent, whole

# Share of people below what their post requires: the lower bounds of steps 1 to 5.
NEED_THRESHOLDS = (0.10, 0.20, 0.35, 0.50, 0.70)


def heat_steps() -> tuple[tuple[int, float, float], ...]:
    """Return the steps of need, each with its lower and upper bound."""
    return tuple((step, low, high) for step, (low, high) in enumerate(pairwise((0.0, *NEED_THRESHOLDS, 1.0))))


Drawer = Callable[[float | None, float | None, float | None, int | None, int | None, bool], str]


def cell_drawer(url: str = "") -> Drawer:
    """Return what draws a cell as ``<td>``, in the language of now.

    Its arguments: the share of people below requirement and its interval, from 0 to 1, people assessed and required,
    and whether all of it is suppressed, which wins over everything else, so that nothing shows through. Where nobody
    was assessed the share means nothing. Written here and not as a template, for a page has thousands. url: where a
    click on a cell leads.
    """
    not_assessed, few, blank = (
        f'<span class="need__note">{words}</span>'
        for words in (_("Not assessed"), _("Too few people"), _("Not required"))
    )
    opened, closed = '<span class="need__body">', "</span></td>"
    blank = f'<td class="need need-blank">{opened}{blank}{closed}'
    if url:
        opened, closed = f'<a class="need__body" href="{escape(url)}">', "</a></td>"
    few = f'<td class="need need-suppressed">{opened}{few}{closed}'
    none = f'<td class="need need-none">{opened}{not_assessed}'
    steps = [
        f'<td class="need need-{step}">{opened}<span class="need__number">' for step in range(len(NEED_THRESHOLDS) + 1)
    ]
    told = f'<span class="visually-hidden"> {_("people assessed")}</span></span>'
    ended = told + closed
    ranged, noted = '</span> <span class="need__range">', '</span> <span class="need__note">'

    def draw(
        estimate: float | None,
        low: float | None,
        high: float | None,
        assessed: int | None,
        required: int | None,
        is_suppressed: bool,
    ) -> str:
        if is_suppressed:
            return few
        if required == 0:
            return blank
        if estimate is None or assessed == 0:
            of = f' <span class="need__note" aria-hidden="true">0/{whole(required)}</span>' if required else ""
            return f"{none}{of}{closed}"
        shown = f"{steps[bisect_right(NEED_THRESHOLDS, estimate)]}{safe_percent(estimate)}"
        if low is not None and high is not None:
            shown += f"{ranged}{safe_percent(low)}–{safe_percent(high)}"
        if required is None:
            return f"{shown}</span>{closed}"
        return f"{shown}{noted}{whole(assessed)}/{whole(required)}{ended}"

    return draw
