"""A published framework is final, in the database itself."""

import pytest
from django.db import Error, transaction

from competencies.domain.framework import FrameworkIncomplete, current_framework, publish_framework
from competencies.models import Competency, CutScore, Descriptor, Domain, Estimate, Evidence, Framework, Level
from tests.factories.competencies import (
    CompetencyFactory,
    add_evidence,
    competency_of,
    make_framework,
)
from tests.factories.organisation import PersonFactory

pytestmark = pytest.mark.django_db


PARTS = [Domain, Competency, Level, Descriptor]


@pytest.mark.parametrize(
    ("model", "operation"),
    [(model, operation) for model in [Framework, *PARTS] for operation in ("update", "delete")]
    + [(model, "insert") for model in PARTS],
)
def test_published_framework_refuses_every_change(model, operation):
    make_framework()
    row = model.objects.first()
    with pytest.raises(Error), transaction.atomic():
        if operation == "update":
            name = "text_vi" if model is Descriptor else "name_vi"
            model.objects.filter(pk=row.pk).update(**{name: "Khác"})
        elif operation == "delete":
            model.objects.filter(pk=row.pk)._raw_delete("default")
        else:
            row.pk = None
            if model in (Domain, Competency):
                row.code = "new"
            row.save(force_insert=True)


def test_draft_can_be_changed():
    framework = make_framework(publish=False)
    assert Domain.objects.filter(framework=framework).update(name_vi="Khác") == 1


def test_incomplete_framework_is_not_published():
    framework = make_framework(publish=False)
    CompetencyFactory(domain=framework.domains.get())
    with pytest.raises(FrameworkIncomplete):
        publish_framework(framework, None)
    with pytest.raises(Framework.DoesNotExist):
        current_framework()


@pytest.mark.parametrize("cuts", [[0.0] * 7, [1.0, 2.0], [1, 2, 3, 4, 5, 6, float("nan")], [1, 2, 3, 3, 5, 6, 7]])
def test_cuts_must_increase(cuts):
    framework = make_framework("9.1", publish=True)
    with pytest.raises(Error), transaction.atomic():
        CutScore.objects.filter(competency=competency_of(framework, "9.1")).update(cuts=cuts)


def test_evidence_is_append_only():
    add_evidence(PersonFactory(), competency_of(make_framework(), "9.1"), {"a": 1})
    for change in (lambda: Evidence.objects.update(score=0), lambda: Evidence.objects.all()._raw_delete("default")):
        with pytest.raises(Error), transaction.atomic():
            change()


def test_estimate_refuses_a_level_outside_its_band():
    add_evidence(PersonFactory(), competency_of(make_framework(), "9.1"), {"a": 1})
    with pytest.raises(Error), transaction.atomic():
        Estimate.objects.update(level=3, band=1)
    assert Estimate.objects.update(level=3, band=2) == 1
