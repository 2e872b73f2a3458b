"""Staff, dispatched staff, agency and contractor personnel: training, pledge, acknowledgement."""
