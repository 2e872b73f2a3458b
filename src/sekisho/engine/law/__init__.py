"""Law packs as dated data, by edition: exceptions, grounds, deadlines, document validity."""
