"""Reads that more than one operation needs."""
