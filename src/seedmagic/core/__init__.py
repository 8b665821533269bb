"""The shared seeding core: usable in a script; knows no IPython, no widget, no notebook."""
