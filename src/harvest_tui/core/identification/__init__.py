"""From the mark to the new lot: plans of marks, dated records of the lots to be sold, and what the fills came to."""
