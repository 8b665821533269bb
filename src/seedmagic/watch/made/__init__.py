"""Generators that are made without a seed, and what became of them."""
