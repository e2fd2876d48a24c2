# Apps and all that belongs to them.
