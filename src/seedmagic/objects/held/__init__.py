"""Generators of random numbers that objects hold, found without running any code of theirs."""
