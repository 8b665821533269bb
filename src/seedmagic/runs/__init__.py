"""The same code under many seeds: run, count, draw, compare."""
