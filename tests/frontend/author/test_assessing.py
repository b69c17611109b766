"""An author puts an assessment together without code: every step by plain forms, every error by field and row."""

import re

import pytest
from django.urls import reverse

from assessments.api import ask_for_review, start_attempt
from assessments.domain.authoring import retire_item_version
from assessments.models import Assessment, AssessmentSection, ItemVersion, SectionDraw, SectionItem
from organisation.models import AuditEvent
from tests.factories.assessments import make_item, sit
from tests.factories.forms import make_draw, make_form
from tests.factories.organisation import PersonFactory, PositionFactory, UnitFactory, UserFactory
from tests.frontend.forms import fields_of_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def english(client, trainer):
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def versions(competency):
    return [make_item(competency, number) for number in range(1, 6)]


def address(name, *arguments):
    return reverse(f"author:{name}", args=arguments)


def test_fixed_form_is_made_filled_opened_and_sat(english, versions):
    data = {"mode": "fixed", "name_vi": "Đề 1", "name_en": "Form 1", "code": "form-1"}
    assert english.post(address("assessment-new"), data)["Location"] == address("assessment", "form-1")
    refused = english.post(address("assessment-open", "form-1"), {"action": "open"}, follow=True)
    assert "There are no questions yet." in refused.content.decode()
    titles = {"name_vi": "Phần 1", "name_en": "Part 1", "minutes": "10"}
    made = english.post(address("section-new", "form-1"), titles)
    section = AssessmentSection.objects.get()
    assert (made["Location"], section.minutes) == (address("section", "form-1", section.pk), 10)
    page = made["Location"]
    english.post(page, {"action": "add", "code": ["9.1-02", "9.1-01", "9.1-04"]})
    first = section.items.get(order=1)
    english.post(page, {"action": f"down:{first.pk}"})
    english.post(page, {"action": f"remove:{section.items.get(order=3).pk}"})
    assert list(section.items.values_list("order", "version__item__code")) == [(1, "9.1-01"), (2, "9.1-02")]
    english.post(address("assessment-open", "form-1"), {"action": "open"})
    form = Assessment.objects.get()
    assert (form.is_open, form.max_items) == (True, 2)
    given = sit(start_attempt(PersonFactory(), form))
    assert [each.version.item_code for each in given] == ["9.1-01", "9.1-02"]
    english.post(address("assessment-open", "form-1"), {"action": "close"})
    form.refresh_from_db()
    assert not form.is_open
    assert AuditEvent.objects.filter(target="assessment form-1").count() == 3


def test_search_offers_what_is_in_use_and_not_picked_yet(english, versions):
    form = make_form(versions[:2])
    ItemVersion.objects.filter(pk=versions[2].pk).update(status="retired")
    section = form.sections.get()
    page = english.get(address("section", form.code, section.pk))
    assert [version.item.code for version, _excerpt, _kind in page.context["found"]] == ["9.1-04", "9.1-05"]
    page = english.get(address("section", form.code, section.pk), {"q": "9.1-05"})
    assert [version.item.code for version, _excerpt, _kind in page.context["found"]] == ["9.1-05"]


def test_question_whose_version_has_gone_can_be_renewed(english, versions):
    form = make_form(versions[:1])
    ItemVersion.objects.filter(pk=versions[0].pk).update(status="retired")
    newer = ItemVersion.objects.create(
        item=versions[0].item, number=2, status="published", content=versions[0].content, digest="x", level=4
    )
    page = address("section", form.code, form.sections.get().pk)
    assert "a newer version is in use" in english.get(page).content.decode()
    english.post(page, {"action": f"renew:{form.sections.get().items.get().pk}"})
    assert form.sections.get().items.get().version == newer


def test_item_that_left_use_meanwhile_is_refused_and_nothing_is_added(english, versions):
    form = make_form(versions[:1])
    response = english.post(
        address("section", form.code, form.sections.get().pk), {"action": "add", "code": ["9.1-02", "9.1-99"]}
    )
    assert (response.status_code, response.context["problem"]) == (422, "One of these items is no longer in use.")
    assert form.sections.get().items.count() == 1


def test_sections_move_and_go_with_their_questions(english, versions):
    form = make_form(versions[:1], versions[1:3])
    second = form.sections.get(order=2)
    english.post(address("section", form.code, second.pk), {"action": "section-up"})
    assert list(form.sections.values_list("order", "name_en")) == [(1, "Part 2"), (2, "Part 1")]
    english.post(address("section", form.code, second.pk), {"action": "section-remove"})
    form.refresh_from_db()
    assert (list(form.sections.values_list("order", "name_en")), form.max_items) == ([(1, "Part 1")], 1)


