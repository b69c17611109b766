"""Which question comes next in an adaptive sitting.

A level may only be reported from MIN_EVIDENCE answers on the competency itself, so a short quiz that asked a little
about everything would tell nothing. A sitting therefore takes up a competency only while enough questions are left to
finish it together with those begun; the rest wait for the next sitting, first in line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assessments.domain.bank import PublishedBank
from assessments.domain.form import Form, FormCompetency
from assessments.measurement import Choice, ItemParameters, Posterior, decide, estimate, select_next
from assessments.measurement.selection import SelectionRule

RANDOMNESS = 0.25
"""Part of chance at the first question (progressive selection), so that not everybody meets the same few items."""

_UNKNOWN = Posterior.from_prior()


@dataclass(frozen=True, slots=True)
class Given:
    """A question given in the sitting, and its score, None while it is unanswered."""

    item_pk: int
    competency_pk: int
    parameters: ItemParameters
    score: int | None


def choose_next(form: Form, given: Sequence[Given], bank: PublishedBank, seed: int) -> Choice | None:
    """Return the next item of the sitting, or None when its stop rule ends it or no item is left.

    The same arguments give the same choice.
    """
    if len(given) >= form.rule.max_items:
        return None
    asked: dict[int, list[Given]] = {each.pk: [] for each in form.competencies}
    for each in given:
        asked[each.competency_pk].append(each)
    counts = {pk: len(rows) for pk, rows in asked.items()}
    left = _items_left(form, given, bank)
    posteriors = {each.pk: _posterior(each, asked[each.pk]) for each in form.competencies}
    cuts = {str(each.pk): each.required_cut for each in form.competencies}
    begun = {str(pk): posteriors[pk] for pk, count in counts.items() if count}
    decisions = decide(begun, {str(pk): count for pk, count in counts.items()}, cuts, form.rule)
    stopped = {int(name) for name, decision in decisions.items() if decision.stop}
    enough = form.rule.min_items_per_competency
    wanted = {pk: min(enough, counts[pk] + left[pk]) for pk in counts}
    open_pks = [pk for pk in counts if pk not in stopped and left[pk]]
    return select_next(
        bank.items,
        {str(pk): posteriors[pk] for pk in admissible(open_pks, counts, wanted, form.rule.max_items)},
        given=[each.item_pk for each in given],
        excluded=form.excluded,
        required_cuts=cuts,
        seed=seed,
        rule=SelectionRule(length=form.rule.max_items, randomness=RANDOMNESS),
    )


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


def _items_left(form: Form, given: Sequence[Given], bank: PublishedBank) -> dict[int, int]:
    taken = form.excluded | {each.item_pk for each in given}
    return {each.pk: len(bank.by_competency.get(each.pk, frozenset()) - taken) for each in form.competencies}


def _posterior(competency: FormCompetency, rows: Sequence[Given]) -> Posterior:
    prior = Posterior.from_normal(*competency.start) if competency.start else _UNKNOWN
    return estimate([(row.parameters, row.score) for row in rows], prior) if rows else prior
