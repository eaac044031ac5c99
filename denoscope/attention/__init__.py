"""Where the words of a prompt were seen: maps of a finished run, films and figures of them."""
