"""The same code twice from the same start, in this process."""
