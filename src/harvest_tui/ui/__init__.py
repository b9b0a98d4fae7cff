"""What is seen and pressed: draws values, says what the user wants, asks nothing of the world itself."""
