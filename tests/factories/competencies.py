"""Frameworks, role profiles and evidence."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from competencies.domain.evidence import ObservableScore, record_evidence
from competencies.domain.framework import import_framework, publish_framework
from competencies.models import (
    BANDS,
    LEVELS,
    Competency,
    Descriptor,
    Domain,
    Estimate,
    Framework,
    Level,
    Requirement,
    RoleProfile,
)
from organisation.models import Person, Position, Posting
from tests.factories.base import ModelFactory, factory
from tests.factories.organisation import PersonFactory, PositionFactory, PostingFactory

CONTENT = Path(__file__).resolve().parents[2] / "competencies" / "content"
MIDDLE = {"model": "2pl", "a": 1.2, "b": 0.0}


class FrameworkFactory(ModelFactory):
    """A draft without parts."""

    class Meta:
        model = Framework

    code = factory.Sequence(lambda n: f"framework-{n}")
    version = "1"
    name_vi = "Khung năng lực"
    name_en = "Framework"


class DomainFactory(ModelFactory):
    class Meta:
        model = Domain

    framework = factory.SubFactory(FrameworkFactory)
    code = factory.Sequence(lambda n: str(n))
    order = factory.Sequence(lambda n: n)
    name_vi = factory.Sequence(lambda n: f"Lĩnh vực {n}")
    name_en = factory.Sequence(lambda n: f"Domain {n}")


class CompetencyFactory(ModelFactory):
    class Meta:
        model = Competency

    domain = factory.SubFactory(DomainFactory)
    code = factory.Sequence(lambda n: f"9.{n}")
    order = factory.Sequence(lambda n: n)
    name_vi = factory.Sequence(lambda n: f"Năng lực {n}")
    name_en = factory.Sequence(lambda n: f"Competency {n}")


def make_framework(*codes: str, publish: bool = True) -> Framework:
    """Make a whole framework of one domain with these competencies; published ones have provisional cut scores."""
    domain = DomainFactory()
    for code in codes or ("9.1", "9.2"):
        competency = CompetencyFactory(domain=domain, code=code)
        for band in range(1, BANDS + 1):
            Descriptor.objects.create(competency=competency, band=band, text_vi="Mô tả", text_en="Descriptor")
    for number in range(1, LEVELS + 1):
        Level.objects.create(
            framework=domain.framework,
            number=number,
            band=(number + 1) // 2,
            **dict.fromkeys(["name_vi", "name_en", "band_vi", "band_en", "summary_vi", "summary_en"], str(number)),
        )
    return publish_framework(domain.framework, None) if publish else domain.framework


def load_shipped_framework() -> Framework:
    """Import and publish the framework that ships."""
    return import_framework(CONTENT, publish=True)


def competency_of(framework: Framework, code: str) -> Competency:
    """Return a competency of the framework."""
    return Competency.objects.get(domain__framework=framework, code=code)


def make_post(
    requirements: Mapping[Competency, int],
    *,
    person: Person | None = None,
    position: Position | None = None,
    valid_from: date = date(2020, 1, 1),
) -> Person:
    """Return a person whose position requires these levels."""
    profile = RoleProfile.objects.create(position=position or PositionFactory(), valid=DateRange(valid_from, None))
    for competency, level in requirements.items():
        Requirement.objects.create(role_profile=profile, competency=competency, level=level)
    posting: Posting = PostingFactory(person=person or PersonFactory(), position=profile.position)
    return posting.person


def add_evidence(
    person: Person,
    competency: Competency,
    scores: Mapping[str, int],
    *,
    source_id: str = "",
    observed_at: datetime = datetime(2026, 3, 2, 8, tzinfo=UTC),
    parameters: Mapping[str, Any] = MIDDLE,
    scoring_version: int = 1,
    maximum: int = 1,
) -> list[Estimate]:
    """Record right and wrong answers: observable -> score. The source is one sitting of the person unless named.

    maximum: 0 makes what was observed void.
    """
    observables = [ObservableScore(competency.pk, name, score, maximum, parameters) for name, score in scores.items()]
    with transaction.atomic():
        return record_evidence(
            person,
            source_kind="test",
            source_id=source_id or f"sitting {person.pk}",
            observed_at=observed_at,
            observables=observables,
            scoring_version=scoring_version,
        )
