"""SCIM 2.0: HR systems keep people (Users) and units (Groups) up to date, each inside its own subtree."""