def test_draw_is_set_by_rows_and_shown_again_as_it_was(english, competency, versions):
    draw = make_draw()
    page = address("section", draw.code, draw.sections.get().pk)
    wanted = {
        "action": "draws",
        "count_0": "2",
        "competency_0": "9.1",
        "level_0": "4",
        "count_1": "1",
        "kind_1": "ordering",
    }
    assert english.post(page, wanted).status_code == 302
    rows = SectionDraw.objects.values_list("count", "competency__code", "kind", "level")
    assert list(rows) == [(2, "9.1", "", 4), (1, None, "ordering", None)]
    shown = english.get(page).context["draws"].initial
    assert {name: str(shown[name]) for name in wanted if name in shown} == {
        k: v for k, v in wanted.items() if k != "action"
    }
    assert [str(each) for each in english.get(address("assessment", draw.code)).context["faults"]] == [
        "The questions in use cannot fill every row of the draw: those of an exam whose right answers are secret as "
        "yet are not drawn. Ask for fewer, or narrow less."
    ]


def test_row_of_a_draw_without_a_number_is_named(english, competency):
    draw = make_draw()
    page = address("section", draw.code, draw.sections.get().pk)
    response = english.post(page, {"action": "draws", "count_0": "", "competency_0": "9.1", "count_1": "0"})
    assert response.status_code == 422
    assert response.context["draws"].errors == {
        "count_0": ["Row 1: say how many questions."],
        "count_1": ["Ensure this value is greater than or equal to 1."],
    }


RULES = {
    "name_vi": "Đề",
    "name_en": "Form",
    "minutes": "45",
    "seconds_per_question": "60",
    "opens_at": "2026-12-01T08:00",
    "closes_at": "2026-12-05T17:00",
    "max_attempts": "2",
    "wait_hours": "24",
    "feedback": "after_close",
}


def test_rules_are_stored_and_shown_again_as_they_were(english, competency):
    form = make_form()
    page = address("assessment-settings", form.code)
    assert english.post(page, RULES)["Location"] == page
    form.refresh_from_db()
    assert (form.minutes, form.seconds_per_question, form.max_attempts, form.wait_hours) == (45, 60, 2, 24)
    assert (form.feedback, form.opens_at.isoformat()) == ("after_close", "2026-12-01T01:00:00+00:00")
    before = Assessment.objects.values().get()
    shown = {name: english.get(page).context["form"][name].value() for name in RULES}
    html = english.get(page).content.decode()
    assert 'value="2026-12-01T08:00"' in html
    assert shown["feedback"] == "after_close"
    again = {**RULES, "summary_vi": form.summary_vi, "summary_en": form.summary_en}
    english.post(page, again)
    assert Assessment.objects.values().get() == before


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        ({"closes_at": "2026-11-01T08:00"}, {"closes_at": ["It closes before it opens."]}),
        (
            {"closes_at": ""},
            {"feedback": ["Say when it closes, or choose another time for the right answers."]},
        ),
        ({"seconds_per_question": "4"}, {"seconds_per_question": ["Ensure this value is greater than or equal to 5."]}),
        ({"minutes": ""}, {"minutes": ["This field is required."]}),
        ({"opens_at": "tomorrow"}, {"opens_at": ["Enter a valid date/time."]}),
    ],
)
def test_rules_that_cannot_be_name_the_field_and_change_nothing(english, competency, data, errors):
    form = make_form()
    before = Assessment.objects.values().get()
    response = english.post(address("assessment-settings", form.code), RULES | data)
    assert (response.status_code, response.context["form"].errors) == (422, errors)
    assert Assessment.objects.values().get() == before


def test_audience_is_named_by_line(english, competency):
    form = make_form()
    unit, person = UnitFactory(code="P1", name_vi="Sở Nội vụ"), PersonFactory(employee_code="NV7")
    position = PositionFactory(code="clerk")
    page = address("assessment-audience", form.code)
    wanted = {"for_everybody": "no", "units": "so noi vu\n", "positions": ["clerk"], "people": "NV7"}
    assert english.post(page, wanted).status_code == 302
    form.refresh_from_db()
    assert not form.for_everybody
    assert (form.audience_units.get(), form.audience_positions.get(), form.audience_people.get()) == (
        unit,
        position,
        person,
    )
    shown = english.get(page).context["form"]
    assert [shown[name].value() for name in wanted] == ["no", "P1", ["clerk"], "NV7"]


def test_audience_errors_name_the_line(english, competency):
    form = make_form()
    UnitFactory(code="A1", name_vi="Phòng A"), UnitFactory(code="A2", name_vi="Phòng A")
    wanted = {"for_everybody": "no", "units": "P9\n\nPhòng A", "people": "NV1\nNV2"}
    response = english.post(address("assessment-audience", form.code), wanted)
    assert response.context["form"].errors == {
        "units": [
            "Line 1: there is no unit “P9”.",
            "Line 3: several units are called “Phòng A”. Write the code of one: A1, A2.",
        ],
        "people": [
            "Line 1: there is nobody with the staff code “NV1”.",
            "Line 2: there is nobody with the staff code “NV2”.",
        ],
    }
    response = english.post(address("assessment-audience", form.code), {"for_everybody": "no"})
    assert response.context["form"].errors == {"for_everybody": ["Name at least one unit, position or person below."]}
    form.refresh_from_db()
    assert form.for_everybody


