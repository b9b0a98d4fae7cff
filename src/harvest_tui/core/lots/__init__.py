"""Tax lots: which were opened, used up, moved, and which are missing."""
