"""What may be promised, given or ordered for a caller, and why or why not."""
