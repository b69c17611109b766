"""News of organisation for the rooms above it, sent after the transaction has committed."""

from django.dispatch import Signal

# person_ids: list[int], the people whose unit, position or dates changed.
posting_changed = Signal()
