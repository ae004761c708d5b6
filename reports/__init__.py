"""What is told: donor statements, the fund overview and the trial balance."""
