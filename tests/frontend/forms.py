"""Answers as a browser posts them."""

from typing import Any


def fields_of_answer(kind: str, raw: dict[str, Any]) -> dict[str, Any]:
    """The form fields of a raw answer, as the templates of `learn/questions` name them."""
    fields: dict[str, Any] = {}
    for name, value in raw.items():
        if isinstance(value, dict):
            fields |= {f"{name}-{part}": each for part, each in value.items()}
        elif isinstance(value, bool):
            fields[name] = "true" if value else "false"
        else:
            fields[name] = value
    return fields
