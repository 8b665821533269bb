"""The one walk over objects, and what anything holds."""
