"""Two values, bit for bit: where they differ, and by how much."""
