"""Log interactions with contacts, one by one or for whole segments."""
