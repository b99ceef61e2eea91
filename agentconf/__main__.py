"""`python -m agentconf`."""

from agentconf.cli.entry import run

if __name__ == "__main__":
    run()
