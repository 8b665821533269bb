"""What a kernel hands to workers and gets back: noted, and compared between runs."""
