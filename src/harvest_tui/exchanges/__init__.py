"""Everything said to or heard from an exchange."""
