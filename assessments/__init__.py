"""Item bank, simulations, delivery, scoring and measurement."""
