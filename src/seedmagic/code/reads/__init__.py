"""What a cell and the functions it leads to read first, and what they bind."""
