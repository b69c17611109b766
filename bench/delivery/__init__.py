"""How fast answers are saved and pages opened, beside what the same PostgreSQL does bare: `make bench-delivery`."""
