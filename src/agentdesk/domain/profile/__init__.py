"""What is known of a customer: portrait, rights, warnings, and what may be told to whom."""
