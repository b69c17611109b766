"""The demo province: units and people as plain rows, the same ones every time."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from lms.demo.truth import SEED, Seat

CONTENT = Path(__file__).parent / "content" / "an_binh.yaml"
FOUNDED = date(2025, 7, 1)
POSTED = date(2025, 9, 1)


@dataclass(frozen=True)
class UnitRow:
    """A unit of the demo."""

    code: str
    name_vi: str
    name_en: str
    kind: str
    parent: str | None


@dataclass(frozen=True)
class PersonRow:
    """A person of the demo and the post held."""

    employee_code: str
    full_name: str
    gender: str
    birth_date: date
    unit_code: str
    position_code: str


def read_content() -> dict[str, Any]:
    """Return the demo's content file."""
    content: dict[str, Any] = yaml.safe_load(CONTENT.read_text(encoding="utf-8"))
    return content


def unit_rows(content: dict[str, Any]) -> list[UnitRow]:
    """Return the units, parents before children."""
    province = content["province"]
    rows = [UnitRow(province["code"], province["vi"], province["en"], "province", None)]
    for department in content["departments"]:
        rows.append(UnitRow(department["code"], department["vi"], department["en"], "department", province["code"]))
        for number, names in enumerate(department["offices"], start=1):
            vi, en = names.split("|")
            rows.append(UnitRow(f"{department['code']}-{number}", vi, en, "office", department["code"]))
    for number, names in enumerate(content["communes"], start=1):
        vi, en = names.split("|")
        rows.append(UnitRow(f"{province['code']}-X{number:02d}", vi, en, "commune", province["code"]))
    return rows


def person_rows(content: dict[str, Any], units: list[UnitRow]) -> list[PersonRow]:
    """Return the people of every unit that has a staff plan."""
    dice = random.Random(SEED)  # noqa: S311 - a demo, no secret
    rows: list[PersonRow] = []
    for unit in units:
        plan = content["staff"].get(unit.kind)
        if plan is None:
            continue
        positions = [code for code, count in plan["fixed"].items() for _ in range(count)]
        free = plan["size"] - len(positions)
        positions += dice.choices(list(plan["weights"]), weights=list(plan["weights"].values()), k=free)
        for position in positions:
            gender = dice.choice("fm")
            rows.append(
                PersonRow(
                    employee_code=f"AB{len(rows) + 1:05d}",
                    full_name=_name(content["names"], gender, dice),
                    gender=gender,
                    birth_date=date(dice.randint(1966, 2002), dice.randint(1, 12), dice.randint(1, 28)),
                    unit_code=unit.code,
                    position_code=position,
                )
            )
    return rows


def seats(people: list[PersonRow], units: list[UnitRow], group_of_position: dict[str, str]) -> Iterator[Seat]:
    """Yield each person's seat, in the order of the people."""
    parents = {unit.code: unit for unit in units}
    for person in people:
        unit = parents[person.unit_code]
        top = unit.parent if unit.kind == "office" and unit.parent else unit.code
        yield Seat(person.employee_code, unit.code, top, group_of_position[person.position_code])


def _name(names: dict[str, Any], gender: str, dice: random.Random) -> str:
    family = dice.choices(list(names["family"]), weights=list(names["family"].values()))[0]
    own = names["female" if gender == "f" else "male"]
    return f"{family} {dice.choice(own['middle'])} {dice.choice(own['given'])}"
