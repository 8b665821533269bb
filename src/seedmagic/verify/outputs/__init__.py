"""What a cell showed: pieces, noise, images."""
