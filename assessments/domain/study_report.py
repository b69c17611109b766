"""What simulated sittings show: length, precision, accuracy, exposure, and a verdict."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from assessments.domain.form import FormCompetency
from assessments.measurement import Posterior
from assessments.measurement.simulator import ABILITY_EDGES
from competencies.models import LEVELS

MAX_EXPOSURE = 0.30
"""Share of all sittings above which an item is met too often."""


@dataclass(frozen=True, eq=False)
class SimulatedSitting:
    """One simulated person. By competency asked about: true ability, what the answers say, number of questions, and
    why they ended. items: those given, in order. seconds: their expected answering time.
    """

    truth: Mapping[int, float]
    posteriors: Mapping[int, Posterior]
    counts: Mapping[int, int]
    reasons: Mapping[int, str]
    items: tuple[int, ...]
    seconds: float


def report_study(
    sittings: Sequence[SimulatedSitting],
    competencies: Sequence[FormCompetency],
    competency_of_item: Mapping[int, int],
    *,
    error_rate: float,
    minutes: int,
) -> dict[str, Any]:
    """Return the report as plain data; shares are 0..1. Only competencies that a sitting asked about count in it.

    competency_of_item: of every item that the bank could have given.
    """
    by_pk = {each.pk: each for each in competencies}
    rows = [
        (by_pk[pk], truth, sitting.posteriors[pk], sitting.counts[pk])
        for sitting in sittings
        for pk, truth in sitting.truth.items()
    ]
    truth = np.array([row[1] for row in rows])
    mean, se = (np.array([getattr(row[2], name) for row in rows]) for name in ("mean", "se"))
    length = np.array([len(sitting.items) for sitting in sittings])
    seconds = np.array([sitting.seconds for sitting in sittings])
    measured = np.array([len(sitting.counts) for sitting in sittings])
    exposure = _exposure(sittings, by_pk, competency_of_item)
    decision = _decisions(rows)
    reasons = Counter(reason for sitting in sittings for reason in sitting.reasons.values())
    report = {
        "people": len(sittings),
        "length": _spread(length),
        "minutes": _spread(seconds / 60.0),
        "competencies": len(competencies),
        "measured": _spread(measured),
        "by_ability": _by_ability(truth, mean, se, np.array([row[3] for row in rows])),
        "decision": decision,
        "level_accuracy": _share([_level(row[0], row[2].mean) == _level(row[0], row[1]) for row in rows]),
        "band_accuracy": _share(
            [(_level(row[0], row[2].mean) + 1) // 2 == (_level(row[0], row[1]) + 1) // 2 for row in rows]
        ),
        "coverage": _share((np.abs(mean - truth) <= 1.96 * se).tolist()),
        "mean_se": float(se.mean()),
        "reasons": dict(reasons),
        "items": exposure,
        "max_exposure": max((each["rate"] for each in exposure), default=0.0),
        "unused": _share([each["given"] == 0 for each in exposure]),
        "error_rate": error_rate,
        "allowed_minutes": minutes,
    }
    report["verdict"] = _verdict(report)
    return report


def _verdict(report: Mapping[str, Any]) -> list[str]:
    """Codes of what to look at; none when the assessment does what its author asked for."""
    accuracy = report["decision"]["accuracy"]
    ended = sum(report["reasons"].values())
    asked = 1.0 - report["error_rate"]
    # One study in twenty of a test that is just as accurate as asked would fall short by more than this.
    chance = 1.645 * (asked * report["error_rate"] / max(report["decision"]["n"], 1)) ** 0.5
    found = {
        "less_accurate_than_asked": accuracy is not None and accuracy < asked - chance,
        "often_stopped_by_limit": report["reasons"].get("limit", 0) > 0.5 * ended,
        "short_of_items": report["reasons"].get("no_items", 0) > 0.1 * ended,
        "overexposed": report["max_exposure"] > MAX_EXPOSURE,
        "many_items_unused": report["unused"] > 0.5,
        "too_long": report["minutes"]["p90"] > report["allowed_minutes"],
        "leaves_competencies_out": report["measured"]["mean"] < 0.5 * report["competencies"],
    }
    return [code for code, raised in found.items() if raised]


def _spread(values: np.ndarray[Any, np.dtype[Any]]) -> dict[str, float]:
    p10, p90 = np.quantile(values, [0.1, 0.9]).tolist()
    return {"mean": float(values.mean()), "p10": p10, "p90": p90}


def _by_ability(
    truth: np.ndarray[Any, np.dtype[np.float64]],
    mean: np.ndarray[Any, np.dtype[np.float64]],
    se: np.ndarray[Any, np.dtype[np.float64]],
    items: np.ndarray[Any, np.dtype[np.int_]],
) -> list[dict[str, Any]]:
    """Six groups of true ability, weakest first: people, mean ability, SE, error of the estimate, questions."""
    group = np.searchsorted(ABILITY_EDGES, truth)
    edges = [None, *ABILITY_EDGES.tolist(), None]
    rows = []
    for number in range(len(ABILITY_EDGES) + 1):
        here = group == number
        row: dict[str, Any] = {"low": edges[number], "high": edges[number + 1], "n": int(here.sum())}
        if here.any():
            row |= {
                "ability": float(truth[here].mean()),
                "se": float(se[here].mean()),
                "error": float((mean - truth)[here].mean()),
                "items_asked": float(items[here].mean()),
            }
        rows.append(row)
    return rows


def _decisions(rows: Sequence[tuple[FormCompetency, float, Posterior, int]]) -> dict[str, Any]:
    """How often the likelier side of the required level is the true one, among those with a requirement above 1."""
    meets, said = [], []
    for competency, truth, posterior, _count in rows:
        cut = competency.required_cut
        if cut is not None:
            meets.append(truth >= cut)
            said.append(posterior.probability_below(cut) <= 0.5)
    true, called = np.array(meets, dtype=bool), np.array(said, dtype=bool)
    return {
        "n": len(meets),
        "accuracy": float((true == called).mean()) if meets else None,
        "false_meets": _part(called & ~true, ~true),
        "false_below": _part(~called & true, true),
    }


def _exposure(
    sittings: Sequence[SimulatedSitting],
    competencies: Mapping[int, FormCompetency],
    competency_of_item: Mapping[int, int],
) -> list[dict[str, Any]]:
    """Every item of the competencies with the share of sittings that it was given in, most often given first."""
    given = Counter(item for sitting in sittings for item in sitting.items)
    rows = [
        {
            "item": item,
            "competency": competencies[pk].code,
            "given": given[item],
            "rate": given[item] / len(sittings),
        }
        for item, pk in competency_of_item.items()
        if pk in competencies
    ]
    return sorted(rows, key=lambda row: (-row["given"], row["item"]))


def _level(competency: FormCompetency, ability: float) -> int:
    level = 1 + int(np.searchsorted(competency.cuts, ability, side="right"))
    assert 1 <= level <= LEVELS
    return level


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0


def _part(part: np.ndarray[Any, np.dtype[np.bool_]], whole: np.ndarray[Any, np.dtype[np.bool_]]) -> float | None:
    return float(part.sum() / whole.sum()) if whole.any() else None
