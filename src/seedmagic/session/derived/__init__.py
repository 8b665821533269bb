"""What gets numbers of its own from the seed in force: generators by a key, workers of a loader."""
