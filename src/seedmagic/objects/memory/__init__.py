"""What lies in memory: stretches of it, the elements of tensors, the slots of sets."""
