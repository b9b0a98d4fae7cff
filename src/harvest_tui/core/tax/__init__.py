"""Federal income tax as far as capital gains and losses decide it: dated tables, netting, liability. Pure."""
