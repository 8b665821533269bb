"""Every generator of the process: its name, how to seed it, read it, and put it back."""
