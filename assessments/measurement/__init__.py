"""Measurement: from responses to levels with honest uncertainty. Pure numpy and scipy, no Django."""

from .bank import BankItem, ItemBank, ItemId
from .calibration import Calibration, Calibrator, calibrate
from .estep import CalibrationState, SufficientStatistics, e_step
from .estimation import Response, estimate, estimate_many, log_weights, loglikelihood_on_grid, update
from .grid import GRID, LOG_PRIOR, PRIOR, PROVISIONAL_CUTS, Posterior, check_cuts
from .models import ItemParameters, Model, information, probabilities
from .mstep import ItemPrior
from .proposal import ItemChange, PeopleChange, compare_items, compare_people, readiness
from .reporting import BAND_THRESHOLD, LEVEL_THRESHOLD, MIN_EVIDENCE, LevelReport, ageing, report_level
from .responses import Responses
from .selection import Choice, select_next
from .standard_errors import InformationSums, information_step
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
    "Calibration",
    "CalibrationState",
    "Calibrator",
    "CellSums",
    "Choice",
    "Decision",
    "GroupModel",
    "InformationSums",
    "ItemBank",
    "ItemChange",
    "ItemId",
    "ItemParameters",
    "ItemPrior",
    "LevelReport",
    "Model",
    "PeopleChange",
    "Posterior",
    "Reason",
    "Response",
    "Responses",
    "StopRule",
    "SufficientStatistics",
    "ageing",
    "calibrate",
    "cell_sums",
    "check_cuts",
    "compare_items",
    "compare_people",
    "conditional_posteriors",
    "decide",
    "e_step",
    "estimate",
    "estimate_many",
    "fit_groups",
    "information",
    "information_step",
    "likelihood_summaries",
    "log_weights",
    "loglikelihood_on_grid",
    "probabilities",
    "probability_below",
    "readiness",
    "report_level",
    "select_next",
    "share_interval",
    "update",
]
