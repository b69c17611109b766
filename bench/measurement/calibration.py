"""Calibration beside its peers: time, error and slope against the truth. Ours includes standard errors."""

from __future__ import annotations

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
    """quick: without girth on the two large tables, where it takes minutes."""
    return [
        *_two_parameter(quick, 0.0, "calibrate_2pl"),
        *_two_parameter(quick, 0.85, "calibrate_2pl_sparse"),
        *_partial(),
    ]


def _two_parameter(quick: bool, missing: float, name: str) -> list[Record]:
    print(f"{name} ...", flush=True)
    rng = np.random.default_rng(20260702)
    a, b, theta = np.exp(rng.normal(0.2, 0.3, 200)), rng.normal(0, 1, 200), rng.normal(size=20_000)
    scores = (rng.random((20_000, 200)) < 1 / (1 + np.exp(-a * (theta[:, None] - b)))).astype(np.int64)
    scores[rng.random(scores.shape) < missing] = -1
    fits: dict[str, Callable[[], Any]] = {"mirt": lambda: _mirt(scores, "2PL")}
    if not quick:
        tagged = girth.tag_missing_data(scores.T, [0, 1]) if missing else scores.T
        fits["girth"] = lambda: girth.twopl_mml(tagged)
    seconds, result = once(lambda: calibrate(Responses.from_matrix(scores)), runs=5)
    found = {"ours": (np.array([p.a for p in result.parameters]), np.array([p.b for p in result.parameters]))}
    times: dict[str, float | None] = {}
    for peer, fit in fits.items():
        times[peer], fitted = once(fit, runs=1)
        found[peer] = _read(peer, fitted)
    suffix = "_sparse" if missing else ""
    records = [Record(name, seconds, "s", times).with_ratio()]
    for k, (letter, truth) in enumerate((("a", a), ("b", b))):
        error = {who: float(np.sqrt(np.mean((fit[k] - truth) ** 2))) for who, fit in found.items()}
        slope = {who: float(np.polyfit(truth, fit[k], 1)[0]) for who, fit in found.items()}
        for label, values in (("rmse", error), ("slope", slope)):
            ours = values.pop("ours")
            records.append(Record(f"{label}_{letter}{suffix}", ours, "", dict(values)))
    return records


def _mirt(scores: np.ndarray, model: Any) -> Any:
    """mirt without standard errors, on 61 points as ours: its default of 21 is too coarse for 200 items."""
    return mirt.fit_mirt(scores, model=model, n_quadpts=61, compute_standard_errors=False)


def _read(peer: str, fitted: Any) -> Fit:
    if peer == "girth":
        return np.asarray(fitted["Discrimination"]), np.asarray(fitted["Difficulty"])
    return np.asarray(fitted.model.discrimination).ravel(), np.asarray(fitted.model.difficulty).ravel()


def _partial() -> list[Record]:
    print("calibrate_gpcm ...", flush=True)
    rng = np.random.default_rng(20260703)
    a, steps, theta = np.exp(rng.normal(0, 0.25, 40)), np.sort(rng.normal(0, 1, (40, 3)), axis=1), rng.normal(size=2000)
    logits = np.cumsum(a[:, None] * (theta[:, None, None] - steps), axis=2)
    chances = np.exp(np.concatenate([np.zeros((2000, 40, 1)), logits], axis=2))
    chances /= chances.sum(axis=2, keepdims=True)
    scores = (rng.random((2000, 40, 1)) > chances.cumsum(axis=2)[:, :, :3]).sum(axis=2)
    seconds, result = once(lambda: calibrate(Responses.from_matrix(scores)), runs=5)
    theirs, fitted = once(lambda: _mirt(scores, "GPCM"), runs=2)
    slow, other = once(lambda: girth.pcm_mml(scores.T))
    found = {
        "ours": np.array([p.a for p in result.parameters]),
        "mirt": np.asarray(fitted.model.parameters["discrimination"]).ravel(),
        "girth": np.asarray(other["Discrimination"]),
    }
    error: dict[str, float | None] = {who: float(np.sqrt(np.mean((x - a) ** 2))) for who, x in found.items()}
    own = error.pop("ours") or 0.0
    return [
        Record("calibrate_gpcm", seconds, "s", {"mirt": theirs, "girth": slow}).with_ratio(),
        Record("rmse_a_gpcm", own, "", error),
    ]
