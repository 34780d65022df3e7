"""Business rules, one module per resource. Nothing here knows about HTTP routes."""
