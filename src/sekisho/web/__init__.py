"""Login, roles, base templates, components, problem JSON."""
