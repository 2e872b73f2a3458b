"""The compiled rule table and its executions: decide one, decide many, SQL, views."""
