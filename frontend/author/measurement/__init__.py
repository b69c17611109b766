"""Measurement as trainers see it: calibration, the health of items, standards, trials of assessments."""
