"""Question flows and scripts: what leads an agent through a matter."""
