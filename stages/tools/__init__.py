"""What people run beside the study; nothing imports it."""
