"""Files that tell facts: our own ledger and the exports of others, read into events."""
