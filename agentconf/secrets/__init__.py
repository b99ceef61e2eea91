"""A reference to its value: env, file, fernet and age, one source a file, each read at the last moment."""
