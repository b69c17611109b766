import numpy as np
import pytest

from assessments.measurement import BankItem, ItemBank, ItemParameters, Posterior, select_next

from .factories import make_items


def make_bank(n: int = 3000) -> ItemBank:
    params = make_items(np.random.default_rng(8), n)
    return ItemBank(BankItem(at, f"c{at % 3}", p) for at, p in enumerate(params))


@pytest.mark.parametrize(("mean", "sd"), [(0.0, 1.0), (1.3, 0.4), (-2.0, 0.3), (3.5, 0.2)])
def test_select_next_finds_the_exact_maximum_of_the_full_grid(mean, sd):
    bank, posterior = make_bank(), Posterior.from_normal(mean, sd)
    part = bank.slices["c1"]
    order = np.argsort(-(bank.information[part] @ posterior.weights))
    given = {bank.items[part.start + at].id for at in order[:5]}
    choice = select_next(bank, {"c1": posterior}, excluded=given)
    assert choice.item_id == bank.items[part.start + order[5]].id
    assert choice.information == pytest.approx(bank.information[part.start + order[5]] @ posterior.weights)


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
