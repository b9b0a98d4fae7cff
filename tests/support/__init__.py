"""Builders and places that tests share."""
