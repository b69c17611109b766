"""Which competency and which item come next: decided without a database."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.domain.adaptive import Given, admissible, choose_next
from assessments.domain.bank import BankEntry, PublishedBank
from assessments.domain.form import Form, FormCompetency
from assessments.measurement import PROVISIONAL_CUTS, BankItem, ItemBank, ItemParameters, StopRule

ITEMS = 7


def bank_of(competencies: int, items: int = ITEMS) -> PublishedBank:
    """Items 100 * competency + n of levels 1..items."""
    entries, bank = {}, []
    for competency in range(1, competencies + 1):
        for number in range(items):
            parameters = {"model": "2pl", "a": 1.2, "b": (number + 1 - 4.5) * 0.75}
            pk = 100 * competency + number
            entries[pk] = BankEntry(pk, competency, parameters)
            bank.append(BankItem(pk, str(competency), ItemParameters.from_dict(parameters)))
    by_competency = {
        competency: frozenset(pk for pk in entries if pk // 100 == competency)
        for competency in range(1, competencies + 1)
    }
    return PublishedBank((1, 1, 1), entries, by_competency, ItemBank(bank))


def form_of(
    competencies: int, *, excluded: frozenset[int] = frozenset(), start=None, required: int = 4, **rule
) -> Form:
    limits = {
        "max_items": 20,
        "max_items_per_competency": 4,
        "target_se": 0.35,
        "error_rate": 0.1,
        "min_items_per_competency": 3,
    }
    return Form(
        competencies=tuple(
            FormCompetency(pk, f"9.{pk}", required, PROVISIONAL_CUTS, start) for pk in range(1, competencies + 1)
        ),
        rule=StopRule(**(limits | rule)),
        excluded=excluded,
        standards=(1,),
    )


def play(form: Form, bank: PublishedBank, seed: int, right) -> list[Given]:
    """Play a sitting to its end; right: Given -> bool."""
    given: list[Given] = []
    while (choice := choose_next(form, given, bank, seed)) is not None:
        pk = int(str(choice.item_id))
        entry = bank.entries[pk]
        row = Given(pk, entry.competency_pk, ItemParameters.from_dict(entry.parameters), None)
        given.append(Given(row.item_pk, row.competency_pk, row.parameters, int(right(row))))
    return given


def counts_of(given: list[Given]) -> dict[int, int]:
    return {pk: sum(row.competency_pk == pk for row in given) for pk in {row.competency_pk for row in given}}


def test_form_survives_json():
    form = form_of(2, excluded=frozenset([5, 3]), start=(0.25, 0.5))
    assert Form.from_dict(form.to_dict()) == form


def test_required_cut_is_the_lower_end_of_the_level():
    assert form_of(1, required=4).competencies[0].required_cut == PROVISIONAL_CUTS[2]
    assert form_of(1, required=1).competencies[0].required_cut is None


@settings(deadline=None)
@given(
    seed=st.integers(0, 2**40),
    competencies=st.integers(1, 12),
    skill=st.floats(-3, 3),
    limits=st.tuples(st.integers(1, 24), st.integers(1, 6)),
)
def test_sitting_keeps_its_limits_and_finishes_what_it_begins(seed, competencies, skill, limits):
    max_items, per_competency = limits
    minimum = min(3, per_competency)
    form = form_of(
        competencies,
        max_items=max_items,
        max_items_per_competency=per_competency,
        min_items_per_competency=minimum,
    )
    given = play(form, bank_of(competencies), seed, lambda row: row.parameters.b < skill)
    assert len(given) <= max_items
    assert len({row.item_pk for row in given}) == len(given)
    counts = counts_of(given)
    assert all(minimum <= count <= per_competency for count in counts.values())
    if max_items >= minimum:
        assert counts


@settings(deadline=None)
@given(st.integers(0, 2**40))
def test_same_sitting_is_given_again_from_its_seed(seed):
    form, bank = form_of(5), bank_of(5)
    first = play(form, bank, seed, lambda row: row.item_pk % 3 > 0)
    assert play(form, bank, seed, lambda row: row.item_pk % 3 > 0) == first


def test_twenty_questions_measure_six_competencies_of_ten_by_three():
    given = play(form_of(10), bank_of(10), 5, lambda row: row.item_pk % 2 == 0)
    assert 5 <= len(counts_of(given)) <= 6
    assert min(counts_of(given).values()) == 3
    assert set(counts_of(given)) <= {1, 2, 3, 4, 5, 6}


def test_sitting_stops_on_a_competency_once_decided():
    form = form_of(1, required=2, max_items_per_competency=7)
    decided = play(form, bank_of(1), 3, lambda row: True)
    assert len(decided) == 3
    undecided = play(
        form_of(1, required=5, max_items_per_competency=7), bank_of(1), 3, lambda row: row.parameters.b < 0.3
    )
    assert len(undecided) == 7


def test_excluded_items_are_not_given():
    excluded = frozenset(range(100, 104))
    given = play(form_of(1, excluded=excluded), bank_of(1), 1, lambda row: True)
    assert not {row.item_pk for row in given} & excluded
    assert len(given) == 3


def test_thin_bank_is_used_up():
    given = play(form_of(2), bank_of(2, items=2), 1, lambda row: True)
    assert counts_of(given) == {1: 2, 2: 2}


def test_no_items_no_question():
    assert choose_next(form_of(1), [], bank_of(0), 1) is None


@pytest.mark.parametrize(
    ("counts", "wanted", "max_items", "expected"),
    [
        ({1: 0, 2: 0, 3: 0}, 3, 20, [1, 2, 3]),
        ({1: 0, 2: 0, 3: 0}, 3, 6, [1, 2]),
        ({1: 0, 2: 0, 3: 0}, 3, 2, []),
        ({1: 1, 2: 0, 3: 0}, 3, 6, [1, 2]),
        ({1: 1, 2: 1, 3: 0}, 3, 6, [1, 2]),
        ({1: 3, 2: 1, 3: 0}, 3, 6, [2]),
        ({1: 3, 2: 1, 3: 0}, 3, 7, [1, 2]),
        ({1: 3, 2: 3, 3: 0}, 3, 9, [1, 2, 3]),
        ({1: 3, 2: 3, 3: 0}, 3, 8, [1, 2]),
        ({1: 3, 2: 3, 3: 0}, 3, 6, []),
    ],
)
def test_competency_is_taken_up_only_while_it_can_be_finished(counts, wanted, max_items, expected):
    assert admissible([1, 2, 3], counts, dict.fromkeys(counts, wanted), max_items) == expected


def test_stopped_competencies_count_against_the_limit():
    assert admissible([2], {1: 4, 2: 0}, {1: 3, 2: 3}, 6) == []
    assert admissible([2], {1: 4, 2: 0}, {1: 3, 2: 3}, 7) == [2]
