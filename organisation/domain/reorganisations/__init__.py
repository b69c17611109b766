"""Reorganisations: drafted, looked at beforehand, approved by a second person, applied, undone."""
