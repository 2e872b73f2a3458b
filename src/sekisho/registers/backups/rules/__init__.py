"""Pure forms and decisions of the backups room."""

ROOM = "sekisho.registers.backups"
