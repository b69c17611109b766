"""Units that a number may be given in."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assessments.items.content import LOCALES, Option, Text, has_control_characters
from assessments.items.question import QuestionReading, opaque_id, plain_number, with_id
from assessments.items.wording import comparable

MOST_UNITS = 8
MOST_ALIASES = 10
LONGEST_UNIT = 40


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as an option. aliases: other ways to write it after the number.

    factor: what one of it is in the first unit (1 000 000 for a million dong beside dong); None for a unit of another
    kind, in which no answer is right.
    """

    option: Option
    aliases: tuple[str, ...]
    factor: Decimal | None

    def named(self, text: str, *, case: bool) -> bool:
        """Whether the text names this unit, with or without blanks. case: MB and Mb are two."""
        names = (self.option.text.vi, self.option.text.en, *self.aliases)
        return _form(text, case) in {_form(name, case) for name in names}

    def to_dict(self) -> dict[str, Any]:
        return {
            **with_id(self.option),
            "aliases": list(self.aliases),
            "factor": None if self.factor is None else plain_number(self.factor),
        }


def _form(text: str, case: bool) -> str:
    return comparable(text, case=case).replace(" ", "") or text.strip()


def unit_named(units: Sequence[Unit], text: str) -> Unit | None:
    """The unit that the text names, in whatever case when only one can be meant. None when it names none."""
    for case in (True, False):
        found = [unit for unit in units if unit.named(text, case=case)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def read_units(reading: QuestionReading, raw: Any, stem: Text) -> tuple[Unit, ...]:
    """Read a list of units, the answer's own one first."""
    units: list[Unit] = []
    for place, entry in enumerate(reading.entries(raw, "units", 0, MOST_UNITS)):
        path = f"units[{place}]"
        source, text = reading.part(entry, path, ("aliases", "factor"))
        names = [text.vi, text.en]
        aliases = []
        for number, alias in enumerate(reading.entries(source.get("aliases", []), f"{path}.aliases", 0, MOST_ALIASES)):
            if (
                not isinstance(alias, str)
                or not alias.strip()
                or len(alias) > LONGEST_UNIT
                or has_control_characters(alias)
            ):
                reading.problem(f"{path}.aliases[{number}]", "empty")
            else:
                aliases.append(alias.strip())
        if any(unit.named(name, case=True) for unit in units for name in [*names, *aliases] if name):
            reading.problem(path, "repeated")
        for locale in LOCALES:
            if len(text.at(locale)) > LONGEST_UNIT:
                reading.problem(f"{path}.{locale}", "too_long", LONGEST_UNIT)
            if any(char.isdigit() for char in text.at(locale)[:1]):
                reading.problem(f"{path}.{locale}", "begins_with_a_digit")
        option = Option(opaque_id(stem, "unit", text.vi, text.en), text)
        units.append(Unit(option, tuple(aliases), _factor(reading, source.get("factor", "1"), path, place)))
    return tuple(units)


def _factor(reading: QuestionReading, raw: Any, path: str, place: int) -> Decimal | None:
    if raw is None and place > 0:
        return None
    factor = reading.number(raw, f"{path}.factor")
    if factor <= 0 or (place == 0 and factor != 1):
        reading.problem(f"{path}.factor", "first_is_one" if place == 0 else "not_above_zero")
    return factor
