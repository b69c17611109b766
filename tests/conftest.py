"""What every test may use."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from django.utils import translation
from hypothesis import settings

from assessments.simulations import Simulation, check_publishable
from assessments.simulations.problems import Problem

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("project", deadline=None)
settings.load_profile("project")


@pytest.fixture(autouse=True)
def _default_language() -> Iterator[None]:
    """A request leaves its language behind in the thread: begin and end each test with the default one."""
    translation.deactivate()
    yield
    translation.deactivate()


@pytest.fixture(autouse=True, scope="session")
def _search_each_simulation_once() -> Iterator[None]:
    """Whether a simulation may be published is searched for seconds: once for each that an import meets is enough."""
    known: dict[str, list[Problem]] = {}

    def check(simulation: Simulation) -> list[Problem]:
        if simulation.digest not in known:
            known[simulation.digest] = check_publishable(simulation)
        return known[simulation.digest]

    with patch("assessments.domain.importing.check_publishable", check):
        yield
