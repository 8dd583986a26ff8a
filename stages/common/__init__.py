"""What several stages need: policies, chat templates, episodes on disk, errors."""
