"""How a gap cell looks: which of six steps of need its share falls on, and what stands in it."""

from bisect import bisect_right
from collections.abc import Callable
from typing import Any, NamedTuple

from django.utils.html import escape
from django.utils.translation import gettext as _

from frontend.design.words import safe_percent

# Share of people below what their post requires: the lower bounds of steps 1 to 5.
NEED_THRESHOLDS = (0.10, 0.20, 0.35, 0.50, 0.70)


class HeatCell(NamedTuple):
    """One cell: ``state`` is "measured", "suppressed", "none" (not assessed) or "blank" (nobody requires it).

    ``estimate``, ``low`` and ``high`` are shares from 0 to 1; ``assessed`` and ``required`` are people.
    """

    state: str
    step: int | None
    estimate: float | None
    low: float | None
    high: float | None
    assessed: int | None
    required: int | None

    @property
    def css(self) -> str:
        """Return the class that colours the cell."""
        return f"need-{self.step}" if self.step is not None else f"need-{self.state}"


def need_step(share: float) -> int:
    """Return the step of need, 0 to 5, of a share from 0 to 1 of people below requirement."""
    return bisect_right(NEED_THRESHOLDS, share)


def describe_cell(
    estimate: float | None,
    low: float | None,
    high: float | None,
    assessed: int | None,
    required: int | None,
    suppressed: bool,
) -> HeatCell:
    """Return how a cell looks; suppression wins over every other state, so that nothing shows through."""
    if suppressed:
        return HeatCell("suppressed", None, None, None, None, None, None)
    if required == 0:
        return HeatCell("blank", None, None, None, None, None, None)
    if estimate is None or assessed == 0:
        return HeatCell("none", None, None, None, None, assessed, required)
    return HeatCell("measured", need_step(estimate), estimate, low, high, assessed, required)


Drawer = Callable[[float | None, float | None, float | None, int | None, int | None, bool], str]


def cell_drawer(url: str = "") -> Drawer:
    """Return what draws a cell as ``<td>`` from the arguments of ``describe_cell``, in the language of now.

    Written here and not as a template, for a page has thousands. url: where a click on a cell leads.
    """
    told = f'<span class="visually-hidden"> {_("people assessed")}</span></span>'
    not_assessed, suppressed, blank = (
        f'<span class="need__note">{words}</span>'
        for words in (_("Not assessed"), _("Too few people"), _("Not required"))
    )
    opened, closed = '<span class="need__body">', "</span></td>"
    blank = f'<td class="need need-blank">{opened}{blank}{closed}'
    if url:
        opened, closed = f'<a class="need__body" href="{escape(url)}">', "</a></td>"
    suppressed = f'<td class="need need-suppressed">{opened}{suppressed}{closed}'

    def draw(*said: Any) -> str:
        state, step, estimate, low, high, assessed, required = describe_cell(*said)
        if state == "suppressed":
            return suppressed
        if state == "blank":
            return blank
        if state == "none":
            of = f' <span class="need__note" aria-hidden="true">0/{required}</span>' if required else ""
            return f'<td class="need need-none">{opened}{not_assessed}{of}{closed}'
        words = f'<td class="need need-{step}">{opened}<span class="need__number">{safe_percent(estimate)}</span>'
        if low is not None:
            words += f' <span class="need__range">{safe_percent(low)}–{safe_percent(high)}</span>'
        if required is not None:
            words += f' <span class="need__note">{assessed}/{required}{told}'
        return words + closed

    return draw
