"""Work measured inside a process: each probe prints what it took, its own start and imports left out."""
