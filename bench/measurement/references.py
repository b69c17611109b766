"""`python -m bench.measurement.references`: what two other libraries say of two seeded tables, for the tests.

Writes tests/assessments/measurement/references.json. To be run again only when a peer's pin changes.
"""

from __future__ import annotations

from bench.environment import enter

enter("bench.measurement.references")

import json  # noqa: E402  # everything below loads numpy after the threads are fixed

import girth  # noqa: E402  # as above
import mirt  # noqa: E402  # as above
import numpy as np  # noqa: E402  # as above

from bench.environment import ROOT, versions  # noqa: E402  # as above
from tests.assessments.measurement.factories import reference_table  # noqa: E402  # as above


def main() -> None:
    tables = {}
    for name in ("complete", "sparse"):
        scores = reference_table(name)
        fitted = mirt.fit_mirt(scores, n_quadpts=61, tol=1e-6, max_iter=2000, compute_standard_errors=False)
        options = {"max_iteration": 500, "quadrature_n": 61, "quadrature_bounds": (-5, 5)}
        other = girth.twopl_mml(girth.tag_missing_data(scores.T, [0, 1]), options)
        tables[name] = {
            "mirt": [_rounded(fitted.model.discrimination), _rounded(fitted.model.difficulty)],
            "girth": [_rounded(other["Discrimination"]), _rounded(other["Difficulty"])],
        }
    target = ROOT / "tests" / "assessments" / "measurement" / "references.json"
    target.write_text(json.dumps({"versions": versions("girth", "mirt"), "tables": tables}, indent=1) + "\n")


def _rounded(values: object) -> list[float]:
    return [round(float(value), 5) for value in np.asarray(values).ravel()]


main()
