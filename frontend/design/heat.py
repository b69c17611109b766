"""How a gap cell looks: which of six steps of need its share falls on, and what stands in it."""

from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from frontend.design.words import percent

# Share of people below what their post requires: the lower bounds of steps 1 to 5.
NEED_THRESHOLDS = (0.10, 0.20, 0.35, 0.50, 0.70)


@dataclass(frozen=True, slots=True)
class HeatCell:
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
    return sum(share >= bound for bound in NEED_THRESHOLDS)


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


def draw_cell(cell: HeatCell, url: str) -> SafeString:
    """Return the cell as ``<td>``. Written here and not as a template, for a page has thousands."""
    if url and cell.state != "blank":
        body = format_html('<a class="need__body" href="{}">{}</a>', url, _words(cell))
    else:
        body = SafeString(f'<span class="need__body">{_words(cell)}</span>')
    return SafeString(f'<td class="need {cell.css}">{body}</td>')


def _words(cell: HeatCell) -> SafeString:
    """What stands in a cell: numbers and words of our own."""
    if cell.state == "measured":
        words = f'<span class="need__number">{percent(cell.estimate)}</span>'
        if cell.low is not None:
            words += f' <span class="need__range">{percent(cell.low)}–{percent(cell.high)}</span>'
        if cell.required is not None:
            told = f'<span class="visually-hidden"> {_("people assessed")}</span>'
            words += f' <span class="need__note">{cell.assessed}/{cell.required}{told}</span>'
        return SafeString(words)
    if cell.state == "none":
        words = f'<span class="need__note">{_("Not assessed")}</span>'
        if cell.required:
            words += f' <span class="need__note" aria-hidden="true">0/{cell.required}</span>'
        return SafeString(words)
    words = _("Too few people") if cell.state == "suppressed" else _("Not required")
    return SafeString(f'<span class="need__note">{words}</span>')
