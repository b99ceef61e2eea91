"""Where bytes come from, when that is git. Nothing outside of this folder starts a program."""
