"""An EM sequence between two steps: what a worker needs to go on where another one stopped, as bytes without loss."""

import io
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from assessments.measurement import CalibrationState, Calibrator, ItemParameters, ItemPrior, Responses
from assessments.measurement.grid import Array

_STATE_ARRAYS = ("slope", "intercept", "guessing", "n_scores")


class StoredCalibrator(Calibrator):
    """A calibrator that can be put away after a step and taken up again, by any worker, to the last bit."""

    def to_bytes(self) -> bytes:
        """Everything that changes from step to step. The prior, anchors' parameters and labels are kept elsewhere."""
        buffer = io.BytesIO()
        history = np.array(self._history) if self._history else np.zeros((0, 2, 0))
        np.savez(
            buffer,
            history=history,
            free=self._free,
            numbers=np.array([self.iterations, self.converged, self.loglikelihood, self._best]),
            **_pack_state("state", self.state),
            **_pack_state("fallback", self._fallback),
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(
        cls,
        data: bytes,
        labels: Sequence[str],
        prior: ItemPrior,
        anchors: Mapping[str, ItemParameters],
        tolerance: float = 1e-4,
    ) -> "StoredCalibrator":
        """Go on with what `to_bytes` wrote; the design was checked when the sequence began."""
        calibrator = cls.__new__(cls)
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            iterations, converged, calibrator.loglikelihood, calibrator._best = arrays["numbers"].tolist()
            calibrator.state = _unpack_state("state", arrays)
            calibrator._fallback = _unpack_state("fallback", arrays)
            calibrator._free = arrays["free"]
            calibrator._history = [(here, there) for here, there in arrays["history"]]
        calibrator.iterations, calibrator.converged = int(iterations), bool(converged)
        calibrator.prior, calibrator.tolerance = prior, tolerance
        calibrator.anchors = {label: anchors[label] for at, label in enumerate(labels) if not calibrator._free[at]}
        calibrator._moments_free = bool(calibrator.anchors)
        return calibrator

    def release_anchors(self, released: Collection[str], labels: Sequence[str]) -> None:
        """Let these anchors be estimated with the rest from now on. The sequence starts to converge anew."""
        for at, label in enumerate(labels):
            if label in released:
                self._free[at] = True
                del self.anchors[label]
        self._moments_free = bool(self.anchors)
        self._history, self._best, self._fallback, self.converged = [], -np.inf, self.state, False

    @property
    def largest_change(self) -> float | None:
        """The largest change of a parameter (log slope, intercept) in the last step; None before the first."""
        if not self._history:
            return None
        here, there = self._history[-1]
        return float(np.abs(there - here).max(initial=0.0))


def read_state(data: bytes) -> CalibrationState:
    """Read the current state alone from what `StoredCalibrator.to_bytes` wrote: all that the E-step needs."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return _unpack_state("state", arrays)


def responses_to_bytes(responses: Responses) -> bytes:
    """Who scored what, without labels: positions of items, scores, and where each person begins."""
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        starts=responses.starts.astype(np.uint32),
        item=responses.item.astype(np.uint32),
        score=responses.score.astype(np.uint8),
    )
    return buffer.getvalue()


def responses_from_bytes(data: bytes, labels: Sequence[str], n_scores: Sequence[int]) -> Responses:
    """Read what `responses_to_bytes` wrote."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        starts, item, score = (arrays[name].astype(np.intp) for name in ("starts", "item", "score"))
    return Responses(tuple(labels), np.asarray(n_scores, dtype=np.intp), starts, item, score)


def join_responses(chunks: Sequence[Responses]) -> Responses:
    """All people of the chunks, one chunk after the other."""
    first = chunks[0]
    offsets = np.cumsum([0, *(chunk.item.size for chunk in chunks)])
    starts = np.concatenate(
        [[0], *(chunk.starts[1:] + offset for chunk, offset in zip(chunks, offsets[:-1], strict=True))]
    )
    item, score = (np.concatenate([getattr(chunk, name) for chunk in chunks]) for name in ("item", "score"))
    return Responses(first.labels, first.n_scores, starts.astype(np.intp), item, score)


def _pack_state(name: str, state: CalibrationState) -> dict[str, Any]:
    arrays: dict[str, Any] = {f"{name}_{each}": getattr(state, each) for each in _STATE_ARRAYS}
    return arrays | {f"{name}_moments": np.array([state.mean, state.sd])}


def _unpack_state(name: str, arrays: Mapping[str, Array]) -> CalibrationState:
    slope, intercept, guessing, n_scores = (arrays[f"{name}_{each}"] for each in _STATE_ARRAYS)
    mean, sd = arrays[f"{name}_moments"].tolist()
    return CalibrationState(slope, intercept, guessing, n_scores.astype(np.intp), mean, sd)
