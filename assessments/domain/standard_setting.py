"""Panels of judges: convene, enter a round, see what it comes to, publish cut scores."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from assessments.domain.calibration_plan import CalibrationProblem, read_parameters
from assessments.domain.panel_ratings import RatingProblem, RatingScheme, read_ratings
from assessments.measurement import ItemParameters, check_cuts
from assessments.measurement.standards import (
    RESPONSE_PROBABILITY,
    AngoffResult,
    BookletPage,
    bookmark,
    modified_angoff,
    ordered_booklet,
)
from assessments.measurement.standards import Standard as Recommendation
from assessments.models import (
    ItemParameterSet,
    ItemVersion,
    PanelItem,
    PanelJudge,
    PanelRating,
    StandardPanel,
)
from assessments.models.standard_setting import CUTS
from competencies.models import Competency, CutScore, Standard
from organisation.api import record_audit
from organisation.models import User

FEWEST_JUDGES = 2
FEWEST_ITEMS = {StandardPanel.Method.ANGOFF.value: 5, StandardPanel.Method.BOOKMARK.value: CUTS}
ROUNDS = (1, 2)
_NAMED_CUT = re.compile(r"cut to level (\d) \(([^)]+)\)")
"""How the engine names a cut score that is at fault, in the words of its `check_cuts`."""


class PanelRefused(ValueError):
    """What cannot be done with a panel. reason: `judges`, `items`, `parameters`, `guessing`, `not_open`, `round`,
    `cuts`, `ratings`.

    detail: what is at fault; problems: of the ratings, by row and column.
    """

    def __init__(self, reason: str, detail: str = "", problems: Sequence[RatingProblem] = ()) -> None:
        self.reason = reason
        self.detail = detail
        self.problems = tuple(problems)
        super().__init__(f"{reason} {detail}".strip())


@dataclass(frozen=True, eq=False)
class PanelSummary:
    """What a panel has come to. rounds: those entered. first, second: their recommendations, None where not entered.

    agreement, moved, inconsistency: as of `AngoffResult`, None for bookmarks. booklet: of bookmarks. fault: why the
    cuts cannot be used, in the engine's words.
    """

    judges: tuple[str, ...]
    items: tuple[PanelItem, ...]
    rounds: tuple[int, ...]
    first: Recommendation | None = None
    second: Recommendation | None = None
    agreement: tuple[float, ...] = ()
    moved: float | None = None
    inconsistency: tuple[float, ...] = ()
    booklet: tuple[BookletPage, ...] = field(default=())
    fault: str = ""

    @property
    def cuts_at_fault(self) -> tuple[tuple[int, float], ...]:
        """The cuts that `fault` names by level: one that is not above the other, and that other."""
        return tuple((int(level), float(cut)) for level, cut in _NAMED_CUT.findall(self.fault))

    @property
    def final(self) -> Recommendation | None:
        """The second round's recommendation, else the first's."""
        return self.second or self.first


@transaction.atomic
def convene_panel(
    actor: User | None,
    competency: Competency,
    *,
    method: str,
    name: str,
    judges: Sequence[str],
    versions: Sequence[ItemVersion],
    note: str = "",
) -> StandardPanel:
    """Make a panel on these item versions; the parameters that its judgements are read with are frozen now.

    Raises PanelRefused: judges (fewer than two, or a name twice), items (too few, or one without parameters for the
    competency), parameters (of an item that cannot be used), guessing (a bookmark item that blind guessing masters).
    """
    names = [" ".join(judge.split()) for judge in judges if judge.strip()]
    if len(names) < FEWEST_JUDGES:
        raise PanelRefused("judges", str(FEWEST_JUDGES))
    repeated = next((judge for at, judge in enumerate(names) if judge.casefold() in map(str.casefold, names[:at])), "")
    if repeated:
        raise PanelRefused("judges", repeated)
    if len(versions) < FEWEST_ITEMS[method]:
        raise PanelRefused("items", str(FEWEST_ITEMS[method]))
    parameters = _parameters_in_force(competency, versions)
    if method == StandardPanel.Method.BOOKMARK:
        guessed = next((label for label, params in parameters.items() if params.c >= RESPONSE_PROBABILITY), "")
        if guessed:
            raise PanelRefused("guessing", guessed)
    panel = StandardPanel.objects.create(competency=competency, method=method, name=name, note=note, created_by=actor)
    PanelJudge.objects.bulk_create(
        PanelJudge(panel=panel, position=position, name=judge) for position, judge in enumerate(names, start=1)
    )
    PanelItem.objects.bulk_create(
        PanelItem(panel=panel, version=version, parameters=parameters[str(version)].to_dict()) for version in versions
    )
    record_audit(actor=actor, action="convened", target=f"panel {panel.pk} for {competency.code}")
    return panel


def rating_scheme(panel: StandardPanel) -> RatingScheme:
    """Return what a table of the panel's ratings must hold."""
    judges = tuple(panel.judges.values_list("name", flat=True))
    items = tuple(panel.items.select_related("version__item"))
    if panel.method == StandardPanel.Method.ANGOFF:
        return RatingScheme(judges, items=tuple(item.version.item.code for item in items))
    return RatingScheme(judges, pages=len(ordered_booklet(_parameters(items))))


