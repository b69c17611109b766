"""The item bank in the database: import, drafts, publication, immutability."""

import shutil
from pathlib import Path

import pytest
import yaml
from django.db import Error, transaction

from assessments.domain.bank import published_bank
from assessments.domain.importing import ImportCounts, ItemImportError, import_items
from assessments.domain.items import (
    ItemEditRefused,
    create_item,
    discard_draft,
    provisional_parameters,
    publish_draft,
    publish_new_version,
    save_draft,
)
from assessments.domain.versions import item_of, playable_version
from assessments.items.problems import ContentError
from assessments.items.registry import ITEM_TYPES, MARKED_TYPES, item_type
from assessments.models import Item, ItemParameterSet, ItemVersion
from organisation.models import AuditEvent
from tests.factories.assessments import CONTENT, make_bank, make_item, raw_content
from tests.factories.competencies import competency_of, load_shipped_framework, make_framework
from tests.factories.organisation import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def files(tmp_path: Path) -> Path:
    load_shipped_framework()
    directory = tmp_path / "items"
    directory.mkdir()
    shutil.copy(CONTENT / "items" / "6.3.yaml", directory)
    return directory


@pytest.fixture
def version() -> ItemVersion:
    return make_item(competency_of(make_framework("9.1"), "9.1"), 1)


def edit(path: Path, change) -> None:
    items = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(items)
    path.write_text(yaml.safe_dump(items, allow_unicode=True), encoding="utf-8")


def test_import_publishes_items_with_parameters_of_the_authors_level(files):
    counts = import_items(files)
    raw = yaml.safe_load((files / "6.3.yaml").read_text(encoding="utf-8"))
    assert counts == ImportCounts(created=len(raw), changed=0, unchanged=0)
    for entry in raw:
        version = ItemVersion.objects.get(item__code=entry["code"])
        assert (version.status, version.number, version.level) == ("published", 1, entry["level"])
        assert version.content["stem"]["en"] == entry["stem"]["en"].strip()
        assert version.item.competency is not None
        parameters = ItemParameterSet.objects.get(version=version)
        assert parameters.parameters == {"model": "2pl", "a": 1.2, "b": (entry["level"] - 4.5) * 0.75}
        assert (parameters.competency, parameters.calibrated) == (version.item.competency, False)


def test_import_again_changes_nothing_and_undoes_no_edit(files):
    created = import_items(files).created
    item = Item.objects.get(code="6.3-01")
    save_draft(item, raw_content(), level=2, seconds=60, actor=None)
    publish_draft(item, None)
    assert import_items(files) == ImportCounts(0, 0, created)
    assert item.versions.get(status="published").number == 2


def test_import_publishes_a_changed_item_as_a_new_version(files):
    created = import_items(files).created
    edit(files / "6.3.yaml", lambda items: items[0].update(level=5))
    assert import_items(files) == ImportCounts(0, 1, created - 1)
    versions = ItemVersion.objects.filter(item__code="6.3-01")
    assert list(versions.values_list("number", "status", "level")) == [(1, "retired", 1), (2, "published", 5)]


def test_import_takes_parameters_the_author_gives(files):
    edit(files / "6.3.yaml", lambda items: items[0].update(parameters={"model": "2pl", "a": 0.8, "b": 1.5}))
    import_items(files)
    parameters = ItemParameterSet.objects.get(version__item__code="6.3-01")
    assert parameters.parameters == {"model": "2pl", "a": 0.8, "b": 1.5}


def test_import_with_a_problem_writes_nothing(files):
    shutil.copy(files / "6.3.yaml", files / "99.9.yaml")
    edit(files / "6.3.yaml", lambda items: items[3]["stem"].pop("en"))
    with pytest.raises(ItemImportError) as caught:
        import_items(files)
    assert str(caught.value).splitlines() == [
        "6.3.yaml, 6.3-04, stem.en: empty",
        "99.9.yaml: unknown_competency 99.9",
    ]
    assert Item.objects.count() == 0


def test_import_keeps_the_kind_of_an_item(files):
    import_items(files)
    edit(files / "6.3.yaml", lambda items: items[0].update(raw_content("ordering")))
    with pytest.raises(ItemImportError, match=r"6\.3-01, kind: kind_is_final single_choice"):
        import_items(files)


def test_edit_publishes_a_second_version_and_retires_the_first(version):
    author, reviewer = UserFactory(), UserFactory()
    draft = save_draft(version.item, raw_content(word="mới"), level=6, seconds=90, actor=author, base=version.digest)
    assert (draft.status, draft.number, draft.author) == ("draft", 2, author)
    again = save_draft(version.item, raw_content(word="nữa"), level=6, seconds=90, actor=author, base=draft.digest)
    assert again.pk == draft.pk

    with pytest.raises(ItemEditRefused, match="own_draft"):
        publish_draft(version.item, author)
    published = publish_draft(version.item, reviewer)
    version.refresh_from_db()
    assert (version.status, published.status) == ("retired", "published")
    assert ItemParameterSet.objects.get(version=published).parameters == provisional_parameters(6)
    assert AuditEvent.objects.values_list("actor_id", "target").get(target__startswith="item") == (
        reviewer.pk,
        "item 9.1-01 v2",
    )
    assert item_of(published.pk)["stem"]["vi"] == "Bạn làm gì? nữa"


