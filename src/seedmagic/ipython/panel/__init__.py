"""The panel: the only place that imports ipywidgets."""
