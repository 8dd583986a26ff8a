"""How fast policies play, against others on the same machine in the same run."""
