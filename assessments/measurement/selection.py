"""Which item to ask next: the one that is expected to tell most about the competencies still open.

First the competency, then the item. A competency with posterior variance V whose best item has posterior-weighted
information I (van der Linden, 1998) would fall to about V / (1 + V I); where the person's post requires a level, what
counts is the fall of p (1 - p) for the probability p of meeting it, which is that relative fall weighted by
exp(-z^2), z being the distance to the cut in standard errors. Within the competency the item with the highest
I (w + (1 - w) R) is taken, R uniform and w growing to 1 over the sitting: progressive selection (Revuelta & Ponsoda,
1998), with the random part as a share of the item's own information, so that luck alone never picks a poor item.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from .bank import BLOCK, ItemBank, ItemId, Mask, Numbers, Positions, seeded_integer
from .blueprint import Blueprint
from .grid import Array, Posterior

Why = Literal["information", "blueprint", "testlet", "pretest"]
_TESTLET, _PRETEST, _TIE = 1_000_003, 2_000_003, 3_000_017
_NO_REQUIREMENT = math.exp(-1.0)


@dataclass(frozen=True)
class SelectionRule:
    """The author's settings.

    length: planned number of items. randomness: 1 - w at the first item, 0 for pure information, 1 for the classic
    progressive rule. max_exposure: for `ExposureCounts.draw_ineligible`. pretest_share: part of the items that are
    pretest items. blueprint: what the sitting must contain. ValueError for numbers that cannot be.
    """

    length: int = 20
    randomness: float = 0.0
    max_exposure: float = 0.30
    pretest_share: float = 0.0
    blueprint: Blueprint | None = None

    def __post_init__(self) -> None:
        if self.length < 1:
            raise ValueError(f"a sitting has at least 1 item, got {self.length}")
        if not (0.0 <= self.randomness <= 1.0 and 0.0 < self.max_exposure <= 1.0 and 0.0 <= self.pretest_share < 1.0):
            raise ValueError("randomness, max_exposure and pretest_share are parts of one")

    def information_weight(self, position: int) -> float:
        """w for the item at this position, from 0 for the first: it grows evenly to 1 at the planned length."""
        return 1.0 - self.randomness * max(0.0, 1.0 - position / self.length)


_PLAIN = SelectionRule()


class Choice(NamedTuple):
    """The item chosen and why.

    information: its posterior-weighted information. best_information: the highest among the competency's candidates.
    variance_reduction: expected fall of the posterior variance. candidates: how many could have been chosen in the
    competency. why: "information", or what overrode it. relaxed: nothing eligible was left, so exposure was ignored.
    """

    item_id: ItemId
    competency: str
    information: float
    variance_reduction: float
    best_information: float = 0.0
    candidates: int = 1
    why: Why = "information"
    relaxed: bool = False


def select_next(
    bank: ItemBank,
    posteriors: Mapping[str, Posterior],
    *,
    given: Sequence[ItemId] = (),
    excluded: Collection[ItemId] = (),
    ineligible: Collection[ItemId] = (),
    required_cuts: Mapping[str, float | None] | None = None,
    seed: int = 0,
    rule: SelectionRule | None = None,
) -> Choice | None:
    """The next item for a person with these posteriors, or None when the open competencies have no item left.

    posteriors: one per competency that is still open; the others are not asked, except to finish a testlet. given: the
    sitting's items so far, in order. excluded: further ids never to be given. ineligible: ids that sit out for exposure
    unless nothing else is left. required_cuts: the cut score of the level each competency requires. The same arguments
    and seed give the same choice.
    """
    rule = rule or _PLAIN
    slots = [bank.index[item_id] for item_id in given if item_id in bank.index]
    closed = bank.closed.copy()
    closed[slots] = True
    if excluded:
        closed[[bank.index[item_id] for item_id in excluded if item_id in bank.index]] = True
    if bank.enemies:
        for slot in slots:
            closed[list(bank.enemies.get(slot, ()))] = True
    started = _unfinished_testlet(bank, slots, closed)
    if started.size:
        return _from_testlet(bank, posteriors, started)
    names = [name for name in posteriors if name in bank.blocks_of]
    pretest = _pretest_slot(bank, names, slots, excluded, seed, rule)
    if pretest is not None:
        return _describe(bank, posteriors, pretest, why="pretest")
    needed = None
    if rule.blueprint is not None:
        closed |= rule.blueprint.barred(bank, slots)
        needed = rule.blueprint.needed(bank, slots, rule.length - len(slots))
    pressing = closed if needed is None else closed | ~needed
    tries = [(pressing, False, needed is not None)]
    if ineligible:
        held = pressing.copy()
        held[[bank.index[item_id] for item_id in ineligible if item_id in bank.index]] = True
        tries = [(held, False, needed is not None), (pressing, True, needed is not None)]
    if needed is not None:
        tries.append((closed, bool(ineligible), False))
    weight = rule.information_weight(len(slots))
    for shut, relaxed, pressed in tries:
        chosen = _best(bank, posteriors, names, shut, required_cuts, weight, seed, len(slots))
        if chosen is not None:
            why: Why = "blueprint" if pressed else "information"
            slot, information, top, candidates_left = chosen
            return _describe(bank, posteriors, slot, why, information, top, candidates_left, relaxed)
    return None


class _Best(NamedTuple):
    """The slot chosen and its information; the highest information of its competency and how many it had open."""

    slot: int
    information: float
    top: float
    candidates: int


def _best(
    bank: ItemBank,
    posteriors: Mapping[str, Posterior],
    names: Sequence[str],
    closed: Mask,
    required_cuts: Mapping[str, float | None] | None,
    information_weight: float,
    seed: int,
    position: int,
) -> _Best | None:
    """An open slot of the competency with the highest gain; None without any."""
    if not names:
        return None
    weights = [posteriors[name].weights for name in names]
    bounds, starts = _bounds(bank, names, weights)
    shut = closed.reshape(-1, BLOCK)
    ranked = [(math.inf, 0)]
    if len(names) > 1:
        upper = np.maximum.reduceat(bounds, starts[:-1]).tolist()
        gains = [competency_gain(posteriors[name], upper[k], name, required_cuts) for k, name in enumerate(names)]
        ranked = sorted(zip(gains, range(len(names)), strict=True), reverse=True)
    best: list[tuple[int, Numbers, Positions, Array, float]] = []
    highest = -math.inf
    for limit, k in ranked:
        if limit < highest:
            break
        own = bounds[starts[k] : starts[k + 1]]
        slots, values, top = _open_to_top(bank, shut, bank.blocks_of[names[k]][0], own, weights[k])
        gain = competency_gain(posteriors[names[k]], top, names[k], required_cuts)
        if gain > highest:
            best, highest = [(k, own, slots, values, top)], gain
        elif gain == highest > -math.inf:
            best.append((k, own, slots, values, top))
    if not best:
        return None
    k, own, slots, values, top = best[_draw(len(best), seed, position + _TIE)]
    low, high = bank.blocks_of[names[k]]
    merits, highest_merit = values, top
    if information_weight < 1.0:
        luck = information_weight + (1.0 - information_weight) * bank.noise_for(seed, position)
        floor = float((values * luck[slots]).max())
        slots, values = _open(bank, shut, low + (own >= floor).nonzero()[0], weights[k])
        merits = values * luck[slots]
        highest_merit = float(merits.max())
    ties = (merits >= highest_merit).nonzero()[0]
    at = ties[_draw(len(ties), seed, position)]
    part = shut[low:high]
    return _Best(int(slots[at]), float(values[at]), top, part.size - int(np.count_nonzero(part)))


def _draw(options: int, seed: int, purpose: int) -> int:
    return seeded_integer(seed, purpose) % options if options > 1 else 0


def _bounds(bank: ItemBank, names: Sequence[str], weights: Sequence[Array]) -> tuple[Numbers, list[int]]:
    """Upper bounds of the information in the competencies' blocks, shape (blocks,), and where each one's begin."""
    if len(names) == 1:
        low, high = bank.blocks_of[names[0]]
        return bank.envelopes[low:high].dot(weights[0].astype(np.float32)), [0, high - low]
    blocks, owner, starts = bank.layout(tuple(names))
    return np.einsum("bg,bg->b", bank.envelopes[blocks], np.array(weights, dtype=np.float32)[owner]), starts


def _open_to_top(
    bank: ItemBank, shut: Mask, low: int, bounds: Numbers, weights: Array
) -> tuple[Positions, Array, float]:
    """Slots and information of all items that can be the best of the blocks from `low` on, and the best information."""
    first = int(bounds.argmax())
    values = bank.by_block[low + first].dot(weights)
    values[shut[low + first]] = -np.inf
    top = float(values[values.argmax()])
    near = bounds >= top
    if np.count_nonzero(near) == 1:
        return bank.slots_by_block[low + first], values, top
    slots, values = _open(bank, shut, low + near.nonzero()[0], weights)
    return slots, values, float(values.max())


def _open(bank: ItemBank, shut: Mask, blocks: Positions, weights: Array) -> tuple[Positions, Array]:
    """Slots of these blocks, and the exact information of their items, minus infinity where shut."""
    values = bank.by_block[blocks].dot(weights)
    values[shut[blocks]] = -np.inf
    return bank.slots_by_block[blocks].ravel(), values.ravel()


def competency_gain(
    posterior: Posterior, information: float, name: str, required_cuts: Mapping[str, float | None] | None
) -> float:
    """Expected gain of a competency's best item; minus infinity where it has none."""
    if information == -math.inf:
        return -math.inf
    variance = posterior.se**2
    fall = information * variance / (1.0 + variance * information)
    if required_cuts is None:
        return variance * fall
    cut = required_cuts.get(name)
    return fall * (_NO_REQUIREMENT if cut is None else math.exp(-((posterior.mean - cut) ** 2) / variance))


