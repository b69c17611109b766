"""What parameter modules share."""

from ..panes.base import Scene


class ParameterError(ValueError):
    """A value that the parameter does not take in the present state."""


def text_of(raw: object) -> str:
    """`raw` when it is text; ParameterError otherwise."""
    if not isinstance(raw, str):
        raise ParameterError(f"expected text, found {type(raw).__name__}")
    return raw


__all__ = ["ParameterError", "Scene", "text_of"]
