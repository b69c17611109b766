"""Calibration beside its peers: time, error and slope against the truth. Ours includes standard errors."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import girth
import mirt
import numpy as np

from assessments.measurement import Responses, calibrate
from bench.report import Record
from bench.timing import once

Fit = tuple[np.ndarray, np.ndarray]


def run(quick: bool) -> list[Record]:
    """quick: one table of each kind, and without girth on the large ones, where it takes minutes."""
    return [
        *_two_parameter(quick, 0.0, "", tables=1),
        *_two_parameter(quick, 0.85, "_sparse", tables=1 if quick else 3),
        *_partial(tables=1 if quick else 10),
    ]


def _two_parameter(quick: bool, missing: float, suffix: str, tables: int) -> list[Record]:
    """20,000 people x 200 items; errors are those of all tables together, times those of the first."""
    print(f"calibrate_2pl{suffix} ...", flush=True)
    times: list[dict[str, float | None]] = []
    fits: dict[str, list[Fit]] = {}
    truths: list[Fit] = []
    for seed in range(20260702, 20260702 + tables):
        rng = np.random.default_rng(seed)
        a, b, theta = np.exp(rng.normal(0.2, 0.3, 200)), rng.normal(0, 1, 200), rng.normal(size=20_000)
        scores = (rng.random((20_000, 200)) < 1 / (1 + np.exp(-a * (theta[:, None] - b)))).astype(np.int64)
        scores[rng.random(scores.shape) < missing] = -1
        truths.append((a, b))
        calls: dict[str, Callable[[], Any]] = {"mirt": functools.partial(_mirt, scores, "2PL")}
        if not quick:
            tagged = girth.tag_missing_data(scores.T, [0, 1]) if missing else scores.T
            calls["girth"] = functools.partial(girth.twopl_mml, tagged)
        seconds, result = once(lambda table=scores: calibrate(Responses.from_matrix(table)), runs=5)
        took: dict[str, float | None] = {"ours": seconds}
        ours = np.array([p.a for p in result.parameters]), np.array([p.b for p in result.parameters])
        fits.setdefault("ours", []).append(ours)
        for peer, call in calls.items():
            took[peer], fitted = once(call)
            fits.setdefault(peer, []).append(_read(peer, fitted))
        times.append(took)
    own = times[0].pop("ours") or 0.0
    records = [Record(f"calibrate_2pl{suffix}", own, "s", times[0]).with_ratio()]
    for k, letter in enumerate("ab"):
        truth = [each[k] for each in truths]
        found = {who: [each[k] for each in several] for who, several in fits.items()}
        records += _accuracy(f"{letter}{suffix}", truth, found)
    return records


def _accuracy(name: str, truth: list[np.ndarray], found: dict[str, list[np.ndarray]]) -> list[Record]:
    """Root mean square error and slope against the truth, all tables together."""
    true = np.concatenate(truth)
    joined = {who: np.concatenate(several) for who, several in found.items()}
    errors: dict[str, float | None] = {w: float(np.sqrt(np.mean((x - true) ** 2))) for w, x in joined.items()}
    slopes: dict[str, float | None] = {w: float(np.polyfit(true, x, 1)[0]) for w, x in joined.items()}
    measures = (("rmse", errors), ("slope", slopes))
    return [Record(f"{label}_{name}", values.pop("ours") or 0.0, "", values) for label, values in measures]


def _mirt(scores: np.ndarray, model: Any) -> Any:
    """mirt without standard errors, on 61 points as ours: its default of 21 is too coarse for 200 items."""
    return mirt.fit_mirt(scores, model=model, n_quadpts=61, compute_standard_errors=False)


def _read(peer: str, fitted: Any) -> Fit:
    if peer == "girth":
        return np.asarray(fitted["Discrimination"]), np.asarray(fitted["Difficulty"])
    return np.asarray(fitted.model.discrimination).ravel(), np.asarray(fitted.model.difficulty).ravel()


def _partial(tables: int) -> list[Record]:
    """2,000 people x 40 items x 4 scores, as `_two_parameter`."""
    print("calibrate_gpcm ...", flush=True)
    times: list[dict[str, float | None]] = []
    found: dict[str, list[np.ndarray]] = {"ours": [], "mirt": [], "girth": []}
    truth: list[np.ndarray] = []
    for seed in range(20260703, 20260703 + tables):
        a, scores = _partial_table(np.random.default_rng(seed))
        truth.append(a)
        own, result = once(lambda table=scores: calibrate(Responses.from_matrix(table)), runs=5)
        theirs, fitted = once(functools.partial(_mirt, scores, "GPCM"))
        slow, other = once(functools.partial(girth.pcm_mml, scores.T))
        times.append({"ours": own, "mirt": theirs, "girth": slow})
        found["ours"].append(np.array([p.a for p in result.parameters]))
        found["mirt"].append(np.asarray(fitted.model.parameters["discrimination"]).ravel())
        found["girth"].append(np.asarray(other["Discrimination"]))
    own_time = times[0].pop("ours") or 0.0
    return [Record("calibrate_gpcm", own_time, "s", times[0]).with_ratio(), *_accuracy("a_gpcm", truth, found)]


def _partial_table(rng: np.random.Generator) -> Fit:
    """True slopes and the scores, 0 to 3."""
    a, steps, theta = np.exp(rng.normal(0, 0.25, 40)), np.sort(rng.normal(0, 1, (40, 3)), axis=1), rng.normal(size=2000)
    logits = np.cumsum(a[:, None] * (theta[:, None, None] - steps), axis=2)
    chances = np.exp(np.concatenate([np.zeros((2000, 40, 1)), logits], axis=2))
    chances /= chances.sum(axis=2, keepdims=True)
    return a, (rng.random((2000, 40, 1)) > chances.cumsum(axis=2)[:, :, :3]).sum(axis=2)
