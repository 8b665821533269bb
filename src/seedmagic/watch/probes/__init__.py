"""What is put into the code of a cell, so that the statement that drew can be named."""
