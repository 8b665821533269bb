"""The same runs on executors and clusters."""
