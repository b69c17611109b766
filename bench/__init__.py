"""Benches: figures beside named peers, never timed tests."""
