"""One file a screen: which widgets, where, and what the keys mean."""
