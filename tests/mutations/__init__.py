"""Protections taken out one at a time: each has a test that fails without it."""
