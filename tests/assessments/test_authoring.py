"""Authoring questions: drafts, publication, retirement."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from assessments.domain.authoring import (
    ItemChanged,
    NotADraft,
    NothingNew,
    NotInReview,
    NotInUse,
    OwnDraft,
    discard_item_draft,
    draft_item_version,
    publish_item_version,
    retire_item_version,
    version_stamp,
    version_to_edit,
)
from assessments.domain.items import provisional_parameters, publish_new_version, version_digest
from assessments.domain.review import ask_for_review
from assessments.items.problems import ContentError, UnknownItemType
from assessments.items.registry import item_type
from assessments.measurement import ItemParameters, probabilities
from assessments.models import Item, ItemParameterSet, ItemVersion
from organisation.models import AuditEvent
from tests.factories.competencies import CompetencyFactory
from tests.factories.organisation import UserFactory

pytestmark = pytest.mark.django_db


def raw_content(stem: str = "Câu nào phải sửa?") -> dict[str, Any]:
    """A single choice question of three options, the second one right."""
    options = [
        {
            "vi": f"Phương án {number}",
            "en": f"Option {number}",
            "correct": number == 2,
            "why": {"vi": f"Lý do {number}", "en": f"Reason {number}"},
        }
        for number in (1, 2, 3)
    ]
    return {"stem": {"vi": stem, "en": f"{stem} (en)"}, "options": options, "rationale": {"vi": "Nhớ.", "en": "Mind."}}


@pytest.fixture
def author():
    return UserFactory()


@pytest.fixture
def reviewer():
    return UserFactory()


@pytest.fixture
def item(author):
    competency = CompetencyFactory(code="6.3")
    item = Item.objects.create(code="6.3-01", kind="single_choice", competency=competency)
    content = item_type("single_choice").parse_content(raw_content()).to_dict()
    parameters = {competency.pk: provisional_parameters(4)}
    publish_new_version(item, content, version_digest(content, 4, 60), parameters, level=4, seconds=60)
    return item


def draft(item: Item, author: Any, stem: str = "Câu mới?", level: int = 5) -> ItemVersion:
    base = version_stamp(version_to_edit(item))
    return draft_item_version(item, raw_content(stem), level=level, seconds=90, base=base, author=author)


def publish(version: ItemVersion, reviewer: Any) -> ItemVersion:
    """Ask for review and have another publish it."""
    if not version.is_in_review:
        ask_for_review(version, actor=version.author or reviewer)
        version.refresh_from_db()
    return publish_item_version(version, actor=reviewer)


def statuses(item: Item) -> list[tuple[int, str]]:
    return list(item.versions.values_list("number", "status"))


def test_draft_stands_beside_the_published_version(item, author):
    made = draft(item, author)
    assert statuses(item) == [(1, "published"), (2, "draft")]
    assert (made.level, made.seconds, made.author) == (5, 90, author)
    assert made.content["stem"]["vi"] == "Câu mới?"
    assert made.digest == version_digest(made.content, 5, 90)
    assert item.versions.get(number=1).content["stem"]["vi"] == "Câu nào phải sửa?"


def test_draft_replaces_the_draft(item, author):
    first = draft(item, author)
    second = draft(item, author, "Câu mới hơn?")
    assert second.pk == first.pk
    assert statuses(item) == [(1, "published"), (2, "draft")]
    assert item.versions.get(number=2).content["stem"]["vi"] == "Câu mới hơn?"


def test_draft_without_a_change_writes_nothing(item, author):
    published = item.versions.get()
    same = draft_item_version(
        item, published.content, level=4, seconds=60, base=version_stamp(published), author=author
    )
    assert same == published
    assert statuses(item) == [(1, "published")]


def test_draft_of_a_new_level_alone_is_a_draft(item, author):
    published = item.versions.get()
    draft_item_version(item, published.content, level=6, seconds=60, base=version_stamp(published), author=author)
    assert statuses(item) == [(1, "published"), (2, "draft")]


def test_draft_from_an_old_copy_is_refused(item, author):
    old = version_stamp(version_to_edit(item))
    newer = draft(item, author)
    with pytest.raises(ItemChanged) as refused:
        draft_item_version(item, raw_content("Câu khác?"), level=4, seconds=60, base=old, author=author)
    assert refused.value.version == newer
    newer.refresh_from_db()
    assert newer.content["stem"]["vi"] == "Câu mới?"


def test_draft_of_bad_content_is_refused_with_every_problem(item, author):
    bad = raw_content("")
    bad["options"][0]["en"] = ""
    with pytest.raises(ContentError) as refused:
        draft_item_version(item, bad, level=4, seconds=60, base=version_stamp(version_to_edit(item)), author=author)
    assert [(each.path, each.reason) for each in refused.value.problems] == [
        ("stem.vi", "empty"),
        ("options[0].en", "empty"),
    ]
    assert statuses(item) == [(1, "published")]


def test_draft_of_a_simulation_is_refused(author):
    simulation = Item.objects.create(code="one_stop", kind="simulation")
    with pytest.raises(UnknownItemType):
        draft_item_version(simulation, {}, level=4, seconds=60, base="", author=author)


def test_publishing_retires_the_version_before_and_leaves_its_words(item, author, reviewer):
    before = item.versions.get()
    published = publish(draft(item, author), reviewer)
    assert statuses(item) == [(1, "retired"), (2, "published")]
    assert item.versions.get(number=1).content == before.content
    parameters = ItemParameterSet.objects.get(version=published)
    assert (parameters.parameters, parameters.calibrated) == ({"model": "2pl", "a": 1.2, "b": 0.375}, False)
    event = AuditEvent.objects.get()
    assert (event.actor_id, event.action, event.target) == (reviewer.pk, "published", "item 6.3-01 v2")


def test_publishing_twice_is_refused(item, author, reviewer):
    published = publish(draft(item, author), reviewer)
    with pytest.raises(NotADraft):
        publish_item_version(published, actor=reviewer)
    assert AuditEvent.objects.count() == 1


def test_publishing_a_draft_that_is_no_item_changes_nothing(item, author, reviewer):
    made = draft(item, author)
    ItemVersion.objects.filter(pk=made.pk).update(content={"stem": {}})
    with pytest.raises(ContentError):
        publish(made, reviewer)
    assert statuses(item) == [(1, "published"), (2, "draft")]


def test_publishing_what_is_in_use_already_is_refused(item, author, reviewer):
    published = item.versions.get()
    draft(item, author)
    again = draft_item_version(
        item, published.content, level=4, seconds=60, base=version_stamp(version_to_edit(item)), author=author
    )
    with pytest.raises(NothingNew):
        publish(again, reviewer)
    assert statuses(item) == [(1, "published"), (2, "draft")]


def test_editing_goes_on_from_the_version_in_use_even_when_a_newer_one_is_retired(item, author, reviewer):
    made = draft(item, author)
    content = raw_content("Từ tệp?")
    parsed = item_type("single_choice").parse_content(content).to_dict()
    parameters = {item.competency_id: provisional_parameters(4)}
    publish_new_version(item, parsed, version_digest(parsed, 4, 60), parameters, level=4, seconds=60)
    publish(made, reviewer)
    assert statuses(item) == [(1, "retired"), (2, "published"), (3, "retired")]
    assert version_to_edit(item).number == 2
    assert draft(item, author, "Mới nhất?").number == 4


def test_a_published_version_cannot_be_reworded_even_past_the_domain(item, author):
    with pytest.raises(IntegrityError, match="cannot change"), transaction.atomic():
        item.versions.update(content={"stem": "other"})


def test_retiring_takes_the_item_out_of_use(item, author):
    retire_item_version(item.versions.get(), actor=author)
    assert statuses(item) == [(1, "retired")]
    assert list(AuditEvent.objects.values_list("action", "target")) == [("retired", "item 6.3-01 v1")]
    with pytest.raises(NotInUse):
        retire_item_version(item.versions.get(), actor=author)


def test_a_retired_item_comes_back_by_a_new_version(item, author, reviewer):
    retire_item_version(item.versions.get(), actor=author)
    publish(draft(item, author), reviewer)
    assert statuses(item) == [(1, "retired"), (2, "published")]


def test_discarding_removes_the_draft_alone(item, author):
    made = draft(item, author)
    discard_item_draft(made, actor=author)
    assert statuses(item) == [(1, "published")]
    assert list(AuditEvent.objects.values_list("action", "target")) == [("discarded", "item 6.3-01 v2")]


def test_discarding_a_published_version_is_refused(item, author):
    with pytest.raises(NotADraft):
        discard_item_draft(item.versions.get(), actor=author)
    assert statuses(item) == [(1, "published")]


def test_draft_is_published_after_review_by_another_alone(item, author, reviewer):
    made = draft(item, author)
    with pytest.raises(NotInReview):
        publish_item_version(made, actor=reviewer)
    ask_for_review(made, actor=author)
    with pytest.raises(OwnDraft):
        publish_item_version(made, actor=author)
    published = publish_item_version(made, actor=reviewer, text="Rõ ràng.")
    assert (published.reviewer_id, published.review_asked_at) == (reviewer.pk, None)
    said = published.comments.values_list("kind", "author", "text")
    assert list(said) == [("asked", author.pk, ""), ("published", reviewer.pk, "Rõ ràng.")]


@pytest.mark.parametrize("own", [True, False])
def test_database_refuses_publication_by_the_author_or_by_nobody(item, author, own):
    made = draft(item, author)
    with pytest.raises(IntegrityError), transaction.atomic():
        item.versions.filter(status="published").update(status="retired")
        ItemVersion.objects.filter(pk=made.pk).update(status="published", reviewer=author if own else None)


def test_changing_a_draft_takes_it_out_of_review(item, author, reviewer):
    made = draft(item, author)
    ask_for_review(made, actor=author)
    again = draft(item, author, "Câu sửa lại?")
    assert (again.pk, again.is_in_review) == (made.pk, False)
    with pytest.raises(NotInReview):
        publish_item_version(again, actor=reviewer)


def test_question_of_two_options_is_published_with_what_guessing_earns(item, author, reviewer):
    raw = raw_content("Hai phương án?")
    raw["options"] = raw["options"][:2]
    base = version_stamp(version_to_edit(item))
    published = publish(draft_item_version(item, raw, level=4, seconds=60, base=base, author=author), reviewer)
    parameters = published.parameter_sets.get().parameters
    assert (parameters["model"], parameters["c"]) == ("3pl_fixed", 0.5)
    assert probabilities(ItemParameters.from_dict(parameters), [-9.0, 9.0])[:, 1].round(2).tolist() == [0.5, 1.0]
