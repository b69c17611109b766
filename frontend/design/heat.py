"""How a gap cell looks: which of six steps of need its share falls on, and what stands in it."""

from dataclasses import dataclass

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
