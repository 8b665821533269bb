"""Which sources there are, and what is noticed of them."""
