"""Pages where an author puts an assessment together and decides who sits it, when and how."""
