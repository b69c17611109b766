"""The country before the reform of 2025, from the real table, into an empty organisation."""

from collections import Counter
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from organisation.api import unit_tree
from organisation.models import AuditEvent, Unit, UnitVersion
from tests.factories.organisation import UnitFactory
from tests.organisation import real_data
from tests.organisation.real_data import reform_file

pytestmark = pytest.mark.django_db

HEADER = (
    "old_province_id,old_province_name,old_district_id,old_district_name,old_commune_id,old_commune_name,new_commune_id"
)
GOOD = "11,Thành Phố Hà Nội,3595,Huyện Ba Vì,69131,Xã Minh Châu,267"


def run(path: Path, *options: str) -> list[str]:
    out = StringIO()
    call_command("import_units", str(path), *options, stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def table(tmp_path: Path):
    def write(*rows: str) -> Path:
        path = tmp_path / "units.csv"
        path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
        return path

    return write


def test_real_table_is_imported_whole():
    path = reform_file()
    lines = run(path)
    assert lines == ["nation: 1", "province: 63", "district: 691", "commune: 10,038"]
    tree = unit_tree()
    assert Counter(node.kind for node in tree.nodes.values()) == {
        "nation": 1,
        "province": 63,
        "district": 691,
        "commune": 10_038,
    }
    [nation] = tree.roots()
    assert len(tree.subtree(nation.pk)) == 1 + 63 + 691 + 10_038
    assert Counter(len(tree.ancestors(pk)) for pk in tree.nodes) == {0: 1, 1: 63, 2: 691, 3: 10_038}


def test_real_units_have_stable_codes_and_good_names():
    run(reform_file())
    tree = unit_tree()
    commune = next(node for node in tree.nodes.values() if node.code == "C69131")
    assert (commune.name_vi, commune.name_en) == ("Xã Minh Châu", "Minh Chau Commune")
    assert [(node.code, node.name_vi, node.name_en) for node in tree.ancestors(commune.pk)] == [
        ("VN", "Việt Nam", "Viet Nam"),
        ("P11", "Thành phố Hà Nội", "Ha Noi City"),
        ("D3595", "Huyện Ba Vì", "Ba Vi District"),
    ]
    provinces = [node.name_vi for node in tree.children(tree.roots()[0].pk)]
    assert provinces.index("Tỉnh Đắk Lắk") < provinces.index("Tỉnh Đắk Nông") < provinces.index("Tỉnh Điện Biên")


def test_units_are_in_force_from_the_day_asked_for(table):
    run(table(GOOD), "--from", "2015-06-01")
    assert {version.valid.lower for version in UnitVersion.objects.all()} == {date(2015, 6, 1)}
    assert list(unit_tree(date(2015, 5, 31)).nodes) == []


def test_split_commune_is_one_unit(table):
    assert run(table(GOOD, GOOD.replace("267", "523"))) == ["nation: 1", "province: 1", "district: 1", "commune: 1"]
    assert AuditEvent.objects.get().detail == {"nation": 1, "province": 1, "district": 1, "commune": 1}


def test_organisation_with_units_is_refused(table):
    UnitFactory()
    with pytest.raises(CommandError, match="đã có đơn vị"):
        run(table(GOOD))
    assert Unit.objects.count() == 1


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (GOOD.replace("69131", ""), "column old_commune_id"),
        (GOOD.replace("69131", "C1"), "column old_commune_id"),
        (GOOD.replace("Xã Minh Châu", ""), "column old_commune_name"),
        (GOOD.replace("Xã Minh Châu", "=1"), "column old_commune_name"),
        (GOOD.replace("Xã Minh Châu", "Xã Khác"), "column old_commune_name"),
        (GOOD.replace("3595", "3596"), "column old_commune_id"),
        (GOOD.replace("11,Thành Phố Hà Nội", "12,Thành Phố Huế"), "column old_district_id"),
    ],
)
def test_bad_row_is_told_by_row_and_column_and_nothing_is_written(table, row, place):
    errors = StringIO()
    with pytest.raises(CommandError):
        call_command("import_units", str(table(GOOD, row)), stdout=StringIO(), stderr=errors)
    assert [line.split(":")[0] for line in errors.getvalue().splitlines()] == [f"row 3, {place}"]
    assert Unit.objects.count() == 0


def test_other_table_is_refused(tmp_path: Path):
    path = tmp_path / "units.csv"
    path.write_bytes(BytesIO(b"a,b\n1,2\n").getvalue())
    with pytest.raises(CommandError, match="1 problems"):
        run(path)


def test_missing_real_table_fails_on_the_integration_server_and_skips_elsewhere(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("THANG_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=real_data.NAME):
        reform_file()
    monkeypatch.setenv("CI", "")
    with pytest.raises(pytest.skip.Exception, match=real_data.NAME):
        reform_file()
