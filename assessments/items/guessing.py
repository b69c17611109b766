"""What blind guessing earns of a question that is marked right or wrong."""

from typing import Any

COIN = 0.5


def chance(content: Any) -> float:
    """The share of right answers by guessing where it is one in two: of two options, or true or false alone; else 0.

    From three options on it is left to the slope, as banks of such items usually are (see docs/decisions/0026).
    """
    options = getattr(content, "options", None)
    is_coin = (content.kind == "single_choice" and len(options or ()) == 2) or (
        content.kind == "true_false_reason" and not options
    )
    return COIN if is_coin else 0.0
