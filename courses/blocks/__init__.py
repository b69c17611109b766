"""The registry of block types: what a lesson may be made of.

Each type is a module with the same four members, and none of them knows Django:

- `REQUIRED`, `OPTIONAL`: the keys of the block in a course file, beside `kind`.
- `parse(raw, path, reader) -> content`: JSON values to store; faults go to `reader.problem`.
- `render(content, locale) -> view`: what a template shows a learner in one language, as plain values.
- `identity(content) -> str`: stays the same while a re-import leaves the block recognisably the same, so that
  what people did with it is kept.
"""

from types import ModuleType
from typing import Any

from ..reader import Reader
from . import check, image, markdown

BLOCK_TYPES: dict[str, ModuleType] = {"markdown": markdown, "image": image, "check": check}


class UnknownBlockType(LookupError):
    """A kind that no module of the registry handles."""


def block_type(kind: str) -> ModuleType:
    """Return the module of a block kind; UnknownBlockType when there is none."""
    if kind not in BLOCK_TYPES:
        raise UnknownBlockType(kind)
    return BLOCK_TYPES[kind]


def parse_block(raw: Any, path: str, reader: Reader) -> tuple[str, dict[str, Any]]:
    """Return the kind and the content of a block as it stands in a course file, its fields flat beside `kind`."""
    kind = raw.get("kind") if isinstance(raw, dict) else None
    if not isinstance(kind, str) or kind not in BLOCK_TYPES:
        reader.problem(path, f"kind is {kind!r}; known: {', '.join(BLOCK_TYPES)}")
        return "", {}
    module = BLOCK_TYPES[kind]
    fields = reader.fields(raw, path, ("kind", *module.REQUIRED), module.OPTIONAL)
    return kind, module.parse(fields, path, reader) if set(module.REQUIRED) <= set(fields) else {}


__all__ = ["BLOCK_TYPES", "UnknownBlockType", "block_type", "parse_block"]
