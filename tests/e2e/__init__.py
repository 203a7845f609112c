"""The product as a whole, in real processes: killed, cut off, and run out of disk."""
