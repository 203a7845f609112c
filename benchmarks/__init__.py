"""Measurements against a bare floor in the same run; nothing here is a test, and nothing fails for being slow."""
