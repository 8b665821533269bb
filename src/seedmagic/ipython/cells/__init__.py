"""What happens to a cell below a header."""
