"""What answers what the agent means: which screen or dialog opens, or why none does; no widget, no rule."""
