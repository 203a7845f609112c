"""A desk in a browser, through textual-serve, with a page of its own: nothing is fetched from anywhere else."""
