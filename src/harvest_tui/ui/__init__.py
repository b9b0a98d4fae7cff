"""What is seen and pressed: draws values, says what the user wants, asks nothing of the world itself."""

import os

os.environ.setdefault("TEXTUAL_FPS", "240")
"""So often Textual looks whether there is anything to paint. Our own frames are fewer; it is what a key may wait."""
