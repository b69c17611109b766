"""Editing a question by form, and what may be done with its draft."""

from typing import Any

import pytest
from django.urls import reverse

from assessments.models import ItemVersion
from frontend.author.forms.items import reshape_values
from organisation.models import AuditEvent
from tests.factories.assessments import make_item

pytestmark = pytest.mark.django_db


def address(name: str, item: Any) -> str:
    return reverse(f"author:{name}", args=[item.code])


def opened(client, item) -> dict[str, Any]:
    """The values that the form has when it is opened, as a browser would post them back."""
    form = client.get(address("item-edit", item)).context["form"]
    names = [name for name in form.initial if name != "correct"]
    return {name: form.initial[name] for name in names} | {"correct": form.initial["correct"]}


def save(client, item, **changes: Any):
    return client.post(address("item-edit", item), opened(client, item) | {"action": "save"} | changes)


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
    response = save(client, item, stem_vi="Bạn làm gì\r\ntrước tiên?", level="6")
    draft = item.versions.get(number=2)
    assert (response.status_code, response["Location"]) == (302, address("item", item) + "?version=2")
    assert statuses(item) == [(1, "published"), (2, "draft")]
    assert (draft.content["stem"]["vi"], draft.level, draft.author) == ("Bạn làm gì\ntrước tiên?", 6, trainer)
    assert draft.content["options"][0]["vi"] == before["options"][0]["vi"]
    assert item.versions.get(number=1).content == before


def test_marking_another_option_as_right_is_kept(client, trainer, item):
    save(client, item, correct="2")
    options = item.versions.get(number=2).content["options"]
    assert [option["correct"] for option in options] == [False, False, True, False]


def test_errors_come_all_at_once_each_with_its_field(client, trainer, item):
    response = save(client, item, stem_en="", option_1_vi="", option_2_why_en=" ", rationale_vi="x" * 1001, level="9")
    form = response.context["form"]
    assert response.status_code == 422
    assert sorted(form.errors) == ["level", "option_1_vi", "option_2_why_en", "rationale_vi", "stem_en"]
    assert statuses(item) == [(1, "published")]
    links = [f'href="#id_{name}"' for name in form.errors]
    html = response.content.decode()
    assert [link in html for link in links] == [True] * 5


def test_two_options_that_say_the_same_are_refused(client, trainer, item):
    values = opened(client, item)
    response = save(client, item, option_1_en=values["option_0_en"])
    assert list(response.context["form"].errors) == ["option_1_en"]


def test_multiple_choice_needs_two_right_answers(client, trainer, competency):
    item = make_item(competency, 7, kind="multiple_choice").item
    response = save(client, item, correct=["0"])
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["correct"])


def test_too_few_options_are_an_error_of_the_whole_form(client, trainer, item):
    response = save(client, item, option_count="2")
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["__all__"])


@pytest.mark.parametrize(
    ("action", "expected", "correct"),
    [
        ("add", ["a", "b", "c", ""], "1"),
        ("remove-0", ["b", "c"], "0"),
        ("remove-1", ["a", "c"], ""),
        ("up-1", ["b", "a", "c"], "0"),
        ("down-1", ["a", "c", "b"], "2"),
        ("up-0", ["a", "b", "c"], "1"),
        ("down-2", ["a", "b", "c"], "1"),
        ("remove-9", ["a", "b", "c"], "1"),
        ("remove-x", ["a", "b", "c"], "1"),
        ("remove-²", ["a", "b", "c"], "1"),
        ("explode", ["a", "b", "c"], "1"),
    ],
)
def test_reshaping_moves_whole_options_with_their_mark(action, expected, correct):
    values: dict[str, Any] = {"option_count": "3", "correct": "1", "stem_vi": "s"}
    values |= {f"option_{index}_vi": text for index, text in enumerate("abc")}
    values |= {f"option_{index}_why_en": f"why {text}" for index, text in enumerate("abc")}
    reshaped = reshape_values(values, action)
    count = reshaped["option_count"]
    assert [reshaped[f"option_{index}_vi"] for index in range(count)] == expected
    assert [reshaped[f"option_{index}_why_en"] for index in range(count)] == [
        f"why {text}" if text else "" for text in expected
    ]
    assert (reshaped["correct"], reshaped["stem_vi"]) == (correct, "s")


def test_reshaping_by_button_keeps_what_was_typed_and_writes_nothing(client, trainer, item):
    response = client.post(
        address("item-edit", item), opened(client, item) | {"action": "add", "stem_vi": "Đang gõ dở", "option_0_vi": ""}
    )
    form = response.context["form"]
    assert response.status_code == 200
    assert (form.count, form["stem_vi"].value(), form["option_0_vi"].value(), form["option_4_vi"].value()) == (
        5,
        "Đang gõ dở",
        "",
        "",
    )
    assert statuses(item) == [(1, "published")]


def test_options_cannot_grow_without_end(client, trainer, item):
    response = client.post(address("item-edit", item), opened(client, item) | {"option_count": "8", "action": "add"})
    assert (response.context["form"].count, response.context["form"].can_add) == (8, False)


def test_saving_from_an_old_copy_shows_both_and_the_second_save_wins(client, trainer, item):
    old = opened(client, item)
    save(client, item, stem_en="Theirs")
    response = client.post(address("item-edit", item), old | {"action": "save", "stem_en": "Mine"})
    assert response.status_code == 422
    assert response.context["newer_texts"][1][1]["stem"] == "Theirs"
    assert response.context["form"]["stem_en"].value() == "Mine"
    assert item.versions.get(number=2).content["stem"]["en"] == "Theirs"
    again = old | {"action": "save", "stem_en": "Mine", "base": response.context["newer_stamp"]}
    client.post(address("item-edit", item), again)
    assert item.versions.get(number=2).content["stem"]["en"] == "Mine"


def confirm(client, name, item):
    asked = client.get(address(name, item))
    assert asked.status_code == 200
    return client.post(address(name, item), {"base": asked.context["base"]})


def test_publishing_asks_first_then_replaces_the_version_in_use(client, trainer, item):
    save(client, item, stem_en="New")
    response = confirm(client, "item-publish", item)
    assert (response.status_code, response["Location"]) == (302, address("item", item))
    assert statuses(item) == [(1, "retired"), (2, "published")]
    events = AuditEvent.objects.filter(actor=trainer).values_list("action", "target")
    assert list(events) == [("published", "item 9.1-01 v2")]


def test_publishing_a_draft_that_changed_meanwhile_asks_again(client, trainer, item):
    save(client, item, stem_en="New")
    stamp = client.get(address("item-publish", item)).context["base"]
    save(client, item, stem_en="Newer")
    response = client.post(address("item-publish", item), {"base": stamp})
    assert response.status_code == 200
    assert statuses(item) == [(1, "published"), (2, "draft")]


def test_publishing_a_draft_that_says_what_is_in_use_is_explained(client, trainer, item):
    save(client, item, stem_en="New")
    save(client, item, stem_en="What do you do? 9.1-01")
    response = confirm(client, "item-publish", item)
    said = [str(message) for message in client.get(response["Location"]).context["messages"]]
    assert said[-1] == "Bản nháp giống hệt phiên bản đang dùng. Hãy sửa tiếp hoặc bỏ bản nháp."
    assert statuses(item) == [(1, "published"), (2, "draft")]


def test_discarding_leaves_the_version_in_use(client, trainer, item):
    save(client, item, stem_en="New")
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
