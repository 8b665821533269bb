"""What is in force: the seed, its modes, flags, scopes."""
