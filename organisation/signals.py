"""News of organisation for the rooms above it, sent after the transaction has committed."""

from django.dispatch import Signal

# person_ids: list[int], the people whose unit, position or dates changed.
posting_changed = Signal()

# reorganisation_id: int, day: date, unit_ids: list[int]: a reorganisation was applied, or an applied one undone; the
# units are those that it touched. No `posting_changed` is sent for the people it carried over.
reorganised = Signal()
