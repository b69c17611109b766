"""The visible registry of pane types.

A pane type is one module with FIXTURE (the key of `world` that holds what it shows), REQUIRED and OPTIONAL
(the keys a pane of it takes besides type, show, id, title and when) and the same four functions. A new type
is a new module and a line in PANES; an unknown type in a document is a problem of that document.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from ..reader import Cursor, Scope
from ..variables import Variable
from . import assistant, case_file, document, draft, mailbox, note
from .base import Choice, Scene


class PaneType(Protocol):
    """What each pane module offers."""

    FIXTURE: str
    REQUIRED: tuple[str, ...]
    OPTIONAL: tuple[str, ...]

    def read_fixture(self, cursor: Cursor, scope: Scope, /) -> Any:
        """Read one entry of `world.<FIXTURE>`."""

    def read(self, fields: Mapping[str, Cursor], fixture: Any, variables: Mapping[str, Variable], /) -> Any:
        """Read a pane's own keys and bind it to what it shows."""

    def render(self, content: Any, scene: Scene, /) -> dict[str, Any]:
        """The pane as a person may see it now, as plain JSON values."""

    def keyboard(self) -> str:
        """How the pane is read or operated with a keyboard alone; empty when it cannot be."""


PANES: dict[str, PaneType] = {
    "assistant": assistant,
    "case_file": case_file,
    "document": document,
    "draft": draft,
    "mailbox": mailbox,
    "note": note,
}

__all__ = ["PANES", "Choice", "PaneType", "Scene"]
