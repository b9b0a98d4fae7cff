"""What a harvest is worth and which lots to take: costs, value, trigger, the exact choice. Pure."""
