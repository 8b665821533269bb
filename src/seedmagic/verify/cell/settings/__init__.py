"""What code may set in the process: put back before each run, and compared."""
