"""Measuring how the items of a competency do, from everybody's first answers and the parameters in force."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from assessments.domain.calibration_plan import CalibrationProblem, read_parameters
from assessments.domain.queries.item_answers import (
    Exposure,
    GivenAnswer,
    read_exposure,
    read_given_answers,
    read_groups,
)
from assessments.domain.queries.response_table import MeasuredVersion, ResponseTable, read_response_table
from assessments.domain.versions import playable_version
from assessments.measurement import ItemParameters
from assessments.measurement.dif import Dif, dif_by_group
from assessments.measurement.health import (
    ItemStatistics,
    distractors,
    drift,
    health_flags,
    item_statistics,
    observed_curve,
    time_used,
    usual_groups,
)
from assessments.measurement.item_fit import correlation_z, pair_counts, q3, s_x2
from assessments.measurement.prediction import Predictions
from assessments.models import ItemHealth
from competencies.models import Competency

MIN_COMPLETE = 100
"""People who answered every item, below which S-X2 says nothing."""
POOR_FIT = 0.001
"""p-value of S-X2 under which the curve does not fit: small, for every item is tested."""
SURE_DIF = 0.002
"""p-value under which a difference between groups is flagged: every item is compared by several groups."""
BEYOND_CHANCE = 3.5
"""Standard errors from 0 that a residual correlation must lie to count: every pair of items is looked at."""
MOST_MONTHS = 12
CLASSES = "-ABC"


@transaction.atomic
def measure_item_health(competency: Competency) -> int:
    """Work out the figures of every version that measures the competency, in place of the old ones; return how many."""
    table = read_response_table(competency.pk)
    table, parameters = _readable(table)
    measured_at = timezone.now()
    exposure = read_exposure(competency.pk)
    given = read_given_answers(competency.pk)
    if table.responses is None:
        rows = [_without_answers(version, exposure) for version in table.versions]
    else:
        rows = _measure(table, parameters, exposure, given)
    for row in rows:
        row.competency, row.measured_at = competency, measured_at
    ItemHealth.objects.filter(competency=competency).delete()
    ItemHealth.objects.bulk_create(rows)
    return len(rows)


def _readable(table: ResponseTable) -> tuple[ResponseTable, tuple[ItemParameters, ...]]:
    """The versions whose answers can be read with the parameters in force, and those parameters."""
    kept: dict[str, ItemParameters] = {}
    for at, version in enumerate(table.versions):
        if version.parameters is None or version.pk in table.refused:
            continue
        try:
            parameters = read_parameters(version.parameters, version.label)
        except CalibrationProblem:
            continue
        if table.responses is None or parameters.n_categories == table.responses.n_scores[at]:
            kept[version.label] = parameters
    versions = tuple(version for version in table.versions if version.label in kept)
    dropped = {version.label for version in table.versions} - kept.keys()
    parameters_kept = tuple(kept[version.label] for version in versions)
    if not dropped or table.responses is None:
        return ResponseTable(
            table.responses, table.people, versions, table.presentations, table.observed_at, table.refused
        ), parameters_kept
    if not versions:
        return ResponseTable(None, table.people, (), table.presentations[:0], (), table.refused), ()
    still = np.array([version.label in kept for version in table.versions])[table.responses.item]
    if not still.any():
        return ResponseTable(None, table.people, versions, table.presentations[:0], (), table.refused), parameters_kept
    return ResponseTable(
        table.responses.without(dropped),
        table.people,
        versions,
        table.presentations[still],
        tuple(at for at, kept_row in zip(table.observed_at, still.tolist(), strict=True) if kept_row),
        table.refused,
    ), parameters_kept


def _measure(
    table: ResponseTable,
    parameters: tuple[ItemParameters, ...],
    exposure: Mapping[int, Exposure],
    given: Mapping[int, GivenAnswer],
) -> list[ItemHealth]:
    assert table.responses is not None
    predictions = Predictions(table.responses, parameters, table.presentations)
    fits = _score_fits(table, parameters)
    pairs, pair_n = q3(predictions), pair_counts(table.responses)
    fairness = _fairness(predictions, table)
    rows = []
    for at, (version, statistics) in enumerate(zip(table.versions, item_statistics(predictions), strict=True)):
        if statistics.n == 0:
            rows.append(_without_answers(version, exposure))
            continue
        answered = np.flatnonzero(table.responses.item == at)
        answers = [given.get(int(pk)) for pk in table.presentations[answered]]
        times = [answer.seconds for answer in answers if answer is not None and answer.seconds >= 0]
        used = time_used(times) if times else None
        periods, named = _periods([table.observed_at[row] for row in answered.tolist()])
        moved, moved_z = _drift(predictions, at, periods, len(named))
        related = _related(pairs[at], pair_n[at], table.versions)
        dif = fairness.get(version.label, [])
        options = _options(version, answers, predictions.item(at).weights)
        seen = exposure.get(version.pk)
        curve = observed_curve(predictions, at, groups=usual_groups(statistics.n))
        fit = fits.get(version.label)
        flags = [
            *health_flags(
                statistics,
                chance=_chance(version, options),
                exposure=seen.rate if seen else 0.0,
                largest_q3=max((each["value"] for each in related if each["z"] > BEYOND_CHANCE), default=0.0),
                dif_class=max((each["class"] for each in dif if _is_sure(each)), key=CLASSES.index, default="-"),
                drift_z=float(np.abs(moved_z).max(initial=0.0)),
                rapid=used.rapid if used else 0.0,
            ),
            *(["poor_fit"] if fit and fit["p"] is not None and fit["p"] < POOR_FIT else []),
            *sorted({f"option_{flag}" for option in options for flag in option["flags"]}),
        ]
        figures = {
            "statistics": _statistics(statistics),
            "curve": {
                name: _numbers(getattr(curve, name)) for name in ("ability", "observed", "expected", "error", "n")
            },
            "s_x2": fit,
            "q3": related,
            "dif": dif,
            "drift": [
                {"period": name, "n": int((periods == number).sum()), "mean": _number(mean), "z": _number(z)}
                for number, (name, mean, z) in enumerate(zip(named, moved, moved_z, strict=True))
            ],
            "exposure": _exposure(seen),
            "time": {"n": len(times), **_time(used)} if used else None,
            "options": options,
        }
        rows.append(ItemHealth(version_id=version.pk, answers=statistics.n, flags=flags, figures=figures))
    return rows


def _without_answers(version: MeasuredVersion, exposure: Mapping[int, Exposure]) -> ItemHealth:
    figures = {"exposure": _exposure(exposure.get(version.pk))}
    return ItemHealth(version_id=version.pk, answers=0, flags=["few_answers"], figures=figures)


def _score_fits(table: ResponseTable, parameters: Sequence[ItemParameters]) -> dict[str, dict[str, Any]]:
    """S-X2 by item, where enough people answered all items; an adaptive quiz over a large bank has none such."""
    assert table.responses is not None
    complete = int((np.diff(table.responses.starts) == table.responses.n_items).sum())
    if complete < MIN_COMPLETE or table.responses.n_items < 2:
        return {}
    return {
        fit.label: {"statistic": _number(fit.statistic), "df": fit.df, "p": _number(fit.p), "n": complete}
        for fit in s_x2(table.responses, parameters)
    }


def _fairness(predictions: Predictions, table: ResponseTable) -> dict[str, list[dict[str, Any]]]:
    """DIF of every item by every kind of group that has two groups; the largest group is the reference."""
    found: dict[str, list[dict[str, Any]]] = {}
    for by, group_of in read_groups(table.people.tolist()).items():
        groups = [group_of.get(pk) for pk in table.people.tolist()]
        sizes = Counter(group for group in groups if group is not None)
        if len(sizes) < 2:
            continue
        reference = min(sizes, key=lambda name: (-sizes[name], name))
        for each in dif_by_group(predictions, groups, reference):
            found.setdefault(each.label, []).append({"by": by, **_dif(each)})
    return found


def _dif(each: Dif) -> dict[str, Any]:
    return {
        "reference": each.reference,
        "focal": each.focal,
        "n_reference": each.n_reference,
        "n_focal": each.n_focal,
        "delta": _number(each.delta),
        "low": _number(each.low),
        "high": _number(each.high),
        "p": _number(each.p),
        "class": each.ets_class,
    }


def _is_sure(dif: Mapping[str, Any]) -> bool:
    return dif["p"] is not None and dif["p"] < SURE_DIF


def _periods(times: Sequence[datetime]) -> tuple[np.ndarray[tuple[int], np.dtype[np.intp]], list[str]]:
    """The month of each answer, or its quarter where there are more than a year of months, and their names in order."""
    local = [timezone.localtime(at) for at in times]
    months = [f"{at.year}-{at.month:02d}" for at in local]
    if len(set(months)) > MOST_MONTHS:
        months = [f"{at.year} Q{(at.month + 2) // 3}" for at in local]
    named = sorted(set(months))
    return np.array([named.index(month) for month in months], dtype=np.intp), named


def _drift(
    predictions: Predictions, at: int, periods: np.ndarray[tuple[int], np.dtype[np.intp]], n_periods: int
) -> tuple[np.ndarray[Any, np.dtype[np.float64]], np.ndarray[Any, np.dtype[np.float64]]]:
    """Mean residual and z by period of this item's answers; nothing where all fall into one period."""
    if n_periods < 2:
        return np.full(n_periods, np.nan), np.zeros(n_periods)
    of_person = np.zeros(predictions.responses.n_people, dtype=np.intp)
    of_person[predictions.item(at).person] = periods
    return drift(predictions, at, of_person, n_periods)


