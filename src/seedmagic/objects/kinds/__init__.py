"""The one walk over objects, and what each kind of object consists of."""
