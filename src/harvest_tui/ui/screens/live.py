"""LiveScreen: a screen that is handed each new frame."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol, cast

from textual.screen import Screen

from harvest_tui.session import SessionView
from harvest_tui.ui.frame import Frame


class Owner(Protocol):
    """What a screen may know of the app."""

    session: SessionView
    frame: Frame


class LiveScreen(Screen[None]):
    """Draws frames while it is on top, and at once when it comes back."""

    AUTO_FOCUS = "RowView"
    ESCAPE_TO_MINIMIZE = False

    @property
    def owner(self) -> Owner:
        """The app, as far as screens know it."""
        return cast(Owner, self.app)

    @abstractmethod
    def draw(self, frame: Frame) -> None:
        """Takes a frame and redraws what it changed."""

    def on_screen_resume(self) -> None:
        """What happened meanwhile is drawn now."""
        self.draw(self.owner.frame)
