"""Real object stores on this machine, what breaks between them and a refresh, and the tables in them."""
