"""What generators ask of the operating system: the seed in force answers, or it is noted."""
