"""Gap reports over a whole nation of generated people: `make bench-reports`."""
