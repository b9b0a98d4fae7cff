"""What the screen looked like when it was left, kept in config.toml."""

from __future__ import annotations

from pathlib import Path

from harvest_tui.table_settings import UNTOUCHED, TableChoices


class TableMemory:
    """Reads once, writes what changed. `choices` are the latest that were kept."""

    def __init__(self, path: Path, choices: TableChoices = UNTOUCHED, theme: str = "") -> None:
        self._path = path
        self.theme = theme
        self.choices = choices

    def keep(self, choices: TableChoices) -> None:
        """Writes the choices that differ from those last kept; one that is as by default is taken out.

        Raises InputError where the file can only be changed by hand, StoreError where the disk refuses.
        """
        from harvest_tui.settings_file import Value, set_choice

        old, self.choices = self.choices, choices
        for key in ("columns", "sort", "descending", "group"):
            now = getattr(choices, key)
            if now != getattr(old, key):
                value: Value | None = " ".join(now) if isinstance(now, tuple) else now
                set_choice(self._path, ("table", key), None if now == getattr(UNTOUCHED, key) else value)

    def keep_theme(self, name: str) -> None:
        """Writes the theme. Raises as `keep` does."""
        from harvest_tui.settings_file import set_choice

        self.theme = name
        set_choice(self._path, ("theme",), name)