def _related(
    correlations: np.ndarray[Any, np.dtype[np.float64]],
    n: np.ndarray[Any, np.dtype[np.float64]],
    versions: Sequence[MeasuredVersion],
) -> list[dict[str, Any]]:
    """The three items whose residuals go most surely with this one's. n: people who answered both."""
    z = correlation_z(correlations, n)
    known = [at for at in np.argsort(-np.nan_to_num(z, nan=-np.inf)).tolist() if np.isfinite(z[at])]
    return [
        {
            "label": versions[at].label,
            "value": round(float(correlations[at]), 4),
            "n": int(n[at]),
            "z": round(float(z[at]), 2),
        }
        for at in known[:3]
    ]


def _options(
    version: MeasuredVersion, answers: Sequence[GivenAnswer | None], weights: np.ndarray[Any, np.dtype[np.float64]]
) -> list[dict[str, Any]]:
    """Who chose which option; nothing for simulations and orderings."""
    known = [(answer.value, at) for at, answer in enumerate(answers) if answer is not None]
    if not known or any("choice" not in value and "choices" not in value for value, _ in known):
        return []
    options = getattr(playable_version(version.pk).content, "options", ())
    correct = {option.id: bool(option.correct) for option in options}
    known_weights = weights[[at for _, at in known]]
    taken = [set(value["choices"]) if "choices" in value else {value["choice"]} for value, _ in known]
    if any(chosen - correct.keys() for chosen in taken):
        return []
    found = []
    for option, right in correct.items():
        chosen = np.array(["yes" if option in each else "no" for each in taken])
        each = distractors(chosen, known_weights, {"yes": right, "no": not right}, usual_groups(len(known)))[0]
        found.append(
            {
                "option": option,
                "correct": right,
                "share": _number(each.share),
                "difference": _number(each.ability_difference),
                "by_group": _numbers(each.by_group),
                "flags": list(each.flags),
            }
        )
    return found


def _chance(version: MeasuredVersion, options: Sequence[Mapping[str, Any]]) -> float:
    """Share that blind guessing of one option earns; 0 where several are to be chosen."""
    right = sum(option["correct"] for option in options)
    return 1.0 / len(options) if right == 1 else 0.0


def _exposure(seen: Exposure | None) -> dict[str, Any]:
    return {"given": seen.given, "sittings": seen.sittings, "rate": round(seen.rate, 4)} if seen else {"given": 0}


def _statistics(statistics: ItemStatistics) -> dict[str, Any]:
    names = [name for name in ItemStatistics.__dataclass_fields__ if name not in ("label", "n")]
    return {name: _number(getattr(statistics, name)) for name in names}


def _time(used: Any) -> dict[str, Any]:
    return {name: _number(getattr(used, name)) for name in ("median", "p10", "p90", "rapid")}


def _number(value: float) -> float | None:
    return round(float(value), 4) if math.isfinite(value) else None


def _numbers(values: Any) -> list[float | None]:
    return [_number(value) for value in values.tolist()]
