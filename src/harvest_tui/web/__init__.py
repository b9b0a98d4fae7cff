"""The monitor in a browser on this machine: who may open it, the page, and the program behind the page."""
