"""The reform of 1 July 2025, from the real table, with people in every unit."""

import csv
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from io import StringIO
from pathlib import Path

import pgtrigger
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from competencies.models import Competency, CutScore
from organisation.api import unit_tree
from organisation.models import Posting, Reorganisation, Succession, UnitVersion
from reports.domain.moments import moment_of
from reports.domain.snapshots import make_snapshot
from reports.domain.values import CellValues
from reports.models import Snapshot
from tests.factories.organisation import UserFactory
from tests.factories.reports import make_competencies, make_position
from tests.organisation.real_data import reform_file

pytestmark = pytest.mark.django_db

PEOPLE = 12_000
DAY, BEFORE = date(2025, 7, 1), date(2025, 6, 30)
HEADER = (
    "old_province_id,old_province_name,old_district_id,old_district_name,old_commune_id,old_commune_name,"
    "new_province_id,new_province_name,new_commune_id,new_commune_name"
)


@pgtrigger.ignore("organisation.Posting:insert_insert")
def fill(people: int, position_pk: int) -> None:
    """Put people in turn into every unit that is in force, straight in SQL."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE organisation_unitversion")
        cursor.execute(
            "INSERT INTO organisation_person (employee_code, full_name, sort_key, search_key, email, gender)"
            " SELECT 'R' || n, 'Người ' || n, lpad(n::text, 8, '0'), 'nguoi', '', '' FROM generate_series(1, %s) n",
            [people],
        )
        cursor.execute(
            "INSERT INTO organisation_posting (person_id, unit_id, position_id, kind, valid)"
            " SELECT p.id, u.unit_id, %s, 'primary', '[2020-01-01,)' FROM"
            " (SELECT id, row_number() OVER (ORDER BY id) AS n FROM organisation_person) p JOIN"
            " (SELECT unit_id, row_number() OVER (ORDER BY unit_id) - 1 AS n FROM organisation_unitversion) u"
            " ON u.n = p.n %% %s",
            [position_pk, UnitVersion.objects.count()],
        )
        cursor.execute("ANALYZE organisation_posting, organisation_person, organisation_unitversion")


def run(path: Path, *options: str) -> list[str]:
    out = StringIO()
    call_command("import_reorganisation", str(path), *options, stdout=out)
    return out.getvalue().splitlines()


def measure_everybody(competency: Competency) -> None:
    """Put down what was known of everybody before the reform, straight in SQL."""
    cut = CutScore.objects.filter(competency=competency).latest("pk")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO competencies_estimaterevision"
            " (person_id, competency_id, standard_id, mean, se, evidence_count, borrowed, reason, at)"
            " SELECT id, %s, %s, sin(id), 0.5, 2 + mod(id, 4), 0, 'test', '2024-01-01' FROM organisation_person",
            [competency.pk, cut.standard_id],
        )


def add_up(rows: Iterable[Mapping[int, CellValues]]) -> dict[int, CellValues]:
    """The sums of units together, by competency."""
    sums: dict[int, CellValues] = {}
    for row in rows:
        for competency, values in row.items():
            sums[competency] = sums.get(competency, CellValues()) + values
    return sums


def plain(name: str) -> str:
    """The name in small letters without marks: the table has some in another case, and tones elsewhere."""
    apart = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def check_history(path: Path) -> None:
    """A new province, as it would have been the day before, is the sum of the old ones that the table says it has.

    To the millionth, although people of the 297 communes that were split are counted one by one.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        became = {f"P{row['old_province_id']}": plain(row["new_province_name"]) for row in csv.DictReader(file)}
    make_snapshot(BEFORE)
    moment = moment_of(Snapshot.objects.get(day=BEFORE))
    old = {node.code: pk for pk, node in unit_tree(BEFORE).nodes.items() if node.kind == "province"}
    new = {plain(node.name_vi): pk for pk, node in unit_tree(DAY).nodes.items() if node.kind == "province"}
    assert (old.keys(), new.keys()) == (became.keys(), set(became.values()))
    before, history = moment.sums(BEFORE, {*old.values()}), moment.sums(DAY, {*new.values()})
    for name, unit in new.items():
        (now,) = history[unit, False].values()
        (then,) = add_up(before[pk, False] for code, pk in old.items() if became[code] == name).values()
        assert now == then, name
    (root,) = unit_tree(DAY).roots()
    (nation,) = moment.sums(DAY, {root.pk})[root.pk, False].values()
    assert (nation.required, nation.assessed) == (PEOPLE, PEOPLE * 3 // 4)


def test_real_reform_is_exact_and_everybody_is_in_one_unit_and_history_is_the_sum_of_parts():
    path = reform_file()
    call_command("import_units", str(path), stdout=StringIO())
    (competency,) = make_competencies(1)
    fill(PEOPLE, make_position({competency: 4}).pk)
    measure_everybody(competency)
    UserFactory(username="one")
    UserFactory(username="two")
    run(path, "--author", "one", "--approve", "two", "--apply")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    tree = unit_tree(DAY)
    kinds = Counter(node.kind for node in tree.nodes.values())
    assert kinds == {"nation": 1, "province": 34, "commune": 3_315}
    assert Counter(len(tree.ancestors(pk)) for pk in tree.nodes) == {0: 1, 1: 34, 2: 3_315}
    assert Counter(node.kind for node in unit_tree(BEFORE).nodes.values()) == {
        "nation": 1,
        "province": 63,
        "district": 691,
        "commune": 10_038,
    }
    assert Succession.objects.filter(is_whole=False, is_main=True).count() == 297
    primary = Posting.objects.filter(kind="primary")
    for day in (BEFORE, DAY):
        units = primary.filter(valid__contains=day).values_list("person", "unit")
        assert len(units) == len({person for person, _ in units}) == PEOPLE
        assert {unit for _, unit in units} <= unit_tree(day).nodes.keys()
    # Names and codes are those of the table.
    names = dict(UnitVersion.objects.filter(valid__contains=DAY).values_list("unit__code", "name_en"))
    assert {code: names[code] for code in ("P11", "P25-12", "P67", "C25-267")} == {
        "P11": "Ha Noi City",
        "P25-12": "Ho Chi Minh City",
        "P67": "Hue City",
        "C25-267": "Minh Chau Commune",
    }
    check_history(path)


@pytest.fixture
def table(tmp_path: Path):
    def write(*rows: str) -> Path:
        path = tmp_path / "reform.csv"
        path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
        return path

    return write


ROWS = (
    "1,Tỉnh A,10,Huyện B,100,Xã C,5,Tỉnh A,500,Phường C",
    "1,Tỉnh A,10,Huyện B,101,Xã D,5,Tỉnh A,501,Xã E",
    "1,Tỉnh A,10,Huyện B,102,Xã F,5,Tỉnh A,501,Xã E",
    "1,Tỉnh A,10,Huyện B,102,Xã F,5,Tỉnh A,502,Xã G",
)


def test_small_table_becomes_these_units(table):
    path = table(*ROWS)
    call_command("import_units", str(path), stdout=StringIO())
    UserFactory(username="two")
    assert run(path, "--approve", "two", "--apply") == [
        "create: 1",
        "dissolve: 1",
        "merge: 1",
        "move: 1",
        "rename: 1",
        "split: 1",
        "approved",
        "applied",
        "commune in force: 3",
        "nation in force: 1",
        "province in force: 1",
    ]
    nodes = unit_tree(DAY).nodes
    assert {node.code: (node.name_vi, nodes[node.parent_pk].code) for node in nodes.values() if node.parent_pk} == {
        "P1": ("Tỉnh A", "VN"),
        "C100": ("Phường C", "P1"),
        "C25-501": ("Xã E", "P1"),
        "C25-502": ("Xã G", "P1"),
    }


def test_the_author_of_the_command_cannot_approve_it(table):
    path = table(*ROWS)
    call_command("import_units", str(path), stdout=StringIO())
    UserFactory(username="one")
    with pytest.raises(CommandError, match="tự phê duyệt"):
        run(path, "--author", "one", "--approve", "one")
    assert Reorganisation.objects.get().status == "draft"


def test_it_is_not_imported_twice(table):
    path = table(*ROWS)
    call_command("import_units", str(path), stdout=StringIO())
    run(path)
    with pytest.raises(CommandError, match="số này"):
        run(path)
    assert Reorganisation.objects.count() == 1


def test_bad_row_is_told_by_row_and_column(table):
    errors = StringIO()
    with pytest.raises(CommandError):
        call_command("import_reorganisation", str(table(ROWS[0].replace("500", ""))), stdout=StringIO(), stderr=errors)
    assert [line.split(":")[0] for line in errors.getvalue().splitlines()] == ["row 2, column new_commune_id"]
    assert Reorganisation.objects.count() == 0


def test_apply_needs_an_approver(table):
    with pytest.raises(CommandError, match="--approve"):
        run(table(*ROWS), "--apply")
