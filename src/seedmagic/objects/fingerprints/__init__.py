"""Digests of values that are equal if, and only if, every bit is."""
