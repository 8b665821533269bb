"""Feed the watcher with what IPython runs."""
