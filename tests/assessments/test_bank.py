"""The bank compiled for delivery."""

import pytest

from assessments.domain.bank import compile_bank


def test_unusable_parameters_are_refused_by_version():
    good = [1, 10, 100, "data", "single_choice", 60, {"model": "2pl", "a": 1.0, "b": 0.0}, False, "", []]
    bad = [2, 20, 100, "data", "single_choice", 60, {"model": "2pl", "a": -1.0, "b": 0.0}, False, "", []]
    assert len(compile_bank([good], ()).items) == 1
    with pytest.raises(ValueError, match="item 20"):
        compile_bank([good, bad], ())
