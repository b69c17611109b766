"""Whole numbers as they come with a request."""

MOST_DIGITS = 9
"""More than any number of a page has; what is longer would not fit into a column, or take long to read."""


def read_whole(text: str) -> int | None:
    """Return the number that a text of up to MOST_DIGITS plain digits says; None for any other text."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None
