"""What runs inside a kernel under verification, and tells."""
