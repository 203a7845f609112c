"""Money: amounts and what they are computed from, bounds, credit, charges, plans and bills."""
