"""What the page of a result says once a question is void or its key was corrected."""

import pytest

from assessments.domain.attempts import start_attempt
from assessments.domain.authoring import retire_item_version
from assessments.domain.corrections import key_correction, void_correction
from assessments.domain.regrading import start_regrade
from assessments.domain.submission import submit_attempt
from assessments.models import ItemVersion
from tests.factories.assessments import flipped_key, make_item, sit
from tests.factories.competencies import competency_of, make_framework, make_post
from tests.factories.forms import make_form
from tests.factories.marking import make_marked_item
from tests.factories.organisation import UserFactory
from tests.factories.regrading import finish_regrade
from tests.frontend.learn.conftest import part_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def competency():
    return competency_of(make_framework("9.1"), "9.1")


def void(version: ItemVersion) -> None:
    retire_item_version(version, actor=UserFactory())
    let_run(void_correction(version))


def let_run(correction) -> None:
    regrade = start_regrade(None, [correction], "x")
    finish_regrade(regrade)


def test_void_question_says_so_shows_no_key_and_counts_agree(client_of, competency):
    versions = [make_item(competency, number) for number in (1, 2, 3)]
    person = make_post({competency: 4})
    attempt = start_attempt(person, make_form(versions, pass_share=0.5))
    sit(attempt, lambda given: given.position != 1)
    submit_attempt(attempt)
    void(versions[0])
    client = client_of(person)
    client.cookies["django_language"] = "en"
    page = client.get(f"/learn/attempts/{attempt.pk}/result/").text
    above, scored_again = page.split('id="regrades-heading"')
    assert ("2 of 3 questions right this time" in above, "2 of 2 points" in above) == (True, False)
    for words in ("A question that was found to be faulty counts for nobody.", "You earned 2 of 2 points (100%)"):
        assert words in scored_again
    review = part_of(page, "<strong>Question 1</strong>", "</details>")
    assert ("Void" in review, "counts for nobody" in review) == (True, True)
    for words in ("Right answer", "Not right", "Vì sao", "Principle"):
        assert words not in review


def test_sitting_handed_in_after_a_question_became_void_is_not_scored_again(client_of, competency):
    versions = [make_item(competency, number) for number in (1, 2, 3)]
    person = make_post({competency: 4})
    attempt = start_attempt(person, make_form(versions, pass_share=0.5))
    sit(attempt, lambda given: given.position != 1)
    void(versions[0])
    submit_attempt(attempt)
    client = client_of(person)
    client.cookies["django_language"] = "en"
    page = client.get(f"/learn/attempts/{attempt.pk}/result/").text
    assert 'id="regrades-heading"' not in page
    assert ("2 of 2 questions right this time" in page, "You earned 2 of 2 points (100%)" in page) == (True, True)


def test_void_essay_is_not_waited_for(client_of, competency):
    essay = make_marked_item(competency, 1)
    form, person = make_form([essay, make_item(competency, 2)]), make_post({competency: 4})
    attempt = start_attempt(person, form)
    sit(attempt)
    submit_attempt(attempt)
    client = client_of(person)
    address = f"/learn/attempts/{attempt.pk}/result/"
    waits = [words in client.get(address).text for words in ("Chờ chấm", "đang được người chấm")]
    void(essay)
    assert (waits, [words in client.get(address).text for words in ("Chờ chấm", "đang được người chấm")]) == (
        [True, True],
        [False, False],
    )


def test_corrected_question_is_reviewed_by_the_corrected_key(client_of, competency):
    version = make_item(competency, 1)
    person = make_post({competency: 4})
    attempt = start_attempt(person, make_form([version]))
    sit(attempt, lambda given: False)
    submit_attempt(attempt)
    let_run(key_correction(version, flipped_key(version)))
    client = client_of(person)
    client.cookies["django_language"] = "en"
    review = part_of(
        client.get(f"/learn/attempts/{attempt.pk}/result/").text, "<strong>Question 1</strong>", "</details>"
    )
    for words in ("The key of this question was corrected.", "You chose this, right"):
        assert words in review
    assert "not right" not in review.lower()
