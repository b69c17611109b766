"""A version made void on the pages, what changed, and what the person is told on the page of the result."""

import pytest
from django.db.models import F
from django.urls import reverse

from assessments.domain.attempts import start_attempt
from assessments.domain.submission import submit_attempt
from assessments.models import Attempt, ItemVersion, Presentation, Regrade, RegradeResult
from competencies.models import Estimate
from tests.factories.assessments import make_quiz, sit
from tests.factories.organisation import UserFactory
from tests.factories.regrading import finish_regrade

pytestmark = pytest.mark.django_db


@pytest.fixture
def attempt() -> Attempt:
    """A submitted sitting of four questions, all answered rightly."""
    person, quiz = make_quiz(["9.1"], max_items=4, error_rate=0.001)
    person.user = UserFactory()
    person.save()
    attempt = start_attempt(person, quiz, seed=3)
    sit(attempt)
    submit_attempt(attempt)
    attempt.refresh_from_db()
    return attempt


@pytest.fixture
def version(attempt) -> ItemVersion:
    """The first item of the sitting, out of use."""
    given = Presentation.objects.filter(attempt=attempt).order_by("position")[0]
    ItemVersion.objects.filter(pk=given.version_id).update(status="retired")
    return ItemVersion.objects.select_related("item").get(pk=given.version_id)


def void(client, version, reason="two right options"):
    """Ask who would change, and when that is known, publish it."""
    page = client.post(reverse("author:item-void", args=[version.item.code]), {"reason": reason})
    return client.post(f"{page['Location']}publish/") if finish_regrade().status == "previewed" else page


def test_preview_says_who_would_change_and_changes_nothing(client, trainer, attempt, version, sent):
    before = Estimate.objects.values().get()
    address = reverse("author:item-void", args=[version.item.code])
    page = client.post(address, {"reason": "two right options"})["Location"]
    preview = Regrade.objects.get()
    assert page == reverse("author:regrade", args=[preview.pk])
    early = client.post(reverse("author:regrade-publish", args=[preview.pk]), follow=True)
    assert (early.context["active"], Regrade.objects.get().status) == (True, "previewing")
    finish_regrade()
    RegradeResult.objects.update(level_before=None, level_after=3)
    context = client.get(page).context
    assert (context["regrade"].done, context["regrade"].total, context["moved_count"]) == (1, 1, 1)
    (foreseen,) = context["moved"]
    assert (foreseen.score_before, foreseen.score_after) == (4, 3)
    assert Estimate.objects.values().get() == before
    assert client.get(address).context["preview"] == preview
    RegradeResult.objects.update(level_after=None, band_after=F("band_before"))
    assert client.get(page).context["moved_count"] == 0


def test_void_is_published_by_a_person_and_both_results_are_shown(client, trainer, attempt, version, sent):
    response = void(client, version)
    regrade = finish_regrade()
    assert response["Location"] == reverse("author:regrade", args=[regrade.pk])
    assert (regrade.requested_by, regrade.reason, regrade.status) == (trainer, "two right options", "done")
    result = RegradeResult.objects.get()
    RegradeResult.objects.update(level_before=4, band_before=2, level_after=None, band_after=None)
    client.cookies["django_language"] = "en"
    page = client.get(response["Location"])
    assert (page.context["moved_count"], page.context["moved"]) == (1, [result])
    text = page.content.decode()
    assert (text.count("<td>level 4</td>"), text.count("<td>too little evidence for a band</td>")) == (1, 1)
    assert client.get(reverse("author:measurement")).context["regrades"].get() == regrade
    assert client.post(f"{response['Location']}publish/").status_code == 302
    assert Regrade.objects.get() == regrade


def test_void_without_a_reason_names_the_field(client, trainer, version):
    response = client.post(reverse("author:item-void", args=[version.item.code]), {"reason": " "})
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["reason"])
    assert Regrade.objects.count() == 0


def test_version_in_use_leads_to_taking_it_out_of_use(client, trainer, attempt):
    client.cookies["django_language"] = "en"
    code = Presentation.objects.filter(attempt=attempt)[0].version.item.code
    page = client.get(reverse("author:item-void", args=[code]))
    assert page.context["problem"] == (
        "This version is in use. Take it out of use first, or the next sitting would count it again."
    )
    assert page.content.decode().count(reverse("author:item-retire", args=[code])) == 1
    refused = client.post(reverse("author:item-void", args=[code]), {"reason": "x"})
    assert (refused.status_code, Regrade.objects.count()) == (422, 0)


def test_unknown_item_or_version_is_not_found(client, trainer, version):
    assert client.get(reverse("author:item-void", args=["nothing"])).status_code == 404
    address = reverse("author:item-void", args=[version.item.code])
    assert client.get(address + "?version=7").status_code == 404


@pytest.mark.parametrize(
    ("language", "heading", "change"),
    [
        ("vi", "Chấm lại", None),
        ("en", "Scored again", "4 points before, 3 points after the correction of"),
    ],
)
def test_result_page_keeps_the_result_and_tells_of_the_regrade(
    client, trainer, attempt, version, sent, language, heading, change
):
    address = reverse("learn:result", args=[attempt.pk])
    client.force_login(attempt.person.user)
    client.cookies["django_language"] = language
    before = client.get(address)
    assert 'id="regrades-heading"' not in before.content.decode()
    client.force_login(trainer)
    void(client, version)
    finish_regrade()
    client.force_login(attempt.person.user)
    after = client.get(address)
    assert [(row.score_before, row.score_after) for row in after.context["regrades"]] == [(4, 3)]
    page = after.content.decode()
    assert page.count('id="regrades-heading"') == 1
    assert heading in page
    if change:
        assert page.count(change) == 1
    assert after.context["cards"] == before.context["cards"] != ""
