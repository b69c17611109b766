import numpy as np
import pytest

from assessments.measurement import BankItem, ItemBank, ItemParameters, Posterior, select_next
from assessments.measurement.blueprint import Blueprint, Limit
from assessments.measurement.explanation import explain_choice
from assessments.measurement.exposure import ExposureCounts
from assessments.measurement.selection import SelectionRule

from .factories import make_items


def make_bank(n: int = 3000) -> ItemBank:
    params = make_items(np.random.default_rng(8), n)
    return ItemBank(BankItem(at, f"c{at % 3}", p) for at, p in enumerate(params))


@pytest.mark.parametrize(("mean", "sd"), [(0.0, 1.0), (1.3, 0.4), (-2.0, 0.3), (3.5, 0.2)])
def test_select_next_finds_the_exact_maximum_of_the_full_grid(mean, sd):
    bank, posterior = make_bank(), Posterior.from_normal(mean, sd)
    slots = [slot for slot, item in enumerate(bank.items) if item is not None and item.competency == "c1"]
    slots.sort(key=lambda slot: -float(bank.information[slot] @ posterior.weights))
    given = [bank.item(slot).id for slot in slots[:5]]
    choice = select_next(bank, {"c1": posterior}, given=given)
    assert choice.item_id == bank.item(slots[5]).id
    assert choice.information == pytest.approx(bank.information[slots[5]] @ posterior.weights)
    assert (choice.candidates, choice.why) == (len(slots) - 5, "information")


@pytest.mark.parametrize("spread", [0.0, 0.02, 1.0])
def test_a_blocks_bound_is_never_below_its_best_item(spread):
    """In single precision: a bound that is a hair too low would hide the best item."""
    bank, rng = make_bank(), np.random.default_rng(21)
    for weights in rng.dirichlet(np.full(61, spread), size=200) if spread else np.eye(61):
        bounds = bank.envelopes.dot(weights.astype(np.float32))
        assert (bounds >= bank.by_block.dot(weights).max(axis=1)).all()


def test_select_next_asks_about_the_competency_known_least():
    bank = ItemBank(BankItem(f"{k}{at}", k, ItemParameters("2pl", 1.2, 0.0)) for k in "uv" for at in range(3))
    choice = select_next(bank, {"u": Posterior.from_normal(0, 0.4), "v": Posterior.from_normal(0, 0.8)})
    assert choice.competency == "v"


def test_select_next_breaks_ties_by_the_seed_alone():
    bank = ItemBank(BankItem(at, "u", ItemParameters("2pl", 1.2, 0.0)) for at in range(8))
    choices = [select_next(bank, {"u": Posterior.from_prior()}, seed=seed).item_id for seed in range(40)]
    assert set(choices) == set(range(8))
    assert choices == [select_next(bank, {"u": Posterior.from_prior()}, seed=seed).item_id for seed in range(40)]


def test_select_next_is_none_when_nothing_is_left():
    bank = ItemBank([BankItem(1, "u", ItemParameters("2pl", 1.2, 0.0))])
    assert select_next(bank, {"u": Posterior.from_prior()}, excluded=[1]) is None
    assert select_next(bank, {"w": Posterior.from_prior()}) is None


def test_bank_refuses_a_repeated_item_and_an_unknown_enemy():
    params = ItemParameters("2pl", 1.2, 0.0)
    with pytest.raises(ValueError, match="item 7 is in the bank twice"):
        ItemBank([BankItem(7, "u", params), BankItem(7, "v", params)])
    with pytest.raises(ValueError, match="item 7 names an enemy that is not in the bank: 8"):
        ItemBank([BankItem(7, "u", params, enemies=frozenset([8]))])


def make_simple_bank(n: int = 12, **fields) -> ItemBank:
    """n items of rising difficulty in competency u; a field is a function of the item's number."""
    return ItemBank(
        BankItem(at, "u", ItemParameters("2pl", 1.2, -1.1 + 0.2 * at), **{k: f(at) for k, f in fields.items()})
        for at in range(n)
    )