def test_second_assessment_of_a_code_is_refused(english, competency):
    make_form(code="form-1")
    data = {"mode": "draw", "name_vi": "Đề", "name_en": "Form", "code": "form-1"}
    response = english.post(address("assessment-new"), data)
    assert response.context["form"].errors == {"code": ["Another assessment has this code."]}
    assert Assessment.objects.get().mode == "fixed"


def test_form_of_the_page_is_what_a_browser_posts(english, competency):
    """A browser that posts the untouched settings page changes nothing."""
    form = make_form()
    page = address("assessment-settings", form.code)
    fields = fields_of_page(english.get(page).content.decode(), "assessment-form")
    before = Assessment.objects.values().get()
    assert english.post(page, fields).status_code == 302
    assert Assessment.objects.values().get() == before


def held(english, code):
    rows = english.get(address("item", code)).context["holdings"]
    return [(each.row.section.assessment, each.is_old, each.is_retired) for each in rows]


def test_item_says_which_forms_have_it(english, versions):
    form = make_form(versions[:1], versions[1:2])
    assert [held(english, code) for code in ("9.1-01", "9.1-02", "9.1-03")] == [
        [(form, False, False)],
        [(form, False, False)],
        [],
    ]


def test_question_taken_out_of_use_is_no_older_version_and_keeps_the_form_from_opening(english, trainer, versions):
    form = make_form(versions[:2])
    page, section = address("assessment", form.code), address("section", form.code, form.sections.get().pk)
    confirm = english.get(address("item-retire", "9.1-01")).content.decode()
    assert form.name_en in confirm and "go on giving it" in confirm
    retire_item_version(versions[0], actor=trainer)
    assert held(english, "9.1-01") == [(form, False, True)]
    fault = "A question was taken out of use and nothing newer is in use. Remove it, or publish it anew."
    for shown in (page, section):
        said = english.get(shown).content.decode()
        assert ("nothing newer is in use" in said, "a newer version" in said) == (True, False)
    assert "Take the version in use" not in english.get(section).content.decode()
    opened = english.get(page)
    assert (opened.context["faults"], "Something is wrong with it" in opened.content.decode()) == ([fault], True)
    english.post(address("assessment-open", form.code), {"action": "close"})
    refused = english.post(address("assessment-open", form.code), {"action": "open"}, follow=True)
    form.refresh_from_db()
    assert (fault in refused.content.decode(), form.is_open) == (True, False)
    row = SectionItem.objects.get(version=versions[0])
    english.post(section, {"action": f"remove:{row.pk}"})
    english.post(address("assessment-open", form.code), {"action": "open"})
    form.refresh_from_db()
    assert form.is_open


def test_newer_version_is_taken_from_the_page_of_the_item(english, versions):
    forms = [make_form(versions[:1]), make_form(versions[:2])]
    ItemVersion.objects.filter(pk=versions[0].pk).update(status="retired")
    newer = ItemVersion.objects.create(
        item=versions[0].item, number=2, status="published", content=versions[0].content, digest="x", level=4
    )
    assert held(english, "9.1-01") == [(form, True, False) for form in forms]
    assert english.get(address("assessment", forms[0].code)).context["faults"] == []
    page = english.get(address("item", "9.1-01")).content.decode()
    buttons = re.findall(r'action="([^"]+)">.*?name="action" value="(renew:\d+)"', page)
    assert len(buttons) == 2
    for action, value in buttons:
        english.post(action, {"action": value})
    assert set(SectionItem.objects.filter(version__item=newer.item).values_list("version", flat=True)) == {newer.pk}
    assert held(english, "9.1-01") == [(form, False, False) for form in forms]


def test_page_to_publish_names_the_forms_that_keep_what_they_have(english, trainer, versions):
    form = make_form(versions[:1])
    draft = ItemVersion.objects.create(
        item=versions[0].item, number=2, content=versions[0].content, digest="x", level=4, author=UserFactory()
    )
    ask_for_review(draft, actor=draft.author, text="")
    said = english.get(address("item-publish", "9.1-01")).content.decode()
    assert form.name_en in said and "keep the version they have" in said
    english.post(address("item-discard", "9.1-01"))
    assert "keep the version they have" not in english.get(address("item-discard", "9.1-01")).content.decode()


def test_forms_that_share_questions_with_an_exam_warn_on_every_page_of_questions(english, versions):
    exam = make_form(versions[:3], feedback="none", name_en="Exam")
    practice = make_form(versions[2:], name_en="Practice")
    for form, other, words in (
        (exam, practice, "meets questions of this one beforehand"),
        (practice, exam, "meets questions of an exam beforehand"),
    ):
        for page in (address("assessment", form.code), address("section", form.code, form.sections.get().pk)):
            said = english.get(page).content.decode()
            assert [each in said for each in (words, other.name_en, "1 question in common")] == [True] * 3, page
    Assessment.objects.filter(pk=exam.pk).update(is_open=False)
    assert "in common" not in english.get(address("assessment", practice.code)).content.decode()
