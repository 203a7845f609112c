"""Branch halls: slots, queues and where the nearest outlet is."""
