"""News for the rooms above, fired after commit."""

from django.dispatch import Signal

estimate_changed = Signal()
"""Estimates of people changed. Keyword `person_ids`: list of primary keys."""

requirement_changed = Signal()
"""What positions require changed. Keyword `position_ids`: list of primary keys."""

person_requirement_changed = Signal()
"""What is required of single people changed. Keyword `person_ids`: list of primary keys."""
