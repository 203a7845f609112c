"""A site's audit: that its chains are whole, what it can say for the centre to be compared with, and who saw what."""
