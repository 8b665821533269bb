"""Which torch operation gave other results."""
