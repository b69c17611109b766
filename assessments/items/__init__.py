"""Item types: one module each with the same functions, listed in `registry`. Pure Python, no Django."""
