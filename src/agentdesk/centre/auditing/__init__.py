"""The centre's audit: that no row of evidence was changed, removed, put in or moved; and who saw or did what."""
