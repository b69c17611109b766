"""Agreement of two markers against an independent implementation and a kappa written out by hand."""

import numpy as np
import pytest

from assessments.measurement.agreement import quadratic_weighted_kappa

PATHOLOGISTS = [[11, 3, 1, 0], [1, 9, 0, 0], [0, 1, 10, 0], [1, 2, 0, 12]]
CLINICIANS = [[44, 5, 1], [7, 20, 3], [9, 5, 6]]


def pairs(table: list[list[int]]) -> tuple[list[int], list[int]]:
    cells = [(i, j) for i, row in enumerate(table) for j, count in enumerate(row) for _ in range(count)]
    return [i for i, _ in cells], [j for _, j in cells]


@pytest.mark.parametrize(
    ("table", "kappa", "se"),
    [(PATHOLOGISTS, 0.8082152155047729, 0.08139854985166312), (CLINICIANS, 0.4545454545454546, 0.09397969777572601)],
)
def test_kappa_and_its_error_are_those_of_statsmodels(table, kappa, se):
    """Reference: statsmodels 0.14, `cohens_kappa(table, wt="quadratic")`."""
    found = quadratic_weighted_kappa(*pairs(table), len(table))
    assert found is not None
    assert (found.kappa, found.se, found.pairs) == (pytest.approx(kappa), pytest.approx(se), sum(map(sum, table)))
    assert (found.low, found.high) == (
        pytest.approx(kappa - 1.959964 * se),
        pytest.approx(min(1, kappa + 1.959964 * se)),
    )


def test_kappa_is_one_less_weighted_disagreement_over_that_of_chance():
    """The form that scikit-learn computes: 1 - sum(w O) / sum(w E) with w the squared distance."""
    rng = np.random.default_rng(5)
    first = rng.integers(0, 6, 300)
    second = np.clip(first + rng.integers(-2, 3, 300), 0, 5)
    observed = np.zeros((6, 6))
    for i, j in zip(first, second, strict=True):
        observed[i, j] += 1
    chance = np.outer(observed.sum(1), observed.sum(0)) / observed.sum()
    distance = np.subtract.outer(np.arange(6), np.arange(6)) ** 2
    found = quadratic_weighted_kappa(first, second, 6)
    assert found is not None
    assert found.kappa == pytest.approx(1 - (distance * observed).sum() / (distance * chance).sum())


def test_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(11)
    table = np.array(CLINICIANS) / 100
    truth = 0.4545454545454546
    covered = 0
    for _ in range(400):
        cells = rng.choice(9, 150, p=table.ravel())
        found = quadratic_weighted_kappa(cells // 3, cells % 3, 3)
        assert found is not None
        covered += found.low <= truth <= found.high
    assert 0.92 <= covered / 400 <= 0.98


@pytest.mark.parametrize(("first", "second", "categories"), [([], [], 3), ([1, 1], [1, 1], 3), ([0, 0], [0, 0], 1)])
def test_kappa_is_not_defined_without_differences(first, second, categories):
    assert quadratic_weighted_kappa(first, second, categories) is None


@pytest.mark.parametrize(("first", "second"), [([1], [1, 2]), ([3], [0]), ([-1], [0])])
def test_marks_that_are_none_are_refused(first, second):
    with pytest.raises(ValueError):
        quadratic_weighted_kappa(first, second, 3)
