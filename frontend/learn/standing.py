"""Where a person stands against their post, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.api import MIN_EVIDENCE, CompetencyResult
from competencies.api import EstimateOf
from competencies.models import Competency, band_of_level

Verdict = Literal["meets", "likely_meets", "likely_below", "insufficient", "not_assessed", "not_required"]

HARDLY, MUCH = 0.1, 0.4
"""Borrowed parts below which nothing is said of it, and from which on it is said to be much."""
SURE = 0.1
"""Probability of being below at which "meets" is said without "likely": the error rate of the quizzes' stop rule."""

_VERDICTS = {
    "meets": gettext_lazy("Meets the requirement"),
    "likely_meets": gettext_lazy("Likely meets the requirement"),
    "likely_below": gettext_lazy("Likely below the requirement"),
    "insufficient": gettext_lazy("Not enough evidence yet"),
    "not_assessed": gettext_lazy("Not assessed"),
    "not_required": gettext_lazy("Not required by your post"),
}
_NEED: dict[Verdict, int] = {
    "likely_below": 0,
    "insufficient": 1,
    "not_assessed": 2,
    "likely_meets": 3,
    "meets": 4,
    "not_required": 5,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """One competency of a person beside the level that the post requires, if it does.

    status: `level`, `band`, `insufficient` or `not_assessed`. levels: probabilities of levels 1..8, empty when nothing
    was measured. p_below: probability of being below the required level. borrowed: part of what is known that results
    in other competencies lend. measured_at: of the latest evidence. too_old: too little of it is recent.
    """

    competency: Competency
    required: int | None
    status: str
    level: int | None
    band: int | None
    levels: tuple[float, ...]
    p_below: float | None
    evidence_count: int = 0
    borrowed: float = 0.0
    measured_at: datetime | None = None
    too_old: bool = False

    @property
    def verdict(self) -> Verdict:
        """What may be said against the requirement."""
        if self.status == "not_assessed":
            return "not_assessed"
        if self.status == "insufficient" and not self._decides:
            return "insufficient"
        if self.p_below is None:
            return "not_required"
        if self.p_below > 0.5:
            return "likely_below"
        return "meets" if self.p_below <= SURE else "likely_meets"

    @property
    def _decides(self) -> bool:
        """Whether the evidence answers the post's question although it does not earn a band yet."""
        if self.p_below is None or self.evidence_count < MIN_EVIDENCE:
            return False
        return self.p_below <= SURE or self.p_below >= 1 - SURE

    @property
    def needs_work(self) -> bool:
        """Whether learning or measuring would help to reach the requirement."""
        return self.too_old or self.verdict in ("likely_below", "insufficient", "not_assessed")

    @property
    def probability(self) -> float | None:
        """Probability of the level or the band that is shown; None when neither is."""
        if self.level:
            return self.levels[self.level - 1]
        if self.band:
            return self.levels[2 * self.band - 2] + self.levels[2 * self.band - 1]
        return None

    @property
    def lent_words(self) -> str:
        """How much of what is known comes from other competencies, in plain words; empty when hardly any does."""
        if self.borrowed < HARDLY:
            return ""
        words = _("Mostly from answers on this competency; a little comes from your results in related ones.")
        if self.borrowed >= MUCH:
            words = _(
                "Much of this comes from your results in related competencies; more answers here would settle it."
            )
        return words + " " + _("(Borrowed: %(share)s.)") % {"share": f"{self.borrowed:.0%}"}

    @property
    def age_words(self) -> str:
        """That it is time to measure again, in plain words; empty while the evidence is recent."""
        if not self.too_old or self.measured_at is None:
            return ""
        return _("Measured last on %(date)s. That is long ago, so please measure again.") % {
            "date": date_format(timezone.localtime(self.measured_at), "SHORT_DATE_FORMAT")
        }

    @property
    def required_band(self) -> int | None:
        return band_of_level(self.required) if self.required else None

    @property
    def words(self) -> str:
        return str(_VERDICTS[self.verdict])

    @property
    def tag(self) -> str:
        kinds = {"meets": "success", "likely_meets": "success", "likely_below": "warning"}
        return kinds.get(self.verdict, "outline")

    @property
    def icon(self) -> str:
        return {"meets": "check", "likely_meets": "check", "likely_below": "target"}.get(self.verdict, "")


def standing_of_estimate(estimate: EstimateOf) -> Standing:
    """Return where a person stands today."""
    levels = tuple(estimate.estimate.level_probabilities) if estimate.estimate else ()
    return Standing(
        estimate.competency,
        estimate.required,
        estimate.status,
        estimate.level,
        estimate.band,
        levels,
        estimate.p_below,
        estimate.estimate.evidence_count if estimate.estimate else 0,
        estimate.borrowed,
        estimate.estimate.measured_at if estimate.estimate else None,
        estimate.is_too_old(timezone.now()),
    )


def standing_of_result(result: CompetencyResult) -> Standing:
    """Return where a person stood when they handed in an attempt."""
    levels = result.values.level_probabilities if result.values else ()
    return Standing(
        result.competency,
        result.required,
        result.status,
        result.level,
        result.band,
        levels,
        result.p_below,
        result.evidence_count,
        result.values.borrowed if result.values else 0.0,
    )


def standings(estimates: Sequence[EstimateOf]) -> list[Standing]:
    """Return the competencies that the post requires, the most in need first, else in the framework's order."""
    found = [standing_of_estimate(each) for each in estimates if each.required]
    return sorted(found, key=lambda standing: _NEED[standing.verdict])