def _unfinished_testlet(bank: ItemBank, slots: Sequence[int], closed: Mask) -> Positions:
    """Open slots of the testlet that the last item began."""
    testlet = bank.item(slots[-1]).testlet if slots else None
    if testlet is None:
        return np.empty(0, dtype=np.intp)
    members = np.array(bank.testlets[testlet], dtype=np.intp)
    return np.asarray(members[~closed[members]])


def _from_testlet(bank: ItemBank, posteriors: Mapping[str, Posterior], started: Positions) -> Choice:
    values = []
    for slot in started.tolist():
        posterior = posteriors.get(bank.item(slot).competency)
        values.append(0.0 if posterior is None else float(bank.information[slot] @ posterior.weights))
    at = int(np.argmax(values))
    return _describe(bank, posteriors, int(started[at]), "testlet", values[at], values[at], len(started))


def _pretest_slot(
    bank: ItemBank,
    names: Sequence[str],
    slots: Sequence[int],
    excluded: Collection[ItemId],
    seed: int,
    rule: SelectionRule,
) -> int | None:
    """The pretest item due at this position, if one is: the seed decides when and which."""
    if not rule.pretest_share or not bank.pretest_slots.size:
        return None
    chance = seeded_integer(seed, len(slots) + _PRETEST) / 2.0**64
    if chance >= rule.pretest_share:
        return None
    open_names, taken, barred = set(names), set(slots), set(excluded)
    left = [
        int(slot)
        for slot in bank.pretest_slots
        if int(slot) not in taken
        and bank.item(int(slot)).competency in open_names
        and bank.item(int(slot)).id not in barred
        and not bank.enemies.get(int(slot), set()) & taken
    ]
    return left[seeded_integer(seed, len(slots) + _TESTLET) % len(left)] if left else None


def _describe(
    bank: ItemBank,
    posteriors: Mapping[str, Posterior],
    slot: int,
    why: Why,
    information: float | None = None,
    best: float = 0.0,
    count: int = 1,
    relaxed: bool = False,
) -> Choice:
    item = bank.item(slot)
    posterior = posteriors.get(item.competency)
    if information is None:
        information = 0.0 if posterior is None else float(bank.information[slot].dot(posterior.weights))
    variance = 0.0 if posterior is None else posterior.se**2
    reduction = 0.0 if why == "pretest" else variance**2 * information / (1.0 + variance * information)
    return Choice(item.id, item.competency, information, reduction, max(best, information), count, why, relaxed)
