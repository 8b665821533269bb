"""What anything holds."""
