"""Telephone numbers, where they are at home, and the numbers and ids that we give."""
