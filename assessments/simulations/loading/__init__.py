"""From the text of a document to a valid Simulation, or to the list of everything wrong with it."""

import hashlib
import json
import re
from collections.abc import Mapping

from ..document import Document, parse_document
from ..expressions import ExpressionError
from ..model import Limits, Simulation, maximum_scores
from ..problems import SimulationError
from ..reader import Cursor, Reading, Scope
from ..variables import Variable
from .actions import read_actions
from .evidence import read_measurement, read_rules
from .lint import check_comparisons, check_log_uses
from .personas import read_personas
from .screens import read_screens
from .world import read_world

FORMAT = 1
KEYS = (
    "format",
    "code",
    "title",
    "summary",
    "world",
    "screens",
    "actions",
    "evidence",
    "measurement",
    "limits",
    "personas",
)

_COMPETENCY = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,30}")


def load_simulation(text: str) -> Simulation:
    """Read and validate a YAML simulation; SimulationError carries every problem with path and line."""
    document = parse_document(text)
    reading = Reading(document)
    simulation = _read(reading, document)
    if reading.problems or simulation is None:
        raise SimulationError(sorted(reading.problems, key=lambda problem: problem.line or 0))
    return simulation


def _read(reading: Reading, document: Document) -> Simulation | None:
    root = reading.root()
    fields = root.fields(KEYS)
    if len(fields) < len(KEYS):
        return None
    if fields["format"].integer(1, 1_000) != FORMAT:
        fields["format"].problem(f"this version reads format {FORMAT}")
    code, title, summary = fields["code"].name(), fields["title"].text(), fields["summary"].text()
    limits = _read_limits(fields["limits"])
    world = read_world(fields["world"])
    screens = read_screens(fields["screens"], world)
    actions = read_actions(fields["actions"], world, screens)
    rules = read_rules(fields["evidence"], Scope(world.scope.names | {"outcome"}, log=True))
    for rule, item in zip(rules, fields["evidence"].items(), strict=False):
        if not _COMPETENCY.fullmatch(rule.competency):
            item.problem(f"{rule.competency!r} is not the code of a competency")
    competencies = maximum_scores(rules)
    simulation = Simulation(
        digest=_digest(document),
        code=code,
        title=title,
        summary=summary,
        variables=world.variables,
        clock_start=world.clock_start,
        screens=screens,
        first_screen=next(iter(screens), ""),
        actions=actions,
        rules=rules,
        competencies=competencies,
        measurement=read_measurement(fields["measurement"], competencies),
        limits=limits,
        personas=read_personas(fields["personas"], competencies, actions, screens),
    )
    check_log_uses(reading, actions)
    check_comparisons(reading, world.variables, screens)
    if not reading.problems:
        _try_conditions(reading, world.variables)
    return simulation


def _read_limits(cursor: Cursor) -> Limits:
    fields = cursor.fields(("max_actions", "minutes"))
    if len(fields) < 2:
        return Limits(1, 1)
    return Limits(fields["max_actions"].integer(1, 300), fields["minutes"].integer(1, 120))


def _try_conditions(reading: Reading, variables: Mapping[str, Variable]) -> None:
    """Evaluate every condition on the initial values, so that a wrong type shows while loading."""
    names = {name: variable.initial for name, variable in variables.items()} | {"clock": 0, "outcome": ""}
    for cursor, expression in reading.conditions:
        if "params" not in expression.names:
            try:
                expression.holds(names)
            except ExpressionError as error:
                cursor.problem(f"fails on the initial state: {error}")


def _digest(document: Document) -> str:
    canonical = json.dumps(document.data, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
