"""Put objects back as they were, in place."""
