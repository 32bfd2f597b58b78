"""What people type, read into values: the entry form and the filters of the journal."""
