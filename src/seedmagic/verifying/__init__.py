"""Is it reproducible, and if not, why."""
