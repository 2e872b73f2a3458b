"""Lists of people who may be used for a purpose, and who of them still may when they are sent. Source: DESIGN.md section 5."""
