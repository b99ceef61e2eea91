"""Rules of the organisation in CEL, over each resolved agent; and the door to the CEL library."""
