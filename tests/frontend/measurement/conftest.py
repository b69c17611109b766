"""A trainer signed in, and a competency whose items people have answered."""

from unittest.mock import patch

import numpy as np
import pytest

from assessments.domain.calibration import start_calibration
from assessments.domain.item_health import measure_item_health
from assessments.measurement import ItemParameters
from assessments.models import CalibrationRun
from competencies.api import recompute_estimates
from organisation.models import Person
from tests.assessments.calibration.bank import author_items, let_sit, make_competency, make_versions
from tests.assessments.calibration.test_calibration_runs import run_through
from tests.factories.organisation import RoleGrantFactory

TRUE = [ItemParameters("2pl", 1.3, float(b)) for b in np.linspace(-1.5, 1.5, 8)]


@pytest.fixture
def trainer(client):
    user = RoleGrantFactory(role="trainer").user
    client.force_login(user)
    return user


@pytest.fixture
def sent():
    """The names of tasks sent to the workers and what they are about, in place of sending them."""
    tasks = []
    with patch("celery.app.base.Celery.send_task", lambda app, name, args, **options: tasks.append((name, args))):
        yield tasks


@pytest.fixture
def competency(db):
    return make_competency()


@pytest.fixture
def versions(competency):
    """Eight items of 6.3 with parameters from their author's level."""
    return make_versions(competency, author_items(TRUE))


@pytest.fixture
def answered(versions):
    """The same, met by 240 people."""
    rng = np.random.default_rng(5)
    let_sit(versions, TRUE, rng.standard_normal(240), rng)
    recompute_estimates(Person.objects.values_list("pk", flat=True), "test")
    return versions


@pytest.fixture
def measured(competency, answered):
    measure_item_health(competency)
    return answered


@pytest.fixture
def run(trainer, competency, answered, sent) -> CalibrationRun:
    """A calibration with a proposal."""
    (started,) = start_calibration(trainer, [competency], model="difficulty")
    return run_through(started)
