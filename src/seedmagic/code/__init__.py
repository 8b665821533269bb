"""Whose code this is, and which line of the cell runs."""
