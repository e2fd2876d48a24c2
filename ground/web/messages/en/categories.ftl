# Categories, groups, and what staff set up.
