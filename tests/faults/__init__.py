"""What breaks while people answer: `python -m tests.faults` breaks it and counts what was lost. See `make faults`."""
