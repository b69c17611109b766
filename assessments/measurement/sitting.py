"""One person's adaptive sitting: the posterior, what has been asked, what is still open, and the next item."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from .bank import ItemBank, ItemId
from .estimation import loglikelihood_on_grid, update
from .grid import GRID, Array, Posterior
from .joint import JointModel, JointPosterior, joint_posterior
from .selection import Choice, SelectionRule, select_next
from .stopping import Decision, StopRule, decide


@dataclass(frozen=True, eq=False)
class SittingPlan:
    """What is fixed before the first item: the bank, the correlations between competencies, the required cut of each
    competency to be measured (None where the post requires nothing), the stop rule and the selection rule.
    """

    bank: ItemBank
    model: JointModel
    required_cuts: Mapping[str, float | None]
    stop: StopRule
    selection: SelectionRule = field(default_factory=SelectionRule)


class Sitting:
    """The state of one sitting; `seed` and `ineligible` (ids that sit out for exposure) are kept with it.

    before: log likelihood by competency, shape (k, 61), of earlier evidence, already aged; None for none.
    """

    def __init__(
        self, plan: SittingPlan, seed: int, ineligible: Collection[ItemId] = (), before: Array | None = None
    ) -> None:
        self.plan, self.seed, self.ineligible = plan, seed, ineligible
        self.given: list[ItemId] = []
        self.counts: dict[str, int] = dict.fromkeys(plan.required_cuts, 0)
        empty = np.zeros((len(plan.model.competencies), GRID.size))
        self.joint: JointPosterior = joint_posterior(plan.model, empty if before is None else before)
        self._refresh()

    def resume(self, answers: Sequence[tuple[ItemId, int | None]]) -> None:
        """Take in the sitting's stored answers at once: the same state as recording them one by one."""
        loglikelihood = self.joint.loglikelihood.copy()
        for item_id, score in answers:
            item = self.plan.bank.item(self.plan.bank.index[item_id])
            self._count(item_id, score)
            if not item.pretest and score is not None:
                loglikelihood[self.plan.model.index[item.competency]] += loglikelihood_on_grid(
                    [(item.parameters, score)]
                )
        self.joint = joint_posterior(self.plan.model, loglikelihood)
        self._refresh()

    def record(self, item_id: ItemId, score: int | None) -> None:
        """Take in one answer; None for an item that was shown but not answered. ValueError for an unknown score."""
        item = self.plan.bank.item(self.plan.bank.index[item_id])
        if not item.pretest and score is not None:
            self.joint = self.joint.update(item.competency, update(np.zeros(GRID.size), item.parameters, score))
        self._count(item_id, score)
        self._refresh()

    def next(self) -> Choice | None:
        """The next item, or None when every competency has stopped or nothing is left to ask."""
        still_open = {name: self.posteriors[name] for name, d in self.decisions.items() if not d.stop}
        if not still_open or len(self.given) >= self.plan.stop.max_items:
            return None
        return select_next(
            self.plan.bank,
            still_open,
            given=self.given,
            ineligible=self.ineligible,
            required_cuts=self.plan.required_cuts,
            seed=self.seed,
            rule=self.plan.selection,
        )

    def _count(self, item_id: ItemId, score: int | None) -> None:
        self.given.append(item_id)
        item = self.plan.bank.item(self.plan.bank.index[item_id])
        if not item.pretest and score is not None:
            self.counts[item.competency] = self.counts.get(item.competency, 0) + 1

    def _refresh(self) -> None:
        marginals = self.joint.marginals()
        self.posteriors: dict[str, Posterior] = {name: marginals[name] for name in self.plan.required_cuts}
        self.decisions: dict[str, Decision] = decide(
            self.posteriors, self.counts, self.plan.required_cuts, self.plan.stop
        )
