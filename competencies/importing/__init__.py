"""Reads the files of a framework and of role profiles. Pure: what is read is checked here and written by the domain."""
