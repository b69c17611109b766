"""Correlations between competencies, learned from estimates in the database."""

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from assessments.domain.correlations import FEWEST_PEOPLE, learn_correlations
from competencies.domain.correlation import correlations_in_force
from competencies.models import Competency, CorrelationMatrix, Estimate, Standard
from tests.factories.competencies import make_framework
from tests.factories.organisation import PersonFactory

pytestmark = pytest.mark.django_db


def measure_people(count: int, correlation: float) -> list[int]:
    """Own estimates of people whose abilities in three competencies correlate so."""
    make_framework("9.1", "9.2", "9.3")
    pks = list(Competency.objects.order_by("pk").values_list("pk", flat=True))
    rng = np.random.default_rng(4)
    theta = rng.multivariate_normal(np.zeros(3), correlation + (1 - correlation) * np.eye(3), count)
    noise = 0.5
    reliability = 1 / (1 + noise**2)
    mean = (theta + rng.normal(0, noise, theta.shape)) * reliability
    standard, now = Standard.objects.get(), timezone.now()
    people = [PersonFactory() for _ in range(count)]
    Estimate.objects.bulk_create(
        Estimate(
            person=person,
            competency_id=pk,
            standard=standard,
            mean=mean[at, column],
            se=(1 - reliability) ** 0.5,
            level_probabilities=[0.125] * 8,
            evidence_count=5,
            measured_at=now,
            as_of=now,
        )
        for at, person in enumerate(people)
        for column, pk in enumerate(pks)
    )
    return pks


def test_correlations_are_learned_once_there_are_enough_people():
    pks = measure_people(FEWEST_PEOPLE + 50, 0.75)
    now = timezone.now()
    default = correlations_in_force(pks, now)
    learned = learn_correlations(now)
    assert learned is not None
    values = np.array(learned.values).reshape(3, 3)
    assert learned.competencies == pks
    assert np.allclose(values, values.T)
    assert np.linalg.eigvalsh(values)[0] > 0
    assert values[np.triu_indices(3, 1)] == pytest.approx([0.75] * 3, abs=0.1)
    assert correlations_in_force(pks, now).matrix_pk == learned.pk
    assert correlations_in_force(pks, now - timedelta(minutes=1)) == default


def test_correlations_that_have_not_moved_stay_in_force():
    measure_people(FEWEST_PEOPLE, 0.6)
    assert learn_correlations() is not None
    assert learn_correlations() is None
    assert CorrelationMatrix.objects.count() == 1
