"""Explanations in the words of a person: sections of plain text, to be wrapped wherever they are shown."""
