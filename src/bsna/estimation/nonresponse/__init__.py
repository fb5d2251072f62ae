"""What those who gave no answer might have said: imputed, and at worst."""
