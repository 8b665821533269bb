"""Libraries with generators of their own, one file each."""
