"""Assembly only: settings, URLs, API, command line, jobs."""
