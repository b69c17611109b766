"""What a calibration works on: which items, which anchors, which priors, and what is refused before it starts."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from assessments.domain.items import DISCRIMINATION, provisional_parameters
from assessments.domain.queries.response_table import MeasuredVersion, ResponseTable
from assessments.measurement import ItemParameters, ItemPrior, Responses
from assessments.measurement.proposal import RASCH_MINIMUM, TWO_PARAMETER_MINIMUM
from assessments.models import CalibrationRun

AUTHOR_SD = 1.5
"""How far, in SDs of ability, an item's difficulty may well lie from what its author's level stands for."""
COMMON_SLOPE_SD = 1e-3
"""Prior SD of log a that in effect fixes the discrimination."""

MINIMUM = {
    CalibrationRun.Model.DIFFICULTY.value: RASCH_MINIMUM,
    CalibrationRun.Model.TWO_PARAMETER.value: TWO_PARAMETER_MINIMUM,
}
"""Answers below which an item stays marked uncalibrated, by the run's model."""


class CalibrationProblem(ValueError):
    """A calibration that cannot be done. reason: `no_answers`, `nothing_left`, `disconnected`, `not_converged`,
    `bad_parameters`, `failed`; detail: plain data, with the names of what is at fault.
    """

    def __init__(self, reason: str, **detail: Any) -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}")


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """An item of the calibration. expected: difficulty that its author's level stands for. n: answers."""

    version: int
    label: str
    in_use: bool
    n_scores: int
    n: int
    expected: float
    old: dict[str, Any] | None
    calibrated: bool
    parameter_set: int


@dataclass(frozen=True, slots=True)
class RefusedItem:
    """An item that cannot be calibrated. reason: `no_answers`, `one_score`, `score_never_given`, `mixed_maximum`."""

    version: int
    label: str
    in_use: bool
    reason: str
    n: int
    score: int | None = None


@dataclass(frozen=True, slots=True)
class CalibrationPlan:
    """items: in the order of the responses' columns. anchors: names of items that carry the scale. released: anchors
    that turned out to have drifted and are estimated with the rest.
    """

    items: tuple[PlannedItem, ...]
    refused: tuple[RefusedItem, ...]
    anchors: tuple[str, ...]
    released: tuple[str, ...] = field(default=())

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(item.label for item in self.items)

    @property
    def n_scores(self) -> tuple[int, ...]:
        return tuple(item.n_scores for item in self.items)

    @property
    def anchor_parameters(self) -> dict[str, ItemParameters]:
        """Parameters of every anchor, released ones too."""
        return {
            item.label: read_parameters(item.old, item.label)
            for item in self.items
            if item.label in self.anchors and item.old is not None
        }

    @property
    def guessing(self) -> dict[str, float]:
        """Fixed guessing of the items that are estimated and have it."""
        return {
            item.label: float(item.old["c"])
            for item in self.items
            if item.label not in self.anchors and item.n_scores == 2 and item.old and item.old.get("c", 0) > 0
        }

    def prior(self, model: str) -> ItemPrior:
        """The author's level as a weak prior of difficulty; discrimination weak, or held at one value."""
        means = tuple(item.expected for item in self.items)
        if model == CalibrationRun.Model.DIFFICULTY:
            return ItemPrior(float(np.log(DISCRIMINATION)), COMMON_SLOPE_SD, means, AUTHOR_SD)
        return ItemPrior(b_mean=means, b_sd=AUTHOR_SD)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for `CalibrationRun.plan`."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "CalibrationPlan":
        """Read what `to_dict` wrote."""
        return cls(
            items=tuple(PlannedItem(**item) for item in data["items"]),
            refused=tuple(RefusedItem(**item) for item in data["refused"]),
            anchors=tuple(data["anchors"]),
            released=tuple(data["released"]),
        )


