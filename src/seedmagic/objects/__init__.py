"""What a re-run changes besides the RNG: objects put back in place, and their fingerprints."""
