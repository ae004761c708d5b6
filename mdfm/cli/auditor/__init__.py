"""The auditor's desk: entries, verification, exports and checks."""
