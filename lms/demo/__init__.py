"""The demo: a fictional province whose people have hidden true abilities and answer through the real domain code."""
