"""Which question comes next in an adaptive sitting.

A level may only be reported from MIN_EVIDENCE answers on the competency itself, so a short quiz that asked a little
about everything would tell nothing. A sitting therefore takes up a competency only while enough questions are left to
finish it together with those begun; the rest wait for the next sitting, first in line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from assessments.domain.bank import PublishedBank
from assessments.domain.estimation import joint_model
from assessments.domain.form import Form
from assessments.measurement import (
    GRID,
    Choice,
    Decision,
    Explanation,
    ItemParameters,
    JointModel,
    Posterior,
    SelectionRule,
    decide,
    explain_choice,
    joint_posterior,
    likelihood_summaries,
    loglikelihood_on_grid,
    select_next,
)
from assessments.measurement.grid import Array

RANDOMNESS = 0.25
"""Part of chance at the first question (progressive selection), so that not everybody meets the same few items."""


@dataclass(frozen=True, slots=True)
class Given:
    """A question given in the sitting, and its score, None while it is unanswered. scored: False for a pretest item."""

    item_pk: int
    competency_pk: int
    parameters: ItemParameters
    score: int | None
    scored: bool = True


@dataclass(frozen=True, eq=False)
class SittingState:
    """Where a sitting stands: all by the competency's primary key.

    posteriors: by the answers so far and all that was known before. counts: scored questions given. decisions: of the
    competencies begun. open: those that the next question may be about, in order. spare: questions left that no
    competency begun still needs.
    """

    posteriors: dict[int, Posterior]
    counts: dict[int, int]
    decisions: dict[int, Decision]
    open: list[int]
    spare: int


def choose_next(form: Form, given: Sequence[Given], bank: PublishedBank, seed: int) -> Choice | None:
    """Return the next item of the sitting, or None when its stop rule ends it or no item is left.

    The same arguments give the same choice.
    """
    if len(given) >= form.rule.max_items:
        return None
    return _choose(form, given, bank, seed, sitting_state(form, given, bank))


def explain_next(
    form: Form, given: Sequence[Given], bank: PublishedBank, seed: int
) -> tuple[SittingState, Choice | None, Explanation | None]:
    """Make a choice once more and say why: what was known, the choice, and the facts behind it."""
    state = sitting_state(form, given, bank)
    choice = None if len(given) >= form.rule.max_items else _choose(form, given, bank, seed, state)
    if choice is None:
        return state, None, None
    explanation = explain_choice(
        bank.items,
        {str(pk): state.posteriors[pk] for pk in state.open},
        choice,
        given=[each.item_pk for each in given],
        excluded=form.excluded | _too_long(form, given, bank),
        ineligible=form.ineligible,
        required_cuts=_required_cuts(form),
        rule=_rule(form, state.spare),
    )
    return state, choice, explanation


def sitting_state(form: Form, given: Sequence[Given], bank: PublishedBank) -> SittingState:
    """Return where the sitting stands after the questions given."""
    asked: dict[int, list[Given]] = {each.pk: [] for each in form.competencies}
    for each in given:
        if each.scored:
            asked[each.competency_pk].append(each)
    counts = {pk: len(rows) for pk, rows in asked.items()}
    left = _items_left(form, given, bank)
    posteriors = _posteriors(form, asked)
    found = decide(
        {str(pk): posteriors[pk] for pk, count in counts.items() if count},
        {str(pk): count for pk, count in counts.items()},
        _required_cuts(form),
        form.rule,
    )
    decisions = {int(name): decision for name, decision in found.items()}
    enough = form.rule.min_items_per_competency
    wanted = {pk: min(enough, counts[pk] + left[pk]) for pk in counts}
    stopped = {pk for pk, decision in decisions.items() if decision.stop}
    limit = form.rule.max_items - (len(given) - sum(counts.values()))
    open_pks = admissible([pk for pk in counts if pk not in stopped and left[pk]], counts, wanted, limit)
    owed = sum(max(0, wanted[pk] - counts[pk]) for pk in open_pks if counts[pk])
    return SittingState(posteriors, counts, decisions, open_pks, form.rule.max_items - len(given) - owed)


def admissible(
    open_pks: Sequence[int], counts: Mapping[int, int], wanted: Mapping[int, int], max_items: int
) -> list[int]:
    """Return the open competencies that the next question may be about, in the order given.

    counts: questions given so far, of all competencies. wanted: how many make a competency worth reporting. Questions
    still owed to competencies begun are kept back; a new one is taken up only while all that it needs is to spare.
    """
    begun = [pk for pk in open_pks if counts[pk]]
    owed = {pk: max(0, wanted[pk] - counts[pk]) for pk in begun}
    spare = max_items - sum(counts.values()) - sum(owed.values())
    taken = {pk for pk in begun if owed[pk] or spare > 0}
    for pk in open_pks:
        if not counts[pk] and wanted[pk] <= spare:
            taken.add(pk)
            spare -= wanted[pk]
    return [pk for pk in open_pks if pk in taken]


def _choose(form: Form, given: Sequence[Given], bank: PublishedBank, seed: int, state: SittingState) -> Choice | None:
    return select_next(
        bank.items,
        {str(pk): state.posteriors[pk] for pk in state.open},
        given=[each.item_pk for each in given],
        excluded=form.excluded | _too_long(form, given, bank),
        ineligible=form.ineligible,
        required_cuts=_required_cuts(form),
        seed=seed,
        rule=_rule(form, state.spare),
    )


def _rule(form: Form, spare: int) -> SelectionRule:
    """The sitting's selection rule; no pretest item takes a question that a competency begun still needs."""
    rule = form.selection or SelectionRule(length=form.rule.max_items, randomness=RANDOMNESS)
    return rule if spare > 0 or not rule.pretest_share else replace(rule, pretest_share=0.0)


