"""The rules of delivery on the pages: an assessment's and an item's, with errors by field."""

import pytest
from django.urls import reverse

from assessments.models import Assessment, Item
from organisation.models import AuditEvent
from tests.assessments.calibration.bank import make_quiz
from tests.factories.competencies import CompetencyFactory

pytestmark = pytest.mark.django_db

WANTED = {
    "minutes": "40",
    "max_items": "12",
    "max_items_per_competency": "4",
    "target_se": "0.3",
    "error_rate": "5",
    "error_rate_below": "12.5",
    "max_exposure": "25",
    "randomness": "50",
    "pretest_share": "10",
    "reading_minutes": "20",
    "what_0": "competency:6.3",
    "minimum_0": "2",
    "maximum_0": "6",
}


@pytest.fixture
def quiz(competency, versions):
    return make_quiz(competency)


@pytest.fixture
def english(client, trainer):
    client.cookies["django_language"] = "en"
    return client


def change(client, quiz, **data):
    return client.post(reverse("author:assessment-rules", args=[quiz.code]), WANTED | data)


def change_item(client, code="6.3-01", **data):
    return client.post(reverse("author:item-rules", args=[code]), data)


def test_rules_are_stored_as_parts_of_one_and_shown_in_percent(english, quiz):
    assert change(english, quiz)["Location"] == reverse("author:assessment-quality", args=[quiz.code])
    quiz.refresh_from_db()
    assert (quiz.minutes, quiz.max_items, quiz.max_items_per_competency, quiz.target_se) == (40, 12, 4, 0.3)
    assert (quiz.error_rate, quiz.error_rate_below) == (0.05, 0.125)
    assert (quiz.max_exposure, quiz.randomness, quiz.pretest_share) == (0.25, 0.5, 0.1)
    assert quiz.blueprint == {
        "limits": [{"attribute": "competency", "value": "6.3", "minimum": 2, "maximum": 6}],
        "max_seconds": 1200.0,
    }
    assert AuditEvent.objects.latest("pk").target == f"rules of assessment {quiz.code}"
    form = english.get(reverse("author:assessment-rules", args=[quiz.code])).context["form"]
    shown = {name: form[name].value() for name in (*WANTED, "what_1")}
    assert {name: str(value) for name, value in shown.items() if value is not None} == WANTED


def test_saving_what_is_shown_changes_nothing(english, quiz):
    change(english, quiz)
    before = Assessment.objects.values().get()
    form = english.get(reverse("author:assessment-rules", args=[quiz.code])).context["form"]
    shown = {field.html_name: field.value() for field in form if field.value() is not None}
    assert english.post(reverse("author:assessment-rules", args=[quiz.code]), shown).status_code == 302
    assert Assessment.objects.values().get() == before


@pytest.mark.parametrize(
    ("data", "field", "words"),
    [
        ({"error_rate": "60"}, "error_rate", "Ensure this value is less than or equal to 49."),
        ({"max_exposure": "x"}, "max_exposure", "Enter a number."),
        ({"max_items": ""}, "max_items", "This field is required."),
        ({"minimum_0": "9", "maximum_0": ""}, "minimum_0", "The bank has only 8 such items."),
        (
            {"max_items": "1"},
            "minimum_0",
            "With this limit the least numbers exceed the questions of a sitting.",
        ),
        ({"maximum_0": "1"}, "maximum_0", "The most is less than the least."),
        ({"what_1": "", "minimum_1": "2"}, "what_1", "Choose what is limited."),
        ({"what_1": "competency:6.3", "maximum_1": "2"}, "what_1", "This is limited in another row already."),
        ({"what_1": "kind:single_choice"}, "minimum_1", "Give the least or the most number of questions."),
    ],
)
def test_rules_that_cannot_be_name_the_field_and_change_nothing(english, quiz, data, field, words):
    before = Assessment.objects.values().get()
    response = change(english, quiz, **data)
    assert (response.status_code, response.context["form"].errors) == (422, {field: [words]})
    assert Assessment.objects.values().get() == before


def test_errors_are_in_the_readers_language(client, trainer, quiz):
    response = change(client, quiz, minimum_0="9", maximum_0="", target_se="0,3", error_rate_below="12,5")
    assert response.context["form"].errors == {"minimum_0": ["Ngân hàng chỉ có 8 câu hỏi loại này."]}


def test_an_emptied_row_takes_the_limit_away(english, quiz):
    change(english, quiz)
    change(english, quiz, what_0="", minimum_0="", maximum_0="", reading_minutes="", error_rate_below="")
    quiz.refresh_from_db()
    assert (quiz.blueprint, quiz.error_rate_below) == ({}, None)


def test_a_stored_limit_on_what_the_bank_lost_stays_a_choice(english, quiz):
    limit = {"attribute": "competency", "value": "9.9", "minimum": 0, "maximum": 3}
    Assessment.objects.update(blueprint={"limits": [limit]})
    form = english.get(reverse("author:assessment-rules", args=[quiz.code])).context["form"]
    assert form["what_0"].value() == "competency:9.9"
    assert ("competency:9.9", "9.9 (0)") in form.fields["what_0"].choices


def test_a_simulation_has_no_such_rules(client, trainer, competency):
    assert client.get(reverse("author:assessment-rules", args=["nothing"])).status_code == 404


def test_item_rules_are_stored_on_both_enemies(english, versions):
    response = change_item(english, pretest="on", testlet="case", enemies="6.3-02\n6.3-03")
    assert response["Location"] == reverse("author:item-health", args=["6.3-01"])
    item = Item.objects.get(code="6.3-01")
    assert (item.pretest, item.testlet, item.rules_changed_at is not None) == (True, "case", True)
    assert [each.code for each in Item.objects.get(code="6.3-02").enemies.all()] == ["6.3-01"]
    form = english.get(reverse("author:item-rules", args=["6.3-01"])).context["form"]
    assert form["enemies"].value() == "6.3-02\n6.3-03"
    change_item(english)
    item.refresh_from_db()
    assert (item.pretest, item.testlet, item.enemies.count()) == (False, "", 0)


@pytest.mark.parametrize(
    ("data", "field", "words"),
    [
        ({"enemies": "6.3-02 nothing\nnone"}, "enemies", "There is no such item: nothing, none."),
        ({"enemies": "6.3-01"}, "enemies", "An item cannot be its own enemy."),
        ({"testlet": "case"}, "testlet", "The other items of this testlet measure another competency."),
    ],
)
def test_item_rules_that_cannot_be_name_the_field(english, versions, data, field, words):
    Item.objects.filter(code="6.3-08").update(testlet="case", competency=CompetencyFactory())
    response = change_item(english, **data)
    assert (response.status_code, response.context["form"].errors) == (422, {field: [words]})
    assert Item.objects.get(code="6.3-01").rules_changed_at is None


def test_pages_of_rules_are_reached_from_measurement(english, quiz, measured):
    quality = english.get(reverse("author:assessment-quality", args=[quiz.code])).content.decode()
    assert quality.count(reverse("author:assessment-rules", args=[quiz.code])) == 1
    health = english.get(reverse("author:item-health", args=["6.3-01"])).content.decode()
    assert health.count(reverse("author:item-rules", args=["6.3-01"])) == 1
