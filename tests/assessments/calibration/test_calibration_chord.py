"""The chord of a calibration with a real worker, the real broker and the real database."""

import threading
import time
from collections.abc import Iterator
from uuid import uuid4

import numpy as np
import pytest
from celery.contrib.testing.worker import start_worker
from django.conf import settings

from assessments.domain import calibration_steps
from assessments.domain.calibration import start_calibration
from assessments.domain.queries.response_table import read_response_table
from assessments.measurement import ItemPrior, calibrate
from lms.celery import app
from tests.assessments.calibration.bank import author_items, let_sit, make_competency, make_versions, new_of, true_items
from tests.factories.organisation import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A worker on a queue of its own, so that no other installation's worker takes the messages."""
    before = {name: app.conf[name] for name in ("task_default_queue", "result_backend")}
    monkeypatch.setattr(app, "_local", threading.local())
    monkeypatch.setattr(app, "_backend_cache", None)
    app.conf.update(task_default_queue=f"test-{uuid4()}", result_backend=settings.CELERY_RESULT_BACKEND)
    app.__dict__.pop("amqp", None)
    try:
        with start_worker(app, pool="threads", concurrency=2, perform_ping_check=False, shutdown_timeout=30):
            yield
    finally:
        app.conf.update(before)
        app.__dict__.pop("amqp", None)


def test_workers_give_the_answer_of_one_process(worker, monkeypatch):
    monkeypatch.setattr(calibration_steps, "PEOPLE_PER_CHUNK", 100)
    competency, rng = make_competency(), np.random.default_rng(3)
    truth = true_items(rng, 6)
    let_sit(make_versions(competency, author_items(truth)), truth, rng.standard_normal(300), rng)
    (run,) = start_calibration(UserFactory(), [competency])
    deadline = time.monotonic() + 180
    while run.status in ("queued", "running") and time.monotonic() < deadline:
        time.sleep(0.2)
        run.refresh_from_db()
    assert (run.status, run.chunks, run.problem, run.detail) == ("ready", 3, "", {})
    responses = read_response_table(competency.pk).responses
    assert responses is not None
    expected = calibrate(responses, ItemPrior(b_mean=(-0.375,) * 6, b_sd=1.5))
    found = [(new_of(row)["a"], new_of(row)["b"], *row.standard_errors) for row in run.proposals.all()]
    wanted = [(each.a, each.b, *se) for each, se in zip(expected.parameters, expected.se, strict=True)]
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-8)
