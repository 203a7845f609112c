"""Who may open what: passwords and PINs, wrapped keys, a site's vault, and the signatures that a site is known by.

Both sides need it, and it knows the domain alone. What it stands on (argon2, cryptography) is slow to load and is
imported where it is used.
"""

from __future__ import annotations
