"""Why each question of a sitting was chosen, and why the sitting stopped: made again from the attempt's own record."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from assessments.domain.adaptive import SittingState, explain_next
from assessments.domain.bank import PublishedBank, bank_of_state
from assessments.domain.delivery import GivenRow, given_of, given_rows
from assessments.domain.form import Form
from assessments.domain.refusals import AttemptRefused
from assessments.domain.versions import playable_version
from assessments.measurement import Choice, Explanation, Posterior
from assessments.models import Attempt, BankState, Presentation
from competencies.models import Competency

End = Literal["open", "decided", "max_items", "no_room", "no_items", "time", "handed_in"]
"""`no_room`: too few questions were left to finish another competency. `no_items`: the bank had no more."""


@dataclass(frozen=True, slots=True)
class ChoiceStep:
    """One question of a sitting.

    explanation: the facts behind the choice made again, None when the bank of then was not kept or offers nothing.
    recorded: what was noted when it was chosen. reproduced: whether the choice made again is the one that was made.
    score, maximum: what the answer earned; score None while there is none.
    """

    position: int
    item_code: str
    kind: str
    competency: Competency
    scored: bool
    score: int | None
    maximum: int
    recorded: dict[str, Any]
    explanation: Explanation | None
    reproduced: bool


@dataclass(frozen=True, slots=True)
class CompetencyStop:
    """Where a competency of the sitting stood at its end.

    reason: `meets`, `below`, `precise` or `limit`, None where the questions had not stopped. asked: scored questions.
    p_below: probability of being below the required level, None for level 1, which everybody reaches.
    """

    competency: Competency
    required: int
    asked: int
    mean: float
    se: float
    p_below: float | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class ChoiceLog:
    """A sitting without its person. reproduced: whether every choice made again is the one that was made."""

    attempt: Attempt
    form: Form
    steps: tuple[ChoiceStep, ...]
    stops: tuple[CompetencyStop, ...]
    waiting: tuple[Competency, ...]
    end: End

    @property
    def reproduced(self) -> bool:
        return all(step.reproduced for step in self.steps)


def choice_log(attempt: Attempt) -> ChoiceLog:
    """Return the choices of an adaptive sitting, each made again from the seed, the form and the bank of then.

    Four queries and one for each bank there was. Raises AttemptRefused: not_adaptive.
    """
    if "rule" not in attempt.form:
        raise AttemptRefused("not_adaptive")
    form = Form.from_dict(attempt.form)
    rows = given_rows(attempt)
    reasons = dict(Presentation.objects.filter(attempt=attempt).values_list("position", "reason"))
    competencies = Competency.objects.in_bulk([each.pk for each in form.competencies])
    banks = _Banks()
    steps, state, bank = [], None, None
    for at, row in enumerate(rows):
        recorded = reasons[row.position]
        bank = banks.get(recorded.get("bank", ""))
        choice, explanation = None, None
        if bank is not None:
            _, choice, explanation = explain_next(form, [given_of(each) for each in rows[:at]], bank, attempt.seed)
        steps.append(_step(row, competencies[row.competency_pk], recorded, choice, explanation))
    bank = bank or banks.get(form.bank)
    choice = None
    if bank is not None:
        state, choice, _ = explain_next(form, [given_of(each) for each in rows], bank, attempt.seed)
    stops = tuple(_stops(form, competencies, state)) if state is not None else ()
    asked = {stop.competency.pk for stop in stops}
    return ChoiceLog(
        attempt=attempt,
        form=form,
        steps=tuple(steps),
        stops=stops,
        waiting=tuple(competencies[each.pk] for each in form.competencies if each.pk not in asked),
        end=_end(attempt, form, rows, choice, state),
    )


def recent_attempts(assessment_pk: int, limit: int = 50) -> list[Attempt]:
    """Return the newest submitted attempts of an assessment, without their people. One query."""
    finished = Attempt.objects.filter(assessment=assessment_pk, status=Attempt.Status.SUBMITTED)
    return list(finished.order_by("-submitted_at", "pk").defer("person")[:limit])


class _Banks:
    """Kept banks by digest, each read and compiled once."""

    def __init__(self) -> None:
        self._held: dict[str, PublishedBank | None] = {"": None}

    def get(self, digest: str) -> PublishedBank | None:
        if digest not in self._held:
            try:
                self._held[digest] = bank_of_state(digest)
            except BankState.DoesNotExist:
                self._held[digest] = None
        return self._held[digest]


def _step(
    row: GivenRow,
    competency: Competency,
    recorded: dict[str, Any],
    choice: Choice | None,
    explanation: Explanation | None,
) -> ChoiceStep:
    version = playable_version(row.version_pk)
    return ChoiceStep(
        position=row.position,
        item_code=version.item_code,
        kind=version.kind.KIND,
        competency=competency,
        scored=row.scored,
        score=row.score,
        maximum=version.kind.maximum(version.content),
        recorded=recorded,
        explanation=explanation,
        reproduced=choice is not None and (choice.item_id, choice.why) == (version.item_pk, recorded["why"]),
    )


def _stops(form: Form, competencies: dict[int, Competency], state: SittingState) -> Iterator[CompetencyStop]:
    for each in form.competencies:
        if not state.counts[each.pk]:
            continue
        posterior: Posterior = state.posteriors[each.pk]
        cut = each.required_cut
        yield CompetencyStop(
            competency=competencies[each.pk],
            required=each.required,
            asked=state.counts[each.pk],
            mean=posterior.mean,
            se=posterior.se,
            p_below=posterior.probability_below(cut) if cut is not None else None,
            reason=state.decisions[each.pk].reason,
        )


def _end(attempt: Attempt, form: Form, rows: list[GivenRow], choice: Choice | None, state: SittingState | None) -> End:
    """Why no further question came."""
    if attempt.submitted_at is None:
        return "open"
    if choice is not None or state is None or (rows and rows[-1].sequence is None):
        return "time" if attempt.submitted_at > attempt.deadline else "handed_in"
    if len(rows) >= form.rule.max_items:
        return "max_items"
    if all(pk in state.decisions and state.decisions[pk].stop for pk in state.counts):
        return "decided"
    return "no_room" if state.spare < form.rule.min_items_per_competency else "no_items"
