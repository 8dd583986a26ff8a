"""What is played: the contract, one episode's loop, scoring, one folder a game."""
