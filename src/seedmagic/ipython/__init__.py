"""The IPython extension: the only place that imports IPython."""
