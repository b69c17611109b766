"""Agreement with two independent libraries; references.json is written by `python -m bench.measurement.references`."""

import json
from pathlib import Path

import numpy as np
import pytest

from assessments.measurement import ItemPrior, Responses, calibrate

from .factories import reference_table

PATH = Path(__file__).with_name("references.json")
LARGEST_SLOPE = {"girth": 4.0, "mirt": np.inf}
"""girth looks for slopes up to 4 alone."""
DIFFICULTY_WITHIN = {("sparse", "girth"): 0.07}
"""On a sparse table girth stops its steps earlier than mirt and ours do."""


@pytest.mark.parametrize("peer", ["girth", "mirt"])
@pytest.mark.parametrize("table", ["complete", "sparse"])
def test_calibration_agrees_with_another_library(table, peer):
    result = calibrate(
        Responses.from_matrix(reference_table(table)), ItemPrior(log_a_sd=None, b_sd=None), tolerance=1e-5
    )
    a, b = (np.array(values) for values in json.loads(PATH.read_text())["tables"][table][peer])
    slopes = np.minimum([p.a for p in result.parameters], LARGEST_SLOPE[peer])
    assert slopes == pytest.approx(a, abs=0.02)
    assert np.array([p.b for p in result.parameters]) == pytest.approx(
        b, abs=DIFFICULTY_WITHIN.get((table, peer), 0.02)
    )
