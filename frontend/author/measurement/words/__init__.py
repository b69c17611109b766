"""Codes of the measurement room in words: what is the matter, and what to do about it."""
