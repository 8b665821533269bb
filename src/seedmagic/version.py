"""The version of seedmagic."""

__version__ = "0.1.0"