def run_sitting(bank: ItemBank, length: int, **arguments) -> list:
    """Items given one after the other to a person who stays at the prior."""
    given: list = []
    while len(given) < length:
        choice = select_next(bank, {"u": Posterior.from_prior()}, given=given, **arguments)
        if choice is None:
            break
        given.append(choice.item_id)
    return given


def test_progressive_selection_is_random_first_and_most_informative_last():
    bank, rule = make_bank(), SelectionRule(length=10, randomness=1.0)
    posteriors = {"c1": Posterior.from_normal(0.2, 0.5)}
    first = {select_next(bank, posteriors, seed=seed, rule=rule).item_id for seed in range(60)}
    assert len(first) > 5
    few = SelectionRule(length=10, randomness=0.1)
    assert len({select_next(bank, posteriors, seed=seed, rule=few).item_id for seed in range(60)}) < len(first)
    given = [item.id for item in bank.items if item is not None][:10]
    last = [select_next(bank, posteriors, given=given, seed=seed, rule=rule) for seed in range(5)]
    assert {choice.item_id for choice in last} == {select_next(bank, posteriors, given=given).item_id}
    assert last[0].information == pytest.approx(last[0].best_information)


def test_the_same_seed_gives_the_same_sitting():
    bank, rule = make_bank(600), SelectionRule(length=10, randomness=0.7)
    posteriors = {name: Posterior.from_prior() for name in ("c0", "c1", "c2")}

    def sitting(seed: int) -> list:
        given: list = []
        for _ in range(10):
            given.append(select_next(bank, posteriors, given=given, seed=seed, rule=rule).item_id)
        return given

    assert sitting(7) == sitting(7)
    assert sitting(7) != sitting(8)


def test_required_cuts_ask_where_the_verdict_is_open():
    bank = ItemBank(BankItem(f"{k}{at}", k, ItemParameters("2pl", 1.2, 0.0)) for k in "uv" for at in range(3))
    posteriors = {"u": Posterior.from_normal(0, 0.6), "v": Posterior.from_normal(0, 0.6)}
    assert select_next(bank, posteriors, required_cuts={"u": 2.0, "v": 0.3}).competency == "v"
    assert select_next(bank, posteriors, required_cuts={"u": 0.3, "v": None}).competency == "u"


def test_enemies_never_share_a_sitting():
    bank = make_simple_bank(enemies=lambda at: frozenset([at + 1] if at % 2 == 0 else []))
    given = run_sitting(bank, 12)
    assert sorted(at // 2 for at in given) == list(range(6))


def test_a_testlet_is_finished_before_anything_else():
    bank = make_simple_bank(testlet=lambda at: "scene" if at in (2, 5, 9) else None)
    given = run_sitting(bank, 12)
    places = sorted(given.index(at) for at in (2, 5, 9))
    assert places == list(range(places[0], places[0] + 3))
    assert len(set(given)) == 12


def test_pretest_items_come_at_the_authors_share_and_are_never_scored_choices():
    bank = make_simple_bank(60, pretest=lambda at: at >= 40)
    rule = SelectionRule(length=20, pretest_share=0.2)
    sittings = [run_sitting(bank, 20, seed=seed, rule=rule) for seed in range(40)]
    assert np.mean([at >= 40 for given in sittings for at in given]) == pytest.approx(0.2, abs=0.04)
    assert max(run_sitting(bank, 60)) == 39


def test_blueprint_maximum_and_minimum_hold():
    bank = make_simple_bank(30, kind=lambda at: "ordering" if at < 6 else "choice")
    blueprint = Blueprint((Limit("kind", "ordering", 3, 3), Limit("kind", "choice", 5)))
    given = run_sitting(bank, 10, rule=SelectionRule(length=10, blueprint=blueprint))
    assert sum(at < 6 for at in given) == 3
    assert blueprint.unmet(bank, [bank.index[at] for at in given]) == []


def test_blueprint_time_is_never_exceeded():
    bank = make_simple_bank(seconds=lambda at: 40.0 + 10 * at)
    given = run_sitting(bank, 12, rule=SelectionRule(blueprint=Blueprint(max_seconds=300)))
    assert sum(40 + 10 * at for at in given) <= 300
    assert len(given) >= 2


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ((Limit("kind", "essay", 1),), "kind essay: 1 items needed, the bank has 0"),
        ((Limit("kind", "choice", 4), Limit("kind", "ordering", 7)), "the minimums by kind need 11 items"),
    ],
)
def test_an_impossible_blueprint_is_refused_by_limit(limits, message):
    bank = make_simple_bank(kind=lambda at: "choice")
    with pytest.raises(ValueError, match=message):
        Blueprint(limits).check(bank, 10)


