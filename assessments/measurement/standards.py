"""Standard setting: a panel turns what a level means into seven cut scores, with the standard error of each.

Modified Angoff (Angoff, 1971; Hambleton & Plake, 1995): for every item each judge says which part of the people who
just reach a level would earn the point. Bookmark (Mitzel et al., 2001): each judge marks in a booklet of items ordered
by difficulty the last one that those people master with probability 0.67.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .grid import Array, check_cuts
from .models import ItemParameters, probabilities
from .proposal import expected_score

RESPONSE_PROBABILITY = 0.67
_SCALE: Array = np.linspace(-6.0, 6.0, 2401)


@dataclass(frozen=True, eq=False)
class Standard:
    """A panel's recommendation.

    cuts, se: cut score of levels 2..8 and its standard error over judges, shape (7,). judges: each judge's own cuts,
    shape (n_judges, 7). spread: SD of the judges by cut, shape (7,).
    """

    cuts: Array
    se: Array
    judges: Array
    spread: Array


@dataclass(frozen=True, eq=False)
class AngoffResult:
    """first, second: the standard after each round. agreement: intraclass correlation ICC(2,1) of the judges' ratings
    in each round. moved: mean absolute change of a rating between rounds. inconsistency: each judge's root mean square
    difference between his ratings and what the items' parameters say at his own cuts, shape (n_judges,).
    """

    first: Standard
    second: Standard
    agreement: tuple[float, float]
    moved: float
    inconsistency: Array


def modified_angoff(
    parameters: Sequence[ItemParameters], first: ArrayLike, second: ArrayLike, judges: Sequence[str]
) -> AngoffResult:
    """The standard of a two-round panel.

    first, second: ratings by judge, item and cut, 0 to 1 (expected score as a part of the highest), shape
    (n_judges, n_items, 7). ValueError naming judge and item for a rating that cannot be, and naming the levels when the
    panel's cuts do not increase strictly.
    """
    rounds = [_check_ratings(ratings, parameters, judges, name) for ratings, name in ((first, "1"), (second, "2"))]
    standards = []
    for number, ratings in enumerate(rounds):
        own = _invert_expected_score(parameters, ratings.mean(axis=1))
        standards.append(_combine(own, strict=number == 1))
    final = standards[1]
    predicted = np.stack([expected_score(params, final.judges.ravel()) for params in parameters])
    predicted = predicted.reshape(len(parameters), len(judges), 7).transpose(1, 0, 2)
    return AngoffResult(
        first=standards[0],
        second=final,
        agreement=(_icc(rounds[0]), _icc(rounds[1])),
        moved=float(np.abs(rounds[1] - rounds[0]).mean()),
        inconsistency=np.sqrt(((rounds[1] - predicted) ** 2).mean(axis=(1, 2))),
    )


@dataclass(frozen=True)
class BookletPage:
    """One page of an ordered item booklet: the item's position, the score meant, and the ability that masters it."""

    item: int
    score: int
    location: float


def ordered_booklet(
    parameters: Sequence[ItemParameters], response_probability: float = RESPONSE_PROBABILITY
) -> list[BookletPage]:
    """Pages from easy to hard: where P(at least this score) reaches the response probability.

    ValueError naming an item whose guessing is at or above that probability.
    """
    pages = []
    for at, params in enumerate(parameters):
        if params.c >= response_probability:
            raise ValueError(f"item {params.label or at}: guessing {params.c} leaves nothing to master")
        table = probabilities(params, _SCALE)
        for score in range(1, params.n_categories):
            location = float(np.interp(response_probability, table[:, score:].sum(axis=1), _SCALE))
            pages.append(BookletPage(at, score, location))
    return sorted(pages, key=lambda page: page.location)


def bookmark(booklet: Sequence[BookletPage], marks: ArrayLike) -> Standard:
    """The standard from bookmarks. marks: by judge and cut, the number (from 1) of the last page mastered, shape
    (n_judges, 7). ValueError for a page that does not exist or cuts that do not increase strictly.
    """
    pages = np.asarray(marks)
    if pages.ndim != 2 or pages.shape[1] != 7 or not len(pages):
        raise ValueError(f"bookmarks need one row per judge and 7 columns, got shape {pages.shape}")
    wrong = np.argwhere((pages < 1) | (pages > len(booklet)) | (pages != np.floor(pages)))
    if wrong.size:
        judge, cut = wrong[0].tolist()
        raise ValueError(f"judge {judge + 1}, cut to level {cut + 2}: the booklet has pages 1 to {len(booklet)}")
    locations = np.array([page.location for page in booklet])
    return _combine(locations[pages.astype(np.intp) - 1], strict=True)


def _check_ratings(ratings: ArrayLike, parameters: Sequence[ItemParameters], judges: Sequence[str], name: str) -> Array:
    values = np.asarray(ratings, dtype=np.float64)
    shape = (len(judges), len(parameters), 7)
    if values.shape != shape or not values.size:
        raise ValueError(f"round {name}: ratings need shape {shape} (judges, items, cuts), got {values.shape}")
    bad = np.argwhere(~((values > 0.0) & (values < 1.0)))
    if bad.size:
        judge, item, cut = bad[0].tolist()
        label = parameters[item].label or str(item)
        raise ValueError(
            f"round {name}, judge {judges[judge]}, item {label}, level {cut + 2}: "
            f"a rating is above 0 and below 1, got {values[judge, item, cut]:g}"
        )
    return values


def _invert_expected_score(parameters: Sequence[ItemParameters], means: Array) -> Array:
    """Ability whose mean expected score over the items equals each mean rating, shape of means."""
    curve = np.mean([expected_score(params, _SCALE) for params in parameters], axis=0)
    return np.asarray(np.interp(means, curve, _SCALE))


def _combine(own: Array, strict: bool) -> Standard:
    cuts = own.mean(axis=0)
    if strict:
        check_cuts(cuts.tolist())
    spread = own.std(axis=0, ddof=1) if len(own) > 1 else np.full(7, np.nan)
    return Standard(cuts, spread / np.sqrt(len(own)), own, spread)


def _icc(ratings: Array) -> float:
    """ICC(2,1), absolute agreement (Shrout & Fleiss, 1979), of judges over all item-by-cut ratings."""
    table = ratings.reshape(len(ratings), -1).T
    n, k = table.shape
    if k < 2:
        return float("nan")
    grand = table.mean()
    rows = k * ((table.mean(axis=1) - grand) ** 2).sum() / (n - 1)
    columns = n * ((table.mean(axis=0) - grand) ** 2).sum() / (k - 1)
    error = (((table - grand) ** 2).sum() - rows * (n - 1) - columns * (k - 1)) / ((n - 1) * (k - 1))
    return float((rows - error) / (rows + (k - 1) * error + k * (columns - error) / n))
