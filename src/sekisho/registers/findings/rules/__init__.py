"""Pure rules of the room: what is an alarm, what is proposed for the map, what waits in a catch-all class."""