def _required_cuts(form: Form) -> dict[str, float | None]:
    return {str(each.pk): each.required_cut for each in form.competencies}


def _items_left(form: Form, given: Sequence[Given], bank: PublishedBank) -> dict[int, int]:
    taken = form.excluded | {each.item_pk for each in given}
    return {each.pk: len(bank.by_competency.get(each.pk, frozenset()) - taken) for each in form.competencies}


def _too_long(form: Form, given: Sequence[Given], bank: PublishedBank) -> frozenset[int]:
    """Items of testlets that the questions left cannot finish; one begun is finished as far as it goes."""
    left = form.rule.max_items - len(given)
    items, taken = bank.items, {each.item_pk for each in given}
    found: set[int] = set()
    for slots in items.testlets.values():
        members = {int(str(items.item(slot).id)) for slot in slots}
        if len(members) > left and not members & taken:
            found |= members
    return frozenset(found)


def _posteriors(form: Form, asked: Mapping[int, Sequence[Given]]) -> dict[int, Posterior]:
    """The joint posterior of the form's competencies, from what was known before and the answers so far."""
    curves = np.array(
        [
            known_curve(each.start) + loglikelihood_on_grid([(row.parameters, row.score) for row in asked[each.pk]])
            for each in form.competencies
        ]
        + [known_curve(each.start) for each in form.neighbours]
    ).reshape(-1, GRID.size)
    marginals = joint_posterior(_joint_model(len(curves), form.correlations), curves).marginals()
    return {each.pk: marginals[str(at)] for at, each in enumerate(form.competencies)}


@lru_cache(maxsize=512)
def known_curve(start: tuple[float, float] | None) -> Array:
    """The normal likelihood, on the grid, of a posterior with this mean and standard error under N(0, 1)."""
    if start is None:
        return np.zeros(GRID.size)
    precision, shift = likelihood_summaries(np.array([start[0]]), np.array([start[1]]))
    return np.asarray(shift[0] * GRID - 0.5 * precision[0] * GRID**2)


@lru_cache(maxsize=512)
def _joint_model(size: int, correlations: tuple[float, ...]) -> JointModel:
    values = np.array(correlations).reshape(size, size) if correlations else np.eye(size)
    return joint_model([str(at) for at in range(size)], values.tolist())
