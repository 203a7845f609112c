"""Scenarios: what happens at a desk, written down in Chinese or English words, and played by a test."""
