"""Gap cells by unit, folded from estimates, with intervals and disclosure control."""
