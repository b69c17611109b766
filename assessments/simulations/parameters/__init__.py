"""The visible registry of parameter types: what a person gives with an action.

A type is one module with REQUIRED and OPTIONAL (its keys besides type and label) and the same six functions.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from ..panes.base import Scene
from ..reader import Cursor, Scope
from ..variables import Variable
from . import choice, edit, segment, text
from .base import ParameterError


class ParameterType(Protocol):
    """What each parameter module offers."""

    REQUIRED: tuple[str, ...]
    OPTIONAL: tuple[str, ...]

    def read(
        self,
        cursor: Cursor,
        fields: Mapping[str, Cursor],
        fixtures: Mapping[str, Any],
        variables: Mapping[str, Variable],
        scope: Scope,
        /,
    ) -> Any:
        """Read the type's own keys. `fixtures` are keyed `kind.name`."""

    def accept(self, parameter: Any, raw: object, scene: Scene, /) -> Any:
        """The value for a posted `raw`; ParameterError when it is not one that may be given now."""

    def form(self, parameter: Any, scene: Scene, /) -> dict[str, Any]:
        """What the page needs to ask for it."""

    def examples(self, parameter: Any, scene: Scene, /) -> list[Any]:
        """Values to try when exploring; none when nothing can be given now."""

    def known(self, parameter: Any, inside: str, /) -> set[str] | None:
        """Every value that a log selector may compare `parameter` (or its part `inside`) with; None when open."""

    def keyboard(self) -> str:
        """How it is given with a keyboard alone; empty when it cannot be."""


PARAMETERS: dict[str, ParameterType] = {
    "choice": choice,
    "edit": edit,
    "segment": segment,
    "text": text,
}

__all__ = ["PARAMETERS", "ParameterError", "ParameterType"]
