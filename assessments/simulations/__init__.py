"""Simulations: an office situation written as data, played step by step on the server and scored from its log.

Load a document with `load_simulation`, begin with `start`, show `render`'s view, take each posted action to
`apply_action`, store the log, and `score` it. Nothing here knows Django, a database, a request or a real clock.
"""

from .loading import load_simulation
from .machine import apply_action, legal_actions, replay, start
from .model import Limits, Measurement, Simulation, State
from .personas import PersonaResult, run_personas
from .problems import IllegalAction, Problem, SimulationError, SimulationFault
from .publish import check_publishable
from .scoring import ObservableScore, Remark, debrief, score
from .selectors import Entry
from .shipped import shipped_simulations
from .view import render

__all__ = [
    "Entry",
    "IllegalAction",
    "Limits",
    "Measurement",
    "ObservableScore",
    "PersonaResult",
    "Problem",
    "Remark",
    "Simulation",
    "SimulationError",
    "SimulationFault",
    "State",
    "apply_action",
    "check_publishable",
    "debrief",
    "legal_actions",
    "load_simulation",
    "render",
    "replay",
    "run_personas",
    "score",
    "shipped_simulations",
    "start",
]
