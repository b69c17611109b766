"""What pane modules share: the scene they are drawn from and the choices a fixture offers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..expressions import Expression
from ..reader import Cursor
from ..variables import Variable
from ..wording import LocaleText


@dataclass(frozen=True, slots=True)
class Scene:
    """All that drawing may depend on. `names` are the values that conditions see, variables included."""

    names: Mapping[str, Any]
    seed: int
    locale: str

    def shows(self, when: Expression | None) -> bool:
        return when is None or when.holds(self.names)

    def say(self, text: LocaleText) -> str:
        return text.at(self.locale)


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing a fixture lets a person choose: a message to open, a question to ask."""

    id: str
    label: LocaleText
    when: Expression | None = None


def read_variable_name(fields: Mapping[str, Cursor], key: str, variables: Mapping[str, Variable], kind: str) -> str:
    """The name under `key` of a variable of type `kind`; a problem when there is no such variable."""
    if key not in fields:
        return ""
    return fields[key].one_of([name for name, found in variables.items() if found.type == kind], f"{kind} variable")
