"""One file a widget: takes values, posts messages, never asks a sibling."""
