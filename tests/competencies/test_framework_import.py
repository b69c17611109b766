"""A framework from files: read whole or not at all."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import translation

from competencies.domain.framework import current_framework, import_framework, publish_framework
from competencies.domain.problems import FrameworkImportError, describe_problem
from competencies.domain.standards import PROVISIONAL_CUTS, current_standard, cuts_of
from competencies.importing.problems import ImportProblem
from competencies.models import Competency, Descriptor, Domain, Framework, Level, Standard, band_of_level
from organisation.models import AuditEvent
from tests.factories.competencies import CONTENT
from tests.factories.organisation import UserFactory

Row = dict[str, str]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    shutil.copytree(CONTENT, tmp_path / "framework")
    return tmp_path / "framework"


def rewrite(path: Path, change: Callable[[list[Row]], object]) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def problems_of(directory: Path) -> list[ImportProblem]:
    with pytest.raises(FrameworkImportError) as caught:
        import_framework(directory, publish=True)
    assert Framework.objects.count() == 0
    return caught.value.problems


def test_shipped_framework_is_whole_and_published(db):
    user = UserFactory()
    framework = import_framework(CONTENT, publish=True, actor=user)

    assert current_framework() == framework
    assert Domain.objects.filter(framework=framework).count() == 7
    assert Competency.objects.filter(domain__framework=framework).count() == 32
    assert Descriptor.objects.filter(competency__domain__framework=framework).count() == 32 * 4
    assert [(level.number, level.band) for level in Level.objects.filter(framework=framework)] == [
        (number, band_of_level(number)) for number in range(1, 9)
    ]
    assert framework.version == "1"
    assert AuditEvent.objects.values_list("actor_id", "action", "target").get() == (
        user.pk,
        "published",
        "framework public-service-digital-ai 1",
    )


def test_publication_sets_provisional_cuts(db):
    framework = import_framework(CONTENT, publish=True)
    standard = current_standard(framework)
    assert standard.method == Standard.Method.PROVISIONAL
    assert set(cuts_of(standard).values()) == {PROVISIONAL_CUTS}
    assert len(cuts_of(standard)) == 32


def test_provisional_cuts_are_those_of_the_measurement_core():
    from assessments.measurement import PROVISIONAL_CUTS as CORE_CUTS

    assert PROVISIONAL_CUTS == CORE_CUTS


def test_importing_the_same_content_again_changes_nothing(db):
    first = import_framework(CONTENT, publish=False)
    assert import_framework(CONTENT, publish=False) == first
    published = import_framework(CONTENT, publish=True)
    assert published == first
    assert import_framework(CONTENT, publish=True) == first
    assert Framework.objects.count() == 1
    assert Standard.objects.count() == 1


@pytest.mark.django_db
def test_changed_content_replaces_a_draft_and_follows_a_published_version(files):
    def rename(rows: list[Row]) -> None:
        rows[0]["name_en"] = "Another name"

    draft = import_framework(files, publish=False)
    rewrite(files / "framework.csv", rename)
    second = import_framework(files, publish=True)
    assert second.version == "1"
    assert not Framework.objects.filter(pk=draft.pk).exists()

    rewrite(files / "framework.csv", lambda rows: rows[1].update(name_en="Changed again"))
    third = import_framework(files, publish=False)
    assert (third.version, third.published_at) == ("2", None)
    assert current_framework() == second


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("file", "row", "column", "value", "expected"),
    [
        ("framework.csv", 0, "name_en", "", ("empty", 2, "name_en", "")),
        ("framework.csv", 4, "name_vi", "=HYPERLINK(1)", ("formula", 6, "name_vi", "=HYPERLINK(1)")),
        ("framework.csv", 1, "code", "1.1", ("repeated", 3, "code", "1.1")),
        ("framework.csv", 1, "domain_vi", "Khác", ("inconsistent", 3, "domain_vi", "1")),
        ("framework.csv", 31, "name_en", "x" * 301, ("too_long", 33, "name_en", "300")),
        ("levels.csv", 2, "band", "1", ("wrong_band", 4, "band", "2")),
        ("levels.csv", 2, "level", "9", ("not_in_range", 4, "level", "1..8")),
        ("levels.csv", 2, "level", "²", ("not_in_range", 4, "level", "1..8")),
        ("descriptors.csv", 7, "competency", "12.1", ("unknown_competency", 9, "competency", "12.1")),
        ("descriptors.csv", 1, "band", "1", ("repeated", 3, "band", "1.1, 1")),
        ("descriptors.csv", 1, "text_en", "bell\a", ("control_character", 3, "text_en", "bell\a")),
    ],
)
def test_import_names_the_cell_that_is_wrong(files, file, row, column, value, expected):
    rewrite(files / file, lambda rows: rows[row].update({column: value}))
    first = next(problem for problem in problems_of(files) if problem.file == file)
    assert (first.reason, first.row, first.column, first.value) == expected


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("file", "content", "expected"),
    [
        ("framework.csv", None, [("missing_file", None, "")]),
        ("levels.csv", b"\xff\xfe\x00", [("not_utf8", None, "")]),
        ("levels.csv", b'level,band\n"1', [("missing_column", 1, name) for name in ("name_vi", "name_en")]),
        ("descriptors.csv", b"", [("missing_column", 1, "competency"), ("missing_column", 1, "band")]),
        ("descriptors.csv", b"competency,band,text_vi,text_en\n", [("no_rows", None, "")]),
        ("descriptors.csv", b'competency,band,text_vi,text_en\n1.1,1,"a"b,c\n', [("not_csv", 2, "")]),
        ("descriptors.csv", b"competency,band,text_vi,text_en\n1.1,1,a\n", [("wrong_number_of_cells", 2, "")]),
        (
            "descriptors.csv",
            b"competency,band,text_vi,text_en\n" + b"1.1,1,a,b\n" * 5001,
            [("too_many_rows", None, "")],
        ),
        ("descriptors.csv", b"x" * (5 * 1024 * 1024 + 1), [("too_large", None, "")]),
    ],
)
def test_import_refuses_a_file_that_is_no_table(files, file, content, expected):
    (files / file).unlink()
    if content is not None:
        (files / file).write_bytes(content)
    found = [(each.reason, each.row, each.column) for each in problems_of(files) if each.file == file]
    found = [each for each in found if each[0] != "repeated" and each[0] != "missing_descriptor"]
    assert found[: len(expected)] == expected


@pytest.mark.django_db
def test_import_finds_missing_levels_and_descriptors(files):
    rewrite(files / "levels.csv", lambda rows: rows.pop())
    rewrite(files / "descriptors.csv", lambda rows: rows.pop(0))
    assert [(each.reason, each.value) for each in problems_of(files)] == [
        ("missing_level", "8"),
        ("missing_descriptor", "1.1, 1"),
    ]


def test_problems_are_told_in_both_languages():
    problem = ImportProblem("framework.csv", "too_long", 33, "name_en", "300")
    with translation.override("en"):
        assert describe_problem(problem) == (
            "framework.csv, row 33, column name_en: the text is longer than 300 characters"
        )
    with translation.override("vi"):
        assert describe_problem(problem) == "framework.csv, dòng 33, cột name_en: nội dung dài quá 300 ký tự"


@pytest.mark.django_db
def test_publishing_twice_publishes_once(files):
    draft = import_framework(files, publish=False)
    first = publish_framework(draft, None).published_at
    assert publish_framework(draft, None).published_at == first
    assert AuditEvent.objects.filter(action="published").count() == 1
