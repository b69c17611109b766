"""Measurement: from responses to levels with honest uncertainty. Pure numpy and scipy, no Django."""

from .bank import BankItem, ItemBank, ItemId
from .estimation import Response, estimate, estimate_many, log_weights, loglikelihood_on_grid, update
from .grid import GRID, LOG_PRIOR, PRIOR, PROVISIONAL_CUTS, Posterior, check_cuts
from .models import ItemParameters, Model, information, probabilities
from .reporting import BAND_THRESHOLD, LEVEL_THRESHOLD, MIN_EVIDENCE, LevelReport, ageing, report_level
from .selection import Choice, select_next
from .stopping import Decision, Reason, StopRule, decide
from .units import (
    CellSums,
    GroupModel,
    cell_sums,
    conditional_posteriors,
    fit_groups,
    likelihood_summaries,
    probability_below,
    share_interval,
)

__all__ = [
    "BAND_THRESHOLD",
    "GRID",
    "LEVEL_THRESHOLD",
    "LOG_PRIOR",
    "MIN_EVIDENCE",
    "PRIOR",
    "PROVISIONAL_CUTS",
    "BankItem",
    "CellSums",
    "Choice",
    "Decision",
    "GroupModel",
    "ItemBank",
    "ItemId",
    "ItemParameters",
    "LevelReport",
    "Model",
    "Posterior",
    "Reason",
    "Response",
    "StopRule",
    "ageing",
    "cell_sums",
    "check_cuts",
    "conditional_posteriors",
    "decide",
    "estimate",
    "estimate_many",
    "fit_groups",
    "information",
    "likelihood_summaries",
    "log_weights",
    "loglikelihood_on_grid",
    "probabilities",
    "probability_below",
    "report_level",
    "select_next",
    "share_interval",
    "update",
]
