"""Instants, zones, calendars and clocks: when something is due, and why then."""
