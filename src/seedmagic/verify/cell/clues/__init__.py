"""What explains that two runs of the same code differ: what it asked for, in further runs."""
