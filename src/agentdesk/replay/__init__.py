"""Sessions of a desk, recorded without the people in them and played again step by step (docs/REPLAY.md).

The desk knows nothing of this room: a desk that records is another class, chosen where it is opened.
"""
