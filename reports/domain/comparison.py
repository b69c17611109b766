"""Several units side by side. Nothing is decided here: each unit shows what its own report shows of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.domain.gaps import NOBODY, SUPPRESSED, Gap, GapReport, Named

MOST = 4
"""So many units, at most, are read side by side."""


@dataclass(frozen=True)
class Apart:
    """The gap at one place is clearly larger than at the others: its whole interval lies above theirs."""

    larger: int
    smaller: Sequence[int]


@dataclass(frozen=True)
class Compared:
    """One competency: the gap of each unit, in the order of units."""

    competency: Named
    gaps: Sequence[Gap]

    @property
    def most(self) -> float:
        """The largest share below requirement that may be shown; -1 when none may."""
        return max((gap.below.estimate for gap in self.gaps if gap.below), default=-1.0)

    @property
    def apart(self) -> list[Apart]:
        """Return which units differ for sure, the largest gap first.

        Two 95% intervals that do not meet differ at a level well below 5% when the units have no people in common
        (Schenker & Gentleman, 2001), and further still when one contains the other, for their errors then go together.
        """
        known = [(gap.below, place) for place, gap in enumerate(self.gaps) if gap.below]
        known.sort(key=lambda each: -each[0].estimate)
        found = [Apart(place, [other for theirs, other in known if theirs.high < below.low]) for below, place in known]
        return [each for each in found if each.smaller]

    @property
    def difference(self) -> float:
        """The greatest sure difference of two shares; 0 where nothing is sure."""
        shares = [gap.below.estimate if gap.below else 0.0 for gap in self.gaps]
        return max((shares[each.larger] - shares[other] for each in self.apart for other in each.smaller), default=0.0)


def compare_units(reports: Sequence[GapReport]) -> list[Compared]:
    """Return every competency of the reports, greatest need first; those without any figure come last.

    What a report does not name is required of nobody, or, of published figures, not published.
    """
    told = [{each.competency.pk: each.gap for each in report.competencies} for report in reports]
    unnamed = [SUPPRESSED if report.published else NOBODY for report in reports]
    competencies = {each.competency.pk: each.competency for report in reports for each in report.competencies}
    rows = [
        Compared(each, [gaps.get(pk, other) for gaps, other in zip(told, unnamed, strict=True)])
        for pk, each in competencies.items()
    ]
    return sorted(rows, key=lambda row: (-row.most, row.competency.code))