def test_edit_of_what_somebody_else_changed_meanwhile_is_refused(version):
    save_draft(version.item, raw_content(word="một"), level=4, seconds=60, actor=None, base=version.digest)
    with pytest.raises(ItemEditRefused, match="stale"):
        save_draft(version.item, raw_content(word="hai"), level=4, seconds=60, actor=None, base=version.digest)


def test_draft_that_does_not_fit_is_not_saved(version):
    with pytest.raises(ContentError):
        save_draft(version.item, {"stem": 1}, level=4, seconds=60, actor=None)
    with pytest.raises(ItemEditRefused, match="no_draft"):
        publish_draft(version.item, None)


def test_draft_that_changes_nothing_is_not_published(version):
    save_draft(version.item, raw_content(version.item.kind, "9.1-01"), level=version.level, seconds=60, actor=None)
    with pytest.raises(ItemEditRefused, match="unchanged"):
        publish_draft(version.item, None)
    discard_draft(version.item)
    with pytest.raises(ItemEditRefused, match="no_draft"):
        discard_draft(version.item)


def test_new_item_takes_the_next_code(version):
    competency = version.item.competency
    assert competency is not None
    draft = create_item("ordering", competency, raw_content("ordering"), level=3, seconds=40, actor=None)
    assert (draft.item.code, draft.status) == ("9.1-02", "draft")
    with pytest.raises(ItemVersion.DoesNotExist):
        playable_version(draft.pk)


@pytest.mark.parametrize(
    "change",
    [{"content": {}}, {"digest": "x"}, {"level": 1}, {"number": 9}, {"status": "draft"}],
    ids=lambda change: next(iter(change)),
)
def test_published_version_refuses_change(version, change):
    with pytest.raises(Error), transaction.atomic():
        ItemVersion.objects.filter(pk=version.pk).update(**change)


def test_published_version_and_parameters_refuse_deletion(version):
    for model in (ItemVersion, ItemParameterSet):
        with pytest.raises(Error), transaction.atomic():
            model.objects.all()._raw_delete("default")
    with pytest.raises(Error), transaction.atomic():
        ItemParameterSet.objects.update(parameters={})


def test_retired_version_is_not_published_again(version):
    ItemVersion.objects.filter(pk=version.pk).update(status="retired")
    with pytest.raises(Error), transaction.atomic():
        ItemVersion.objects.filter(pk=version.pk).update(status="published")


def test_bank_holds_published_versions_with_the_newest_parameters():
    framework = make_framework("9.1", "9.2")
    first, second = competency_of(framework, "9.1"), competency_of(framework, "9.2")
    make_bank([first], each=3)
    version = make_item(second, 1)
    save_draft(version.item, raw_content(word="nháp"), level=4, seconds=60, actor=None)
    newer = {"model": "2pl", "a": 0.9, "b": 0.3}
    ItemParameterSet.objects.create(version=version, competency=second, parameters=newer)

    bank = published_bank(recheck=True)
    assert {pk: len(items) for pk, items in bank.by_competency.items()} == {first.pk: 3, second.pk: 1}
    entry = bank.entries[version.item_id]
    assert (entry.version_pk, entry.parameters) == (version.pk, newer)


def test_bank_is_read_again_only_after_a_change(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr("assessments.domain.bank.RECHECK_SECONDS", 3600)
    framework = make_framework("9.1")
    make_bank([competency_of(framework, "9.1")], each=3)
    first = published_bank(recheck=True)
    with django_assert_num_queries(0):
        assert published_bank() is first
    with django_assert_num_queries(1):
        assert published_bank(recheck=True) is first
    make_item(competency_of(framework, "9.1"), 9)
    with django_assert_num_queries(2):
        assert len(published_bank(recheck=True).entries) == 4


def test_adaptive_bank_leaves_out_what_people_mark():
    competency = competency_of(make_framework("9.1"), "9.1")
    made = {}
    for kind in sorted(ITEM_TYPES):
        module = item_type(kind)
        content = module.parse_content(module.SAMPLE)
        item = Item.objects.create(code=f"kind-{kind}", kind=kind, competency=competency)
        parameters = {competency.pk: provisional_parameters(4, module.maximum(content))}
        publish_new_version(item, content.to_dict(), kind, parameters, level=4, seconds=60)
        made[item.pk] = kind
    held = {made[pk] for pk in published_bank(recheck=True).entries if pk in made}
    assert held == set(ITEM_TYPES) - set(MARKED_TYPES)
