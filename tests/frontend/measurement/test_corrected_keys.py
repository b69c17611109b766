"""A corrected key on the pages: chosen, previewed with who changes, published by somebody else than who sat it."""

import pytest
from django.urls import reverse

from assessments.domain.attempts import start_attempt
from assessments.domain.points import points_of
from assessments.domain.submission import submit_attempt
from assessments.models import Attempt, MarkingRule, Regrade
from tests.factories.assessments import flipped_key, make_item, sit
from tests.factories.competencies import competency_of, make_framework, make_post
from tests.factories.forms import make_form
from tests.factories.marking import make_marked_item
from tests.factories.organisation import RoleGrantFactory
from tests.factories.regrading import finish_regrade

pytestmark = pytest.mark.django_db


@pytest.fixture
def subject():
    return competency_of(make_framework("9.1"), "9.1")


@pytest.fixture
def version(subject):
    return make_item(subject, 1)


@pytest.fixture
def attempt(subject, version) -> Attempt:
    """A sitting of two questions, answered wrongly by the first key and not passed."""
    form = make_form([version, make_item(subject, 2)], pass_share=0.5)
    attempt = start_attempt(make_post({subject: 4}), form)
    sit(attempt, lambda given: False)
    submit_attempt(attempt)
    return attempt


def address(version) -> str:
    return reverse("author:item-key", args=[version.item.code])


def preview(client, version, **fields: str) -> str:
    """Ask who would change and let a worker find out; return the page that says so."""
    chosen = {"version": "1", "by": "2", "reason": "khoá sai"} | fields
    page = client.post(address(version), chosen)["Location"]
    finish_regrade()
    return page


def test_trainer_sees_who_changes_and_publishes_the_corrected_key(client, trainer, attempt, version, sent):
    flipped_key(version)
    client.cookies["django_language"] = "en"
    page = preview(client, version)
    shown = client.get(page).text
    for words in (
        "1 sitting changes. 1 passes that did not.",
        attempt.person.full_name,
        attempt.person.employee_code,
        "Answers to version 1 of item 9.1-01 are scored by the key of version 2.",
        "Publish the corrected key",
    ):
        assert words in shown
    assert "Make the version void" not in shown
    assert points_of(attempt).earned == 0
    done = client.post(f"{page}publish/", follow=True)
    assert [str(each) for each in done.context["messages"]] == [
        "The corrected key is published. Sittings that met it are being scored again."
    ]
    assert finish_regrade().requested_by == trainer
    assert points_of(attempt).earned == 1


def test_who_sat_it_is_not_named_to_trainers_who_do_not_mark_the_assessment(client, trainer, attempt, version, sent):
    flipped_key(version)
    MarkingRule.objects.create(assessment=attempt.assessment).panel.add(RoleGrantFactory(role="trainer").user)
    page = client.get(preview(client, version))
    assert [(row.score_after, is_named) for row, is_named in page.context["changed"]] == [(1, False)]
    assert (attempt.person.full_name in page.text, attempt.person.employee_code in page.text) == (False, False)
    assert "Người làm bài mà nhóm khác chấm" in page.text


def test_trainer_who_sat_the_question_is_told_that_another_publishes(client, trainer, attempt, version, sent):
    attempt.person.user = trainer
    attempt.person.save()
    flipped_key(version)
    page = preview(client, version)
    refused = client.post(f"{page}publish/", follow=True)
    assert [str(each) for each in refused.context["messages"]] == [
        "Chính anh/chị đã làm câu này, mà không ai được công bố việc sửa kết quả của mình. Hãy nhờ cán bộ đào tạo khác."
    ]
    assert Regrade.objects.get().status == "previewed"


def test_versions_that_cannot_be_are_refused_by_their_field(client, trainer, attempt, version, sent):
    assert "Câu hỏi này mới có một phiên bản" in client.get(address(version)).context["problem"]
    flipped_key(flipped_key(version))
    for fields, name in (
        ({"version": "2", "by": "2"}, "by"),
        ({"version": "3"}, "version"),
        ({"by": "1"}, "by"),
        ({"version": "9"}, "version"),
        ({"reason": " "}, "reason"),
    ):
        refused = client.post(address(version), {"version": "1", "by": "2", "reason": "x"} | fields)
        assert (refused.status_code, list(refused.context["form"].errors)) == (422, [name]), fields
    assert Regrade.objects.count() == 0


def test_question_that_people_mark_has_no_key_to_correct(client, trainer, subject):
    essay = make_marked_item(subject)
    page = client.get(address(essay))
    assert page.context["problem"] == "Câu này do người chấm nên không có đáp án. Điểm chấm được sửa qua phúc khảo."
    assert client.post(address(essay), {"version": "1", "by": "1", "reason": "x"}).status_code == 422


@pytest.mark.parametrize("query", ["?version=1&appeal=7", "?version=x&appeal=x", "?version=99999999999999999999"])
def test_page_takes_the_version_and_the_appeal_of_its_address(client, trainer, version, query):
    flipped_key(version)
    form = client.get(address(version) + query).context["form"]
    expected = {"version": 1, "reason": "Đơn phúc khảo 7: "} if "appeal=7" in query else {"version": None, "reason": ""}
    assert form.initial == expected
