"""A day of twenty calls, as docs/DAY.md lists them."""
