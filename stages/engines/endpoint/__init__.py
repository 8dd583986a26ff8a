"""OpenAI-compatible servers as players: requests, pace, answers that are kept."""
