"""What klplint records about a file: frozen, typed, serialisable. Imports no other package."""