@transaction.atomic
def enter_round(panel: StandardPanel, number: int, text: str, actor: User | None) -> int:
    """Store a round from a table, in place of what was entered for it before; return how many rows.

    Raises PanelRefused: not_open, round (the second before the first), ratings with every problem; nothing is stored
    then.
    """
    locked = _lock_open(panel)
    if number not in ROUNDS:
        raise PanelRefused("round", str(number))
    ratings = PanelRating.objects.filter(judge__panel=locked)
    if number == 2 and not ratings.filter(round=1).exists():
        raise PanelRefused("round", "1")
    rows, problems = read_ratings(text, rating_scheme(locked))
    if problems:
        raise PanelRefused("ratings", problems=problems)
    judges = {judge.name: judge for judge in locked.judges.all()}
    items = {item.version.item.code: item for item in locked.items.select_related("version__item")}
    ratings.filter(round=number).delete()
    PanelRating.objects.bulk_create(
        PanelRating(
            judge=judges[row.judge],
            round=number,
            item=items[row.item] if row.item is not None else None,
            values=list(row.values),
        )
        for row in rows
    )
    record_audit(actor=actor, action="entered", target=f"panel {locked.pk} round {number}", detail={"rows": len(rows)})
    return len(rows)


def summarise_panel(panel: StandardPanel) -> PanelSummary:
    """Return what the rounds entered so far come to. Three queries."""
    judges = tuple(panel.judges.all())
    items = tuple(panel.items.select_related("version__item"))
    tables: dict[int, dict[tuple[int, int | None], list[float]]] = {}
    for rating in PanelRating.objects.filter(judge__panel=panel):
        tables.setdefault(rating.round, {})[rating.judge_id, rating.item_id] = rating.values
    names = tuple(judge.name for judge in judges)
    rounds = tuple(sorted(tables))
    is_angoff = panel.method == StandardPanel.Method.ANGOFF
    booklet = () if is_angoff else tuple(ordered_booklet(_parameters(items)))
    try:
        found = _summarise_angoff(judges, items, tables) if is_angoff else _summarise_bookmark(judges, booklet, tables)
    except ValueError as error:
        return PanelSummary(names, items, rounds, booklet=booklet, fault=str(error))
    return PanelSummary(names, items, rounds, booklet=booklet, **found)


