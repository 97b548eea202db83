"""What an import tells and writes."""
