"""What a line asks for, and what answers it."""
