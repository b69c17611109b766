"""Editing a question by form, and what may be done with its draft."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.api import NotADraft
from assessments.models import ItemVersion
from frontend.author.forms.kinds import SHAPES
from organisation.models import AuditEvent
from tests.factories.assessments import make_item
from tests.factories.organisation import UserFactory
from tests.frontend.forms import fields_of_page

pytestmark = pytest.mark.django_db


def address(name: str, item: Any) -> str:
    return reverse(f"author:{name}", args=[item.code])


def opened(client, item) -> dict[str, Any]:
    """The values that the form has when it is opened, as a browser would post them back."""
    return fields_of_page(client.get(address("item-edit", item)).content.decode())


def save(client, item, changes: dict[str, Any] | None = None):
    return client.post(address("item-edit", item), opened(client, item) | {"action": "save"} | (changes or {}))


def statuses(item) -> list[tuple[int, str]]:
    return list(item.versions.values_list("number", "status"))


@pytest.mark.parametrize("kind", ["single_choice", "multiple_choice", "ordering"])
def test_form_that_is_saved_untouched_changes_nothing(client, trainer, competency, kind):
    item = make_item(competency, 7, kind=kind).item
    response = save(client, item)
    assert (response.status_code, response["Location"]) == (302, address("item", item))
    assert statuses(item) == [(1, "published")]


@pytest.mark.parametrize("kind", ["single_choice", "multiple_choice", "ordering"])
def test_saving_makes_a_draft_and_leaves_what_learners_see(client, trainer, competency, kind):
    item = make_item(competency, 7, kind=kind).item
    before = item.versions.get().content
    response = save(client, item, {"stem.vi": "Bạn làm gì\r\ntrước tiên?", "level": "6"})
    draft = item.versions.get(number=2)
    assert (response.status_code, response["Location"]) == (302, address("item", item) + "?version=2")
    assert statuses(item) == [(1, "published"), (2, "draft")]
    assert (draft.content["stem"]["vi"], draft.level, draft.author) == ("Bạn làm gì\ntrước tiên?", 6, trainer)
    assert draft.content["options"][0]["vi"] == before["options"][0]["vi"]
    assert item.versions.get(number=1).content == before


def test_marking_another_option_as_right_is_kept(client, trainer, item):
    save(client, item, {"options-correct": "2"})
    options = item.versions.get(number=2).content["options"]
    assert [option["correct"] for option in options] == [False, False, True, False]


def test_errors_come_all_at_once_each_with_its_field(client, trainer, item):
    changes = {"stem.en": "", "options[1].vi": "", "options[2].why.en": " ", "rationale.vi": "x" * 1001, "level": "9"}
    response = save(client, item, changes)
    form = response.context["form"]
    assert response.status_code == 422
    assert sorted(form.errors) == sorted(changes)
    assert statuses(item) == [(1, "published")]
    html = response.content.decode()
    assert [f'href="#id_{name}"' in html and f'id="id_{name}"' in html for name in form.errors] == [True] * 5


def test_two_options_that_say_the_same_are_refused(client, trainer, item):
    values = opened(client, item)
    response = save(client, item, {"options[1].en": values["options[0].en"]})
    assert list(response.context["form"].errors) == ["options[1].en"]


def test_multiple_choice_needs_two_right_answers(client, trainer, competency):
    item = make_item(competency, 7, kind="multiple_choice").item
    response = save(client, item, {"options-correct": ["0"]})
    errors = response.context["form"].errors
    assert (response.status_code, errors) == (
        422,
        {"__all__": ["Các phương án: Hãy đánh dấu ít nhất hai phương án đúng và để lại ít nhất một phương án sai."]},
    )


def test_scoring_rule_of_multiple_choice_is_kept_and_can_be_changed(client, trainer, competency):
    item = make_item(competency, 7, kind="multiple_choice").item
    save(client, item, {"scoring": "plus_minus"})
    assert item.versions.get(number=2).content["scoring"] == "plus_minus"
    save(client, item, {"stem.vi": "Câu khác"})
    assert item.versions.get(number=2).content["scoring"] == "plus_minus"


def test_too_few_options_are_an_error_of_the_whole_form(client, trainer, item):
    response = save(client, item, {"options-count": "1"})
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["__all__"])


@pytest.mark.parametrize(
    ("action", "expected", "correct"),
    [
        ("add:options", ["a", "b", "c", ""], "b"),
        ("remove:options:0", ["b", "c"], "b"),
        ("remove:options:1", ["a", "c"], None),
        ("up:options:1", ["a", "b", "c"], "b"),
        ("remove:options:9", ["a", "b", "c"], "b"),
        ("remove:options:x", ["a", "b", "c"], "b"),
        ("remove:options:²", ["a", "b", "c"], "b"),
        ("remove:stem:0", ["a", "b", "c"], "b"),
        ("add:options[0].why", ["a", "b", "c"], "b"),
        ("add:nothing", ["a", "b", "c"], "b"),
        ("explode", ["a", "b", "c"], "b"),
    ],
)
def test_reshaping_moves_whole_rows_with_their_mark(action, expected, correct):
    shape = SHAPES["single_choice"]
    options = [{"vi": text, "en": "", "correct": text == "b", "why": {"vi": f"why {text}", "en": ""}} for text in "abc"]
    value, _anchor = shape.change(shape.load({"options": options}), action)
    assert [row["vi"] for row in value["options"]] == expected
    assert [row["why"]["vi"] for row in value["options"]] == [f"why {text}" if text else "" for text in expected]
    assert next((row["vi"] for row in value["options"] if row["correct"]), None) == correct


@pytest.mark.parametrize(
    ("action", "expected"),
    [("up:options:1", "bac"), ("down:options:1", "acb"), ("up:options:0", "abc"), ("down:options:2", "abc")],
)
def test_steps_are_moved(action, expected):
    shape = SHAPES["ordering"]
    value, anchor = shape.change(shape.load({"options": [{"vi": text, "en": ""} for text in "abc"]}), action)
    assert "".join(row["vi"] for row in value["options"]) == expected
    assert anchor == ({"bac": "part-options-0", "acb": "part-options-2"}.get(expected, ""))


def test_reshaping_by_button_keeps_what_was_typed_and_writes_nothing(client, trainer, item):
    changes = {"action": "add:options", "stem.vi": "Đang gõ dở", "options[0].vi": ""}
    response = client.post(address("item-edit", item), opened(client, item) | changes)
    fields = fields_of_page(response.content.decode())
    assert response.status_code == 200
    assert [fields[name] for name in ("options-count", "stem.vi", "options[0].vi", "options[4].vi")] == [
        ["5"],
        ["Đang gõ dở"],
        [""],
        [""],
    ]
    assert response.context["anchor"] == "part-options-4"
    assert statuses(item) == [(1, "published")]


def test_rows_cannot_grow_without_end(client, trainer, item):
    values = opened(client, item) | {"options-count": "10", "action": "add:options"}
    response = client.post(address("item-edit", item), values)
    assert fields_of_page(response.content.decode())["options-count"] == ["10"]
    assert 'value="add:options"' not in response.content.decode()


def test_saving_from_an_old_copy_shows_both_and_the_second_save_wins(client, trainer, item):
    old = opened(client, item)
    save(client, item, {"stem.en": "Theirs"})
    response = client.post(address("item-edit", item), old | {"action": "save", "stem.en": "Mine"})
    assert response.status_code == 422
    assert response.context["newer_texts"][1][1]["stem"] == "Theirs"
    assert response.context["form"]["stem.en"].value() == "Mine"
    assert item.versions.get(number=2).content["stem"]["en"] == "Theirs"
    again = old | {"action": "save", "stem.en": "Mine", "base": response.context["newer_stamp"]}
    client.post(address("item-edit", item), again)
    assert item.versions.get(number=2).content["stem"]["en"] == "Mine"


def in_review(item) -> None:
    """Have the draft wait for the trainer who is signed in: another wrote it."""
    item.versions.filter(status="draft").update(author=UserFactory(), writers=[], review_asked_at=timezone.now())


def confirm(client, name, item):
    asked = client.get(address(name, item))
    assert asked.status_code == 200
    return client.post(address(name, item), {"base": asked.context["base"]})


def test_publishing_asks_first_then_replaces_the_version_in_use(client, trainer, item):
    save(client, item, {"stem.en": "New"})
    in_review(item)
    response = confirm(client, "item-publish", item)
    assert (response.status_code, response["Location"]) == (302, address("item", item))
    assert statuses(item) == [(1, "retired"), (2, "published")]
    events = AuditEvent.objects.filter(actor=trainer).values_list("action", "target")
    assert list(events) == [("published", "item 9.1-01 v2")]


def test_publishing_a_draft_that_changed_meanwhile_asks_again(client, trainer, item):
    save(client, item, {"stem.en": "New"})
    stamp = client.get(address("item-publish", item)).context["base"]
    save(client, item, {"stem.en": "Newer"})
    response = client.post(address("item-publish", item), {"base": stamp})
    assert response.status_code == 200
    assert statuses(item) == [(1, "published"), (2, "draft")]


def test_publishing_a_draft_that_says_what_is_in_use_is_explained(client, trainer, item):
    save(client, item, {"stem.en": "New"})
    save(client, item, {"stem.en": "What do you do? 9.1-01"})
    in_review(item)
    response = confirm(client, "item-publish", item)
    said = [str(message) for message in client.get(response["Location"]).context["messages"]]
    assert said[-1] == "Bản nháp giống hệt phiên bản đang dùng. Hãy sửa tiếp hoặc bỏ bản nháp."
    assert statuses(item) == [(1, "published"), (2, "draft")]


@pytest.mark.parametrize("fault", [NotADraft, ItemVersion.DoesNotExist])
def test_who_publishes_second_is_told_that_the_item_has_changed(client, trainer, item, monkeypatch, fault):
    save(client, item, {"stem.en": "New"})
    in_review(item)

    def lose(*arguments: object, **options: object) -> None:
        raise fault

    monkeypatch.setattr("frontend.author.editing.publish_item_version", lose)
    response = confirm(client, "item-publish", item)
    said = [str(message) for message in client.get(response["Location"]).context["messages"]]
    assert said[-1] == "Câu hỏi vừa có thay đổi: phiên bản này không còn nữa."


def test_discarding_leaves_the_version_in_use(client, trainer, item):
    save(client, item, {"stem.en": "New"})
    confirm(client, "item-discard", item)
    assert statuses(item) == [(1, "published")]


def test_retiring_takes_the_item_out_of_use(client, trainer, item):
    confirm(client, "item-retire", item)
    assert statuses(item) == [(1, "retired")]


@pytest.mark.parametrize("name", ["item-publish", "item-discard"])
def test_without_a_draft_there_is_nothing_to_confirm(client, trainer, item, name):
    response = client.post(address(name, item), {"base": "x"})
    assert (response.status_code, response["Location"]) == (302, address("item", item))
    assert ItemVersion.objects.count() == 1
