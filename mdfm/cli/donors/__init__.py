"""What donors and the public receive: statements, reports and IATI files."""
