"""Reorganisations without a database: what a step says, and what steps do to a tree of units."""
