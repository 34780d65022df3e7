"""HTTP routes, one module per resource. They translate; the services decide."""