def plan_calibration(table: ResponseTable, linking: str) -> tuple[CalibrationPlan, Responses]:
    """Decide what is calibrated; return that with the responses of those items, of people who answered any of them.

    Raises CalibrationProblem: no_answers, nothing_left, disconnected, bad_parameters.
    """
    anchored = linking == CalibrationRun.Linking.ANCHORED
    refused = _refuse_unread(table)
    if table.responses is None:
        raise CalibrationProblem("no_answers", items=[item.label for item in refused])
    items: list[PlannedItem] = []
    dropped = {item.label for item in refused}
    for at, version in enumerate(table.versions):
        if version.label in dropped:
            continue
        counts = _score_counts(table.responses, at)
        fault = _find_fault(counts)
        is_anchor = anchored and _may_anchor(version, counts)
        if fault is not None and not is_anchor:
            refused.append(RefusedItem(version.pk, version.label, version.in_use, *fault))
            dropped.add(version.label)
            continue
        items.append(
            PlannedItem(
                version=version.pk,
                label=version.label,
                in_use=version.in_use,
                n_scores=counts.size,
                n=int(counts.sum()),
                expected=_expected_difficulty(version),
                old=version.parameters,
                calibrated=version.calibrated,
                parameter_set=version.parameter_set,
            )
        )
    if not items:
        raise CalibrationProblem("nothing_left", items=[item.label for item in refused])
    by_label = {version.label: version for version in table.versions}
    anchors = tuple(
        item.label
        for item in items
        if anchored and item.calibrated and _parameters_fit(by_label[item.label], item.n_scores)
    )
    responses = _of_people_who_answered(table.responses.without(dropped))
    _refuse_unlinked(responses, anchors)
    return CalibrationPlan(tuple(items), tuple(refused), anchors), responses


def read_parameters(data: Mapping[str, Any], label: str) -> ItemParameters:
    """Return stored parameters under the item's name. Raises CalibrationProblem: bad_parameters."""
    try:
        return ItemParameters.from_dict(data, label)
    except ValueError as error:
        raise CalibrationProblem("bad_parameters", items=[label], said=str(error)) from None


def _refuse_unread(table: ResponseTable) -> list[RefusedItem]:
    refused = []
    answered = set() if table.responses is None else set(table.responses.item.tolist())
    for at, version in enumerate(table.versions):
        reason = table.refused.get(version.pk, "" if at in answered else "no_answers")
        if reason:
            refused.append(RefusedItem(version.pk, version.label, version.in_use, reason, 0))
    return refused


def _score_counts(responses: Responses, at: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return responses.weighted_counts[responses.first[at] : responses.first[at + 1]]


def _find_fault(counts: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[str, int, int] | None:
    """Reason, number of answers and the score at fault of an item whose scores do not vary enough."""
    given = np.flatnonzero(counts)
    if given.size == 1:
        return "one_score", int(counts.sum()), int(given[0])
    missing = np.flatnonzero(counts == 0)
    if missing.size:
        return "score_never_given", int(counts.sum()), int(missing[0])
    return None


def _may_anchor(version: MeasuredVersion, counts: np.ndarray[tuple[int], np.dtype[np.float64]]) -> bool:
    return version.calibrated and _parameters_fit(version, counts.size)


def _parameters_fit(version: MeasuredVersion, n_scores: int) -> bool:
    if version.parameters is None:
        return False
    return read_parameters(version.parameters, version.label).n_categories == n_scores


def _expected_difficulty(version: MeasuredVersion) -> float:
    if version.level is not None:
        return float(provisional_parameters(version.level)["b"])
    return read_parameters(version.parameters, version.label).difficulty if version.parameters else 0.0


def _of_people_who_answered(responses: Responses) -> Responses:
    kept = np.concatenate([[True], np.diff(responses.starts) > 0])
    return Responses(responses.labels, responses.n_scores, responses.starts[kept], responses.item, responses.score)


def _refuse_unlinked(responses: Responses, anchors: tuple[str, ...]) -> None:
    """Sets of items that nobody links share no scale, unless each has an anchor of its own."""
    component = responses.components()
    if not component.any():
        return
    names = np.array(responses.labels)
    sets = [names[component == number].tolist() for number in range(int(component.max()) + 1)]
    unlinked = [found for found in sets if not set(found) & set(anchors)]
    if unlinked:
        raise CalibrationProblem("disconnected", sets=sorted(unlinked, key=len))
