"""What tests of a desk are made with: a world, a phone, a centre that follows a script, a hand on the keys, pictures.

`agentdesk.qa.plugin` gives all of it to pytest. The product imports nothing of this room.
"""
