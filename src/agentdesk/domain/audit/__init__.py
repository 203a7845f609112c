"""What can be told from operations afterwards: that a chain is whole, and who saw or did what."""
