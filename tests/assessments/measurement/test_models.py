import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.measurement import ItemParameters, information, probabilities

EVERY_MODEL = [
    ItemParameters("2pl", 1.3, 0.4),
    ItemParameters("3pl_fixed", 1.1, -0.3, 0.25),
    ItemParameters("gpcm", 0.9, steps=(-1.0, 0.2, 1.4)),
]


@pytest.mark.parametrize("params", EVERY_MODEL)
def test_information_is_the_expected_squared_slope_of_the_log_likelihood(params):
    theta, h = np.linspace(-3, 3, 7), 1e-5
    p = probabilities(params, theta)
    slope = (np.log(probabilities(params, theta + h)) - np.log(probabilities(params, theta - h))) / (2 * h)
    assert np.allclose(information(params, theta), (p * slope**2).sum(axis=1), atol=1e-8)


@given(st.floats(0.1, 4), st.floats(-4, 4), st.lists(st.floats(-3, 3), min_size=1, max_size=4))
def test_probabilities_sum_to_one_and_expected_score_rises_with_ability(a, b, steps):
    for params in (
        ItemParameters("2pl", a, b),
        ItemParameters("3pl_fixed", a, b, 0.2),
        ItemParameters("gpcm", a, steps=tuple(steps)),
    ):
        p = probabilities(params, np.linspace(-4, 4, 9))
        assert np.allclose(p.sum(axis=1), 1.0)
        assert (np.diff(p @ np.arange(params.n_categories)) >= -1e-12).all()


def test_gpcm_of_one_step_is_the_2pl():
    theta = np.linspace(-3, 3, 5)
    two, partial = ItemParameters("2pl", 1.2, 0.3), ItemParameters("gpcm", 1.2, steps=(0.3,))
    assert np.allclose(probabilities(two, theta), probabilities(partial, theta))
    assert np.allclose(information(two, theta), information(partial, theta))


@pytest.mark.parametrize("params", EVERY_MODEL)
def test_parameters_survive_json(params):
    assert ItemParameters.from_dict(json.loads(json.dumps(params.to_dict()))) == params


def test_equal_stored_parameters_share_one_object_and_its_tables():
    data = {"model": "2pl", "a": 1.0, "b": 0.5}
    assert ItemParameters.from_dict(data, "x") is ItemParameters.from_dict(dict(data), "x")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"model": "2pl", "a": 0, "b": 0}, "item q7: discrimination a must be above 0, got 0.0"),
        ({"model": "2pl", "a": float("nan"), "b": 0}, "item q7: a must be a finite number, got nan"),
        ({"model": "2pl", "a": 1, "b": "x"}, "item q7: parameters must be numbers"),
        ({"model": "2pl", "b": 0}, "item q7: parameter a is missing"),
        ({"model": "4pl", "a": 1}, "item q7: unknown model '4pl'"),
        ({"model": "3pl_fixed", "a": 1, "c": 1}, "item q7: guessing c must be at least 0 and below 1, got 1.0"),
        ({"model": "2pl", "a": 1, "c": 0.2}, "item q7: model 2pl has no guessing, got c=0.2"),
        ({"model": "gpcm", "a": 1}, "item q7: gpcm needs step difficulties"),
        ({"model": "2pl", "a": 1, "d": 3}, "item q7: unknown parameter d"),
    ],
)
def test_unusable_parameters_are_refused_naming_the_item(data, message):
    with pytest.raises(ValueError) as error:
        ItemParameters.from_dict(data, "q7")
    assert str(error.value).startswith(message)
