"""Who owns randomness: the protocol, the registry, and one file for each library."""
