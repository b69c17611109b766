"""`python -m bench.measurement.references`: what two other libraries say of two seeded tables, for the tests.

Writes tests/assessments/measurement/references.json. To be run again only when a peer's pin changes.
"""

from __future__ import annotations

import json

from bench.environment import ROOT, enter, versions


def main() -> None:
    # Numpy's threads are fixed when it loads: everything that loads it comes after.
    enter("bench.measurement.references")
    import girth
    import mirt
    import numpy as np

    from tests.assessments.measurement.factories import reference_table

    def rounded(values: object) -> list[float]:
        return [round(float(value), 5) for value in np.asarray(values).ravel()]

    tables = {}
    for name in ("complete", "sparse"):
        scores = reference_table(name)
        fitted = mirt.fit_mirt(scores, n_quadpts=61, tol=1e-6, max_iter=2000, compute_standard_errors=False)
        options = {"max_iteration": 500, "quadrature_n": 61, "quadrature_bounds": (-5, 5)}
        other = girth.twopl_mml(girth.tag_missing_data(scores.T, [0, 1]), options)
        tables[name] = {
            "mirt": [rounded(fitted.model.discrimination), rounded(fitted.model.difficulty)],
            "girth": [rounded(other["Discrimination"]), rounded(other["Difficulty"])],
        }
    target = ROOT / "tests" / "assessments" / "measurement" / "references.json"
    target.write_text(json.dumps({"versions": versions("girth", "mirt"), "tables": tables}, indent=1) + "\n")


main()