def test_a_limit_and_a_rule_refuse_numbers_that_cannot_be():
    with pytest.raises(ValueError, match="kind choice: needs 0 <= minimum <= maximum"):
        Limit("kind", "choice", 3, 2)
    with pytest.raises(ValueError, match="parts of one"):
        SelectionRule(pretest_share=1.0)
    with pytest.raises(ValueError, match="at least 1 item"):
        SelectionRule(length=0)


def test_eligibility_keeps_every_item_under_the_maximum_exposure():
    bank = make_simple_bank(40)
    counts = ExposureCounts(bank)
    without: dict[int, int] = {}
    for seed in range(600):
        ineligible = counts.draw_ineligible(0.30, seed)
        given = run_sitting(bank, 5, seed=seed, ineligible=ineligible)
        counts.record(ineligible, given)
        for at in run_sitting(bank, 5, seed=seed):
            without[at] = without.get(at, 0) + 1
    assert max(without.values()) == 600
    assert float(counts.rates().max()) <= 0.30
    assert int((counts.given > 0).sum()) > 15


def test_exposure_gives_way_when_nothing_else_is_left():
    bank = make_simple_bank(3)
    choice = select_next(bank, {"u": Posterior.from_prior()}, ineligible=[0, 1, 2])
    assert choice.relaxed
    assert not select_next(bank, {"u": Posterior.from_prior()}, ineligible=[0]).relaxed


def test_exposure_counts_continue_from_stored_numbers():
    bank = make_simple_bank(3)
    counts = ExposureCounts(bank, eligible={0: 60, 1: 100}, given={0: 30, 1: 9}, sittings=110)
    out = [counts.draw_ineligible(0.3, seed) for seed in range(400)]
    assert np.mean([0 in ids for ids in out]) == pytest.approx(1 - 0.3 * 60 / 30, abs=0.08)
    assert not any(1 in ids or 2 in ids for ids in out)
    with pytest.raises(ValueError, match="maximum exposure"):
        counts.draw_ineligible(0.0, 1)


def test_explanation_states_the_facts_of_the_choice():
    bank = make_simple_bank(12, enemies=lambda at: frozenset([7] if at == 6 else []))
    posteriors = {"u": Posterior.from_normal(0.1, 0.6)}
    arguments = {"given": [6, 5], "ineligible": [4], "excluded": [0]}
    choice = select_next(bank, posteriors, **arguments)
    facts = explain_choice(bank, posteriors, choice, **arguments)
    assert facts.barred == {"given": 2, "enemy": 1, "excluded": 1, "blueprint": 0, "exposure": 1}
    assert choice.candidates == 12 - sum(facts.barred.values())
    assert (facts.ability, facts.difficulty) == pytest.approx(
        (0.1, bank.item(bank.index[choice.item_id]).parameters.b), abs=1e-3
    )
    assert [name for name, _ in facts.gains] == ["u"]
    assert 0.3 < facts.expected_score < 0.7