@transaction.atomic
def publish_panel(panel: StandardPanel, actor: User) -> Standard:
    """Put the second round's cut scores in force for the panel's competency; every other one keeps its own.

    What is reported from now on says that it stands under this standard; what was reported stays. Raises PanelRefused:
    not_open, round (the second is missing), cuts (they do not increase).
    """
    locked = _lock_open(panel)
    summary = summarise_panel(locked)
    if summary.rounds != ROUNDS:
        raise PanelRefused("round", "2")
    if summary.fault or summary.second is None:
        raise PanelRefused("cuts", summary.fault)
    cuts = check_cuts(summary.second.cuts.tolist()).tolist()
    standard = Standard.objects.create(
        framework_id=locked.competency.domain.framework_id,
        method=locked.method,
        note="\n".join(filter(None, [locked.name, locked.note])),
    )
    CutScore.objects.create(
        standard=standard, competency=locked.competency, cuts=cuts, standard_errors=summary.second.se.tolist()
    )
    now = timezone.now()
    standard.in_force_from = now
    standard.save(update_fields=["in_force_from"])
    locked.status, locked.standard = StandardPanel.Status.PUBLISHED, standard
    locked.decided_by, locked.decided_at = actor, now
    locked.save()
    record_audit(
        actor=actor,
        action="published",
        target=f"standard {standard.pk} for {locked.competency.code}",
        detail={"panel": locked.pk, "cuts": [round(cut, 4) for cut in cuts]},
    )
    return standard


@transaction.atomic
def close_panel(panel: StandardPanel, actor: User) -> None:
    """End a panel without a standard; what was entered is kept. Raises PanelRefused: not_open."""
    locked = _lock_open(panel)
    locked.status, locked.decided_by, locked.decided_at = StandardPanel.Status.CLOSED, actor, timezone.now()
    locked.save()
    record_audit(actor=actor, action="closed", target=f"panel {locked.pk} for {locked.competency.code}")


def _lock_open(panel: StandardPanel) -> StandardPanel:
    locked = (
        StandardPanel.objects.select_for_update(no_key=True, of=("self",))
        .select_related("competency__domain")
        .get(pk=panel.pk)
    )
    if locked.status != StandardPanel.Status.OPEN:
        raise PanelRefused("not_open")
    return locked


def _parameters_in_force(competency: Competency, versions: Sequence[ItemVersion]) -> dict[str, ItemParameters]:
    newest = {
        each.version_id: each.parameters
        for each in ItemParameterSet.objects.filter(competency=competency, version__in=versions).order_by("pk")
    }
    missing = next((str(version) for version in versions if version.pk not in newest), "")
    if missing:
        raise PanelRefused("items", missing)
    try:
        return {str(version): read_parameters(newest[version.pk], str(version)) for version in versions}
    except CalibrationProblem as problem:
        raise PanelRefused("parameters", ", ".join(problem.detail["items"])) from None


def _parameters(items: Sequence[PanelItem]) -> list[ItemParameters]:
    return [ItemParameters.from_dict(item.parameters, str(item.version)) for item in items]


def _summarise_angoff(
    judges: Sequence[PanelJudge],
    items: Sequence[PanelItem],
    tables: dict[int, dict[tuple[int, int | None], list[float]]],
) -> dict[str, Any]:
    if 1 not in tables:
        return {}
    rounds = [
        np.array([[tables[number][judge.pk, item.pk] for item in items] for judge in judges]) / 100.0
        for number in ROUNDS
        if number in tables
    ]
    result: AngoffResult = modified_angoff(_parameters(items), rounds[0], rounds[-1], [each.name for each in judges])
    both = len(rounds) == len(ROUNDS)
    return {
        "first": result.first,
        "second": result.second if both else None,
        "agreement": result.agreement if both else result.agreement[:1],
        "moved": result.moved * 100.0 if both else None,
        "inconsistency": tuple((result.inconsistency * 100.0).tolist()),
    }


def _summarise_bookmark(
    judges: Sequence[PanelJudge],
    booklet: Sequence[BookletPage],
    tables: dict[int, dict[tuple[int, int | None], list[float]]],
) -> dict[str, Any]:
    rounds = [
        bookmark(booklet, [tables[number][judge.pk, None] for judge in judges]) if number in tables else None
        for number in ROUNDS
    ]
    return {"first": rounds[0], "second": rounds[1]}
