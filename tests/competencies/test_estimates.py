"""What is known beside what is required."""

import pytest
from django.utils import translation

from competencies.domain.queries.estimates import estimates_of
from competencies.domain.standards import PROVISIONAL_CUTS
from tests.factories.competencies import add_evidence, competency_of, make_framework, make_post
from tests.factories.organisation import PersonFactory

pytestmark = pytest.mark.django_db


def test_estimates_show_required_measured_and_both():
    framework = make_framework("9.1", "9.2", "9.3")
    first, second, third = (competency_of(framework, code) for code in ("9.1", "9.2", "9.3"))
    person = make_post({first: 4, second: 3})
    add_evidence(person, second, {"a": 1, "b": 1, "c": 1, "d": 1})
    add_evidence(person, third, {"a": 1})

    required_only, both, measured_only = estimates_of(person)
    assert (required_only.competency, required_only.required, required_only.status) == (first, 4, "not_assessed")
    assert (required_only.p_below, required_only.level, required_only.band) == (None, None, None)
    assert required_only.cuts == PROVISIONAL_CUTS
    assert (required_only.required_band, measured_only.required_band) == (2, None)

    assert both.estimate is not None
    assert both.p_below == pytest.approx(sum(both.estimate.level_probabilities[:2]))
    assert both.position == person.postings.get().position
    assert (measured_only.required, measured_only.p_below, measured_only.status) == (None, None, "insufficient")


def test_level_one_is_never_below():
    competency = competency_of(make_framework("9.1"), "9.1")
    person = make_post({competency: 1})
    add_evidence(person, competency, {"a": 0, "b": 0})
    assert estimates_of(person)[0].p_below == 0.0


def test_person_without_post_or_evidence_has_no_estimates():
    assert estimates_of(PersonFactory()) == []


@pytest.mark.parametrize("count", [1, 30])
def test_estimates_take_four_queries_for_any_number_of_competencies(count, django_assert_num_queries):
    framework = make_framework(*(f"9.{n}" for n in range(1, 31)))
    person = make_post({competency_of(framework, f"9.{n}"): 3 for n in range(1, count + 1)})
    add_evidence(person, competency_of(framework, "9.1"), {"a": 1})
    with django_assert_num_queries(4), translation.override("vi"):
        rows = estimates_of(person)
        assert {row.competency.name for row in rows} == {row.competency.name_vi for row in rows}
    assert len(rows) == count
